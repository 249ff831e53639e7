package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"example.com/sharedbucket/internal/share"
)

// What lies in an adopted bucket stays under SSE-S3, and what is written from then on is under the bucket's key.
func TestExistingObjectsAreCounted(t *testing.T) {
	owner := newAccount(t)
	bucket := "archive-" + newBucket() // which the provider may adopt, and not create
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

// A bucket that holds more than the function looks at is re-encrypted by a job of S3 Batch Operations, which is started
// once, followed, and ends with its share. Delete markers count as what is looked at, and cost nothing to make.
func TestAJobForABucketThatHoldsMuch(t *testing.T) {
	owner := newAccount(t)
	bucket := newBucket()
	_, err := owner.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &bucket, CreateBucketConfiguration: location(),
	})
	must(t, err)
	_, err = owner.s3().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	must(t, err)
	owner.put(bucket, "a")
	marked := slices.Repeat([]types.ObjectIdentifier{{Key: ptr("a")}}, 1000) // each is one marker more
	for range 6 {
		_, err = owner.s3().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
			Bucket: &bucket, Delete: &types.Delete{Objects: marked, Quiet: ptr(true)},
		})
		must(t, err)
	}
	s := owner.newStack(share.BucketType)
	p := map[string]any{
		"BucketName": bucket, "Adopt": "true", "Encryption": map[string]any{"ExistingObjects": "ReEncrypt"},
	}
	says := func(data map[string]any, want string) string {
		t.Helper()
		got := fmt.Sprint(data["ExistingObjects"])
		if !strings.Contains(got, want) {
			t.Errorf("ExistingObjects is %q, not %q", got, want)
		}
		_, rest, _ := strings.Cut(got, "; job ")
		return strings.Fields(rest + " none")[0]
	}
	job := says(succeeded(t, s.create(p)).Data, "of S3 Batch Operations was started")
	says(succeeded(t, s.update(with(p, map[string]any{"Revision": "2"}))).Data, "job "+job+" is New: 0 of 0 done")
	jobs := func() (all []string) {
		t.Helper()
		for _, c := range owner.calls() {
			if strings.HasSuffix(c.Operation, "Job") || c.Operation == "UpdateJobStatus" {
				all = append(all, c.Operation)
			}
		}
		return all
	}
	want := []string{"CreateJob", "DescribeJob"}
	if got := jobs(); !slices.Equal(got, want) {
		t.Errorf("calls %v, not %v", got, want)
	}
	// Its report, which S3 writes under SSE-S3, is let through for the role of jobs alone: nobody else may.
	_, err = owner.s3().PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: ptr(".sharedbucket/jobs/x"), ServerSideEncryption: types.ServerSideEncryptionAes256,
	})
	if err == nil {
		t.Error("a write with another cipher was let through")
	}
	succeeded(t, s.remove())
	if got := jobs(); !slices.Equal(got, append(want, "DescribeJob", "UpdateJobStatus")) {
		t.Errorf("calls %v", got)
	}
	out, err := s3control.NewFromConfig(owner.Config()).DescribeJob(t.Context(), &s3control.DescribeJobInput{
		AccountId: &owner.ID, JobId: &job,
	})
	if err != nil || out.Job.Status != "Cancelled" {
		t.Errorf("after the Delete: %+v, %v", out, err)
	}
}

func wantExisting(t *testing.T, data map[string]any, want string) {
	t.Helper()
	if got := data["ExistingObjects"]; got != want {
		t.Errorf("ExistingObjects is %q, not %q", got, want)
	}
}
