package versity_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/versity"
)

// server is a running server, as its tests and the function reach it.
type server struct {
	*testing.T
	*s3.Client
	cloud *cloud.Cloud
}

func newServer(t *testing.T) server {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no other S3 server")
	}
	program, err := versity.Build(t.Context(), t.TempDir())
	must(t, err)
	address, stop, err := versity.Start(context.WithoutCancel(t.Context()), program)
	if stop != nil {
		t.Cleanup(stop)
	}
	must(t, err)
	config := aws.Config{
		Region: versity.Region, BaseEndpoint: aws.String("http://" + address),
		Credentials: credentials.NewStaticCredentialsProvider(versity.AccessKey, versity.SecretKey, ""),
	}
	env := share.Env{Partition: "aws", Region: versity.Region, Account: versity.AccessKey}
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	return server{T: t, Client: client, cloud: cloud.New(config, env)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s server) bucket(name string, lock bool) {
	s.Helper()
	_, err := s.CreateBucket(s.Context(), &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: &lock})
	must(s.T, err)
	_, err = s.PutBucketVersioning(s.Context(), &s3.PutBucketVersioningInput{
		Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	must(s.T, err)
}

func (s server) put(bucket, key string) {
	s.Helper()
	_, err := s.PutObject(s.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")})
	must(s.T, err)
}

// empties empties a bucket to the end.
func (s server) empties(bucket string) empty.Report {
	s.Helper()
	left, err := s.cloud.Empty(s.Context(), s.Context(), bucket, empty.Everything())
	must(s.T, err)
	if !left.Done() {
		s.Errorf("it ended with something left: %+v", left)
	}
	return left.Report
}

// More than a page, with folders, versions, a delete marker, keys that need encoding, and an unfinished upload.
func TestEmptying(t *testing.T) {
	s, bucket := newServer(t), "to-be-emptied"
	s.bucket(bucket, false)
	for i := range 1100 {
		s.put(bucket, fmt.Sprintf("logs/2026/%02d/%04d", i%7+1, i))
	}
	odd := []string{"a b+c%d", "é/中", "a&<b>\"'", "logs/plain"}
	for _, key := range odd {
		s.put(bucket, key)
		s.put(bucket, key)
	}
	_, err := s.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &odd[0]})
	must(t, err)
	_, err = s.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: aws.String("u")})
	must(t, err)
	if r := s.empties(bucket); r.Deleted != 1100+2*len(odd)+1 || r.Aborted != 1 || r.Failed != 0 {
		t.Errorf("report is %+v", r)
	}
	_, err = s.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket})
	must(t, err)
}

func TestWhatCannotBeDeletedIsReported(t *testing.T) {
	s, bucket := newServer(t), "with-holds"
	s.bucket(bucket, true)
	for i := range 6 {
		s.put(bucket, fmt.Sprint("object-", i))
	}
	for _, key := range []string{"object-2", "object-4"} {
		_, err := s.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{
			Bucket: &bucket, Key: &key, LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn},
		})
		must(t, err)
	}
	r := s.empties(bucket)
	if r.Deleted != 4 || r.Failed != 2 || !strings.Contains(r.Undeletable(), `"object-4"`) {
		t.Errorf("report is %+v: %s", r, r.Undeletable())
	}
}
