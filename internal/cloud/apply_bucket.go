package cloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"example.com/sharedbucket/internal/plan"
)

// usEast1 is the region without a LocationConstraint.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
const usEast1 = "us-east-1"

// createBucket makes the bucket with its tags in one call, so that it is never there without an owner.
func (a *application) createBucket(ctx context.Context, s plan.Step) error {
	in := &s3.CreateBucketInput{
		Bucket:                    &s.Resource,
		ObjectOwnership:           types.ObjectOwnershipBucketOwnerEnforced,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{Tags: s3Tags(s.Tags)},
	}
	if a.env.Region != usEast1 {
		in.CreateBucketConfiguration.LocationConstraint = types.BucketLocationConstraint(a.env.Region)
	}
	if a.env.AccountRegional(s.Resource) {
		in.BucketNamespace = types.BucketNamespaceAccountRegional
	}
	_, err := a.s3.CreateBucket(ctx, in)
	return err
}

// putBucketPolicy looks once more right before it writes a policy that somebody else may write too: S3 takes the last
// one that comes, and what was planned may bring back whom somebody else has just revoked.
func (a *application) putBucketPolicy(ctx context.Context, s plan.Step) error {
	if err := a.checkBucketPolicy(ctx, s); err != nil {
		return err
	}
	causes, blame := []lateness{newBucket}, refusedDocument
	if s.NewAccounts {
		causes, blame = append(causes, newAccount), unknownAccount
	}
	err := waitFor(ctx, func(ctx context.Context) error {
		_, err := a.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{
			Bucket: &s.Resource, ExpectedBucketOwner: a.account(), Policy: aws.String(s.After.Text()),
		})
		return err
	}, causes...)
	err = because(err, malformedPolicy, blame, "%s %s", s.Operation, s.Resource)
	return because(err, accessDenied, usualCause[accessDenied]+orPublic, "%s %s", s.Operation, s.Resource)
}

func (a *application) checkBucketPolicy(ctx context.Context, s plan.Step) error {
	if s.OursPrefix == "" {
		return nil
	}
	var now plan.Bucket
	if _, err := a.readPolicy(ctx, s.Resource, &now); err != nil {
		return err
	}
	if !s.PlannedFrom(now.Policy) {
		return &plan.Changed{Document: "the bucket policy of " + s.Resource}
	}
	return nil
}

func (a *application) deleteBucketPolicy(ctx context.Context, s plan.Step) error {
	if err := a.checkBucketPolicy(ctx, s); err != nil {
		return err
	}
	_, err := a.s3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{
		Bucket: &s.Resource, ExpectedBucketOwner: a.account(),
	})
	return ignore(err, noSuchBucket)
}

// Tags are written through S3 Control: PutBucketTagging replaces all tags of a bucket, and is refused when the bucket
// uses tags for access control.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
func (a *application) tagBucket(ctx context.Context, s plan.Step) error {
	var tags []controltypes.Tag
	for k, v := range s.Tags {
		tags = append(tags, controltypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return newBucket.wait(ctx, func(ctx context.Context) error {
		_, err := a.s3control.TagResource(ctx, &s3control.TagResourceInput{
			AccountId: a.account(), ResourceArn: aws.String(a.env.BucketARN(s.Resource)), Tags: tags,
		})
		return err
	})
}

func (a *application) untagBucket(ctx context.Context, s plan.Step) error {
	_, err := a.s3control.UntagResource(ctx, &s3control.UntagResourceInput{
		AccountId: a.account(), ResourceArn: aws.String(a.env.BucketARN(s.Resource)), TagKeys: keysOf(s.Tags),
	})
	return ignore(err, noSuchBucket, noSuchResource)
}

// countUpTo is where counting the objects of a bucket that cannot be deleted ends.
const countUpTo = 10000

// NotEmptyError is a bucket that was to be deleted and still holds objects. Nothing of it was deleted.
type NotEmptyError struct {
	Bucket  string
	Objects int  // object versions and delete markers
	More    bool // there are more than Objects
}

func (e *NotEmptyError) Error() string {
	atLeast := ""
	if e.More {
		atLeast = "at least "
	}
	return fmt.Sprintf("DeleteBucket %s: BucketNotEmpty: it holds %s%d object versions and delete markers, "+
		"none was deleted; empty the bucket, or set RemovalPolicy to Retain", e.Bucket, atLeast, e.Objects)
}

func (a *application) deleteBucket(ctx context.Context, s plan.Step) error {
	in := s3.DeleteBucketInput{Bucket: &s.Resource, ExpectedBucketOwner: a.account()}
	_, err := a.s3.DeleteBucket(ctx, &in)
	if has(err, bucketNotEmpty) {
		n, canaries := a.removeCanaries(ctx, s.Resource)
		if canaries != nil {
			return canaries
		}
		if n > 0 {
			_, err = a.s3.DeleteBucket(ctx, &in)
		}
	}
	if !has(err, bucketNotEmpty) {
		return ignore(err, noSuchBucket)
	}
	n, more, countErr := a.countObjects(ctx, s.Resource, countUpTo)
	if countErr != nil {
		return err
	}
	return &NotEmptyError{Bucket: s.Resource, Objects: n, More: more}
}

func s3Tags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for k, v := range tags {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return list
}

func keysOf(tags map[string]string) []string {
	var keys []string
	for k := range tags {
		keys = append(keys, k)
	}
	return keys
}

// ignore is nil for errors that say that what was to be done is done already.
func ignore(err error, codes ...string) error {
	if has(err, codes...) {
		return nil
	}
	return err
}
