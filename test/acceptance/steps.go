package acceptance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/sharedbucket/internal/share"
)

// bucketName is one of the buckets of this run.
func (s *fixture) bucketName(which string) string { return s.name + "-" + which }

func (s *fixture) deployProviders(ctx context.Context) error {
	for _, a := range []*account{s.a, s.b} {
		token := "/sharedbucket/service-token"
		out, err := ssm.NewFromConfig(a.config).GetParameter(ctx, &ssm.GetParameterInput{Name: &token})
		if err == nil {
			return fmt.Errorf("account %s has a provider, %s: use an account without one", a.id, *out.Parameter.Value)
		}
		if codeOf(err) != "ParameterNotFound" {
			return err
		}
		bucket, key, err := s.uploadCode(ctx, a)
		if err != nil {
			return err
		}
		if err := s.stack(a, s.name+"-provider").mustCreate(ctx, "templates/provider.yaml", parameters{
			"CodeBucket": bucket, "CodeKey": key, "Architecture": s.Arch,
			"BucketArns": "arn:*:s3:::" + Prefix + "*", "AdoptableBucketArns": "arn:*:s3:::" + Prefix + "*",
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *fixture) uploadCode(ctx context.Context, a *account) (bucket, key string, err error) {
	sum := sha256.Sum256(s.Zip)
	bucket, key = s.bucketName("code-"+a.id[8:]), hex.EncodeToString(sum[:])+".zip"
	if err := s.makeBucket(ctx, a, bucket); err != nil {
		return "", "", err
	}
	_, err = client3(a.config).PutObject(whole(ctx),
		&s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(s.Zip)})
	return bucket, key, err
}

// makeBucket makes a bucket by hand, to be emptied and deleted in the end.
func (s *fixture) makeBucket(ctx context.Context, a *account, bucket string) error {
	in := &s3.CreateBucketInput{Bucket: &bucket}
	if a.config.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(a.config.Region),
		}
	}
	if _, err := client3(a.config).CreateBucket(whole(ctx), in); err != nil {
		return fmt.Errorf("making bucket %s: %w", bucket, err)
	}
	s.later(func(ctx context.Context) error { return s.dropBucket(ctx, a, bucket) })
	return nil
}

// dropBucket empties a bucket of this run and deletes it. One that is gone already is no error.
func (s *fixture) dropBucket(ctx context.Context, a *account, bucket string) error {
	client := client3(a.config)
	for pages := s3.NewListObjectVersionsPaginator(client,
		&s3.ListObjectVersionsInput{Bucket: &bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if codeOf(err) == "NoSuchBucket" {
			return nil
		}
		if err != nil {
			return err
		}
		for _, v := range page.Versions {
			if _, err := client.DeleteObject(ctx,
				&s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId}); err != nil {
				return err
			}
		}
		for _, v := range page.DeleteMarkers {
			if _, err := client.DeleteObject(ctx,
				&s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId}); err != nil {
				return err
			}
		}
	}
	_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	if codeOf(err) == "NoSuchBucket" {
		return nil
	}
	return err
}

func (s *fixture) makePeople(ctx context.Context) (err error) {
	if s.ann, err = s.user(ctx, s.a, "ann"); err != nil {
		return err
	}
	if err = s.team(ctx, s.ann); err != nil {
		return err
	}
	if s.dilip, err = s.user(ctx, s.b, "dilip"); err != nil {
		return err
	}
	s.eve, err = s.user(ctx, s.b, "eve")
	return err
}

func (s *fixture) consumerParameters(bucket string) parameters {
	return parameters{"BucketName": bucket, "OwnerAccount": s.a.id, "GranteeUsers": s.dilip.name}
}

func (s *fixture) ownerParameters(bucket string) parameters {
	return parameters{
		"BucketName": bucket, "ConsumerAccounts": s.b.id, "DelegateGroups": s.teamName(), "RemovalPolicy": "Retain",
		"DeletionWindowInDays": "7",
	}
}

// consumerFirst notes what KMS says of another account's alias that is not there yet.
func (s *fixture) consumerFirst(ctx context.Context) error {
	bucket := s.bucketName("shared")
	env := share.Env{Partition: partition(s.A.Region), Region: s.A.Region, Account: s.b.id}
	_, err := kms.NewFromConfig(s.b.config).DescribeKey(ctx, &kms.DescribeKeyInput{
		KeyId: aws.String(env.AliasARN(s.a.id, share.DefaultAlias(bucket))),
	})
	code := codeOf(err)
	s.report.note(code == "NotFoundException" || code == "AccessDeniedException" || code == "AccessDenied", code,
		"kms:DescribeKey on another account's missing alias answers NotFoundException or AccessDeniedException")
	return s.stack(s.b, s.name+"-consumer").mustCreate(ctx, "templates/consumer.yaml", s.consumerParameters(bucket))
}

