package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/share"
)

// What lies in an adopted bucket stays under SSE-S3, and what is written from then on is under the bucket's key.
func TestExistingObjectsAreCounted(t *testing.T) {
	owner := newSite(t)
	bucket := newBucket()
	_, err := owner.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &bucket, CreateBucketConfiguration: location(),
	})
	must(t, err)
	owner.put(bucket, "a")
	owner.put(bucket, "b c+d")
	s := owner.newStack(share.BucketType)
	p := map[string]any{"BucketName": bucket, "Adopt": "true"}
	answer := succeeded(t, s.create(p))
	wantExisting(t, answer.Data, "2 object versions: 2 under SSE-S3")
	if answer.Data["Verified"] != "true" {
		t.Errorf("Verified is %v", answer.Data["Verified"])
	}
	owner.put(bucket, "new")
	_, err = owner.s3().PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: ptr("aws/s3"), ServerSideEncryption: types.ServerSideEncryptionAes256,
	})
	if err == nil {
		t.Error("a write with another cipher was let through")
	}
	answer = succeeded(t, s.update(with(p, map[string]any{"Revision": "2"})))
	wantExisting(t, answer.Data, "3 object versions: 1 under the bucket's key, 2 under SSE-S3")
	succeeded(t, s.remove())
	if _, err := owner.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: ptr("a")}); err != nil {
		t.Errorf("the adopted bucket lost an object: %v", err)
	}
}

func wantExisting(t *testing.T, data map[string]any, want string) {
	t.Helper()
	if got := data["ExistingObjects"]; got != want {
		t.Errorf("ExistingObjects is %q, not %q", got, want)
	}
}
