package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// contents is what a bucket is filled with.
type contents struct {
	objects, versions int
	locked            int // of the objects: under a legal hold
}

// filler makes buckets with contents, and looks what is left of these.
type filler interface {
	fill(context.Context, contents) (bucket string, err error)
	left(ctx context.Context, bucket string) (versions int, err error)
}

// made counts buckets, for their names.
var made atomic.Int64

func newName() string { return fmt.Sprintf("bench-%d", made.Add(1)) }

// server is one S3 server, without latency.
type server struct {
	*s3.Client
}

func newServer(address string) *server {
	return &server{Client: s3.New(s3.Options{
		BaseEndpoint: &address, UsePathStyle: true, Region: region,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})}
}

// fill makes a bucket with contents. Keys look like those of a busy pipeline: a folder for each day, and a digest.
func (s *server) fill(ctx context.Context, c contents) (bucket string, err error) {
	bucket = newName()
	in := &s3.CreateBucketInput{Bucket: &bucket}
	if c.locked > 0 {
		in.ObjectLockEnabledForBucket = aws.Bool(true)
	}
	if _, err = s.CreateBucket(ctx, in); err != nil {
		return "", err
	}
	_, err = s.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil && c.locked == 0 {
		return "", err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i := range c.objects {
		g.Go(func() error { return s.put(ctx, bucket, i, c) })
	}
	return bucket, g.Wait()
}

func key(i int) string {
	return fmt.Sprintf("events/2026/%02d/%02d/%08x.json", i%12+1, i%28+1, uint32(i)*2654435761)
}

func (s *server) put(ctx context.Context, bucket string, i int, c contents) error {
	k := key(i)
	for range c.versions {
		_, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &k, Body: strings.NewReader("x")})
		if err != nil {
			return err
		}
	}
	if i >= c.locked {
		return nil
	}
	_, err := s.PutObjectLegalHold(ctx, &s3.PutObjectLegalHoldInput{
		Bucket: &bucket, Key: &k, LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn},
	})
	return err
}

// left counts the versions and delete markers that are in a bucket.
func (s *server) left(ctx context.Context, bucket string) (n int, err error) {
	pages := s3.NewListObjectVersionsPaginator(s.Client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, err
		}
		n += len(page.Versions) + len(page.DeleteMarkers)
		if aws.ToString(page.NextKeyMarker) == "" {
			return n, nil
		}
	}
	return n, nil
}