func partition(region string) string {
	for prefix, partition := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov"} {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}

func (s *fixture) walkthrough(ctx context.Context) error {
	bucket := s.bucketName("shared")
	s.retained(bucket)
	if err := s.stack(s.a, s.name+"-owner").mustCreate(ctx, "templates/owner.yaml", s.ownerParameters(bucket)); err !=
		nil {
		return err
	}
	return errors.Join(
		s.mustCan(ctx, s.ann, bucket, "put get list", "a delegate of the owner account"),
		s.mustCan(ctx, s.dilip, bucket, "put get list", "a grantee of the consumer account, whose side was deployed first"),
		s.mustCan(ctx, s.eve, bucket, "", "a user of the consumer account without a policy"),
	)
}

// retained has a bucket that stays when its stack goes deleted in the end.
func (s *fixture) retained(bucket string) {
	s.later(func(ctx context.Context) error { return s.dropBucket(ctx, s.a, bucket) })
	s.later(func(ctx context.Context) error { return s.dropKey(ctx, bucket) })
}

func (s *fixture) dropKey(ctx context.Context, bucket string) error {
	client := kms.NewFromConfig(s.a.config)
	alias := share.DefaultAlias(bucket)
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	if codeOf(err) == "NotFoundException" {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = client.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: &alias})
	if out.KeyMetadata.DeletionDate != nil {
		return err
	}
	_, scheduled := client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
		KeyId: out.KeyMetadata.KeyId, PendingWindowInDays: aws.Int32(7),
	})
	return errors.Join(err, scheduled)
}

func (s *fixture) writeOtherwise(ctx context.Context) error {
	bucket := s.bucketName("shared")
	key := "from-" + s.dilip.name
	head, err := s.ann.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	want := s.stack(s.a, s.name+"-owner").output(ctx, "KeyArn")
	s.report.note(aws.ToString(head.SSEKMSKeyId) == want, aws.ToString(head.SSEKMSKeyId),
		"a write without encryption headers, by another account, is encrypted with the share's key")
	s.mustRefuse(ctx, s.dilip, bucket, "with S3's own encryption", clear)
	s.mustRefuse(ctx, s.dilip, bucket, "with aws:kms and no key", unnamed)
	return nil
}

func (s *fixture) failedChange(ctx context.Context) error {
	bucket := s.bucketName("shared")
	p := s.ownerParameters(bucket)
	p["DelegateGroups"] = s.name + "-nobody"
	owner := s.stack(s.a, s.name+"-owner")
	status, err := owner.update(ctx, "templates/owner.yaml", p)
	if err != nil {
		return err
	}
	s.report.note(status == "UPDATE_ROLLBACK_COMPLETE", status, "an update that fails is rolled back")
	return s.mustCan(ctx, s.ann, bucket, "put get list", "after the roll-back as before")
}

func (s *fixture) replacement(ctx context.Context) error {
	next := s.bucketName("next")
	s.retained(next)
	status, err := s.stack(s.a, s.name+"-owner").update(ctx, "templates/owner.yaml", s.ownerParameters(next))
	if err != nil {
		return err
	}
	s.report.note(status == "UPDATE_COMPLETE", status, "another BucketName is a replacement")
	return errors.Join(
		s.mustCan(ctx, s.ann, next, "put get list", "a delegate, on the new bucket"),
		s.mustCan(ctx, s.ann, s.bucketName("shared"), "", "the bucket that was replaced lets nobody in"),
	)
}

func (s *fixture) removal(ctx context.Context) error {
	next := s.bucketName("next")
	err := errors.Join(
		s.stack(s.b, s.name+"-consumer").delete(ctx),
		s.stack(s.a, s.name+"-owner").delete(ctx),
	)
	if err != nil {
		return err
	}
	_, err = client3(s.a.config).HeadObject(ctx, &s3.HeadObjectInput{Bucket: &next, Key: aws.String("from-" + s.ann.name)})
	s.report.note(err == nil, fmt.Sprint(err), "with RemovalPolicy Retain the objects stay")
	return s.mustCan(ctx, s.ann, next, "", "after the share is gone")
}

// adoption shares a bucket that somebody made by hand, with a statement of his own in its policy.
func (s *fixture) adoption(ctx context.Context) error {
	bucket := s.bucketName("adopted")
	if err := s.makeBucket(ctx, s.a, bucket); err != nil {
		return err
	}
	theirs := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*",`+
		`"Action":"s3:DeleteBucket","Resource":"arn:%s:s3:::%s"}]}`, partition(s.A.Region), bucket)
	client := client3(s.a.config)
	if _, err := client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &theirs}); err != nil {
		return err
	}
	// Their statement forbids what the clean-up has to do.
	s.later(func(ctx context.Context) error {
		_, err := client.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &bucket})
		return err
	})
	s.later(func(ctx context.Context) error { return s.dropKey(ctx, bucket) })
	adopted := s.stack(s.a, s.name+"-adopted")
	if err := adopted.mustCreate(ctx, "test/acceptance/adopted.yaml",
		parameters{"BucketName": bucket, "ConsumerAccount": s.b.id}); err != nil {
		return err
	}
	if err := adopted.delete(ctx); err != nil {
		return err
	}
	out, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	if err != nil {
		return err
	}
	s.report.note(strings.Contains(*out.Policy, "Theirs") && !strings.Contains(*out.Policy, "SharedBucket"), *out.Policy,
		"a statement of somebody else outlives the share of an adopted bucket")
	return nil
}
