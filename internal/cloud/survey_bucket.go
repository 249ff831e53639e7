package cloud

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy/grammar"
)

// Owns says whether the account has a bucket of that name, and in which region. A refusal means that it has not, or
// that the caller may not know.
func (s *Survey) Owns(ctx context.Context, bucket string) (region string, owns bool, err error) {
	out, err := s.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &s.env.Account})
	switch {
	case err == nil:
		return aws.ToString(out.BucketRegion), true, nil
	case has(err, notFound, noSuchBucket, "Forbidden", accessDenied):
		return "", false, nil
	case has(err, permanentRedirect, "MovedPermanently"):
		return "", true, nil // its region is another one: the caller says which
	}
	return "", false, failed(err, "looking for bucket %s", bucket)
}

// Bucket reads a bucket of the account, with its key. The error is about calls that failed otherwise than for lack of
// permission.
func (s *Survey) Bucket(ctx context.Context, name string) (proof.Bucket, []proof.Unread) {
	b := proof.Bucket{Name: name, Region: s.env.Region, Owner: s.env.Account, Protection: &proof.Protection{}}
	missed := s.together([]partReader{
		{proof.BucketPolicy, func() error { return s.readBucketPolicy(ctx, name, &b) }},
		{proof.PublicAccessBlock, func() error { return s.readBlock(ctx, name, &b) }},
		{proof.Ownership, func() error { return s.readOwnership(ctx, name, &b) }},
		{proof.BucketEncryption, func() error { return s.readEncryption(ctx, name, &b) }},
	})
	unknown := func(u proof.Unread) bool { return u.Part == proof.BucketEncryption }
	if b.Key == nil || slices.ContainsFunc(missed, unknown) {
		return b, missed
	}
	return b, append(missed, s.together([]partReader{
		{proof.KeyPolicy, func() error { return s.readKeyPolicy(ctx, b.Key) }},
		{proof.KeyAliases, func() error { return s.readAliases(ctx, b.Key) }},
	})...)
}

// partReader reads a part into fields that no other reading of its group writes.
type partReader struct {
	part proof.Part
	read func() error
}

// together reads at the same time, and returns what could not be read.
func (s *Survey) together(reads []partReader) []proof.Unread {
	errs := make([]error, len(reads))
	sideBySide(len(reads), func(i int) { errs[i] = reads[i].read() })
	var missed []proof.Unread
	for i, err := range errs {
		if err != nil {
			missed = append(missed, unread(reads[i].part, s.env.Account, err))
		}
	}
	return missed
}

func (s *Survey) readKeyPolicy(ctx context.Context, k *proof.Key) error {
	out, err := s.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.ARN}, inRegionOf(k.ARN))
	if err != nil {
		return err
	}
	k.Policy = proof.ResourcePolicy(aws.ToString(out.Policy), grammar.KeyPolicy)
	return nil
}

func (s *Survey) readBucketPolicy(ctx context.Context, name string, b *proof.Bucket) error {
	text, err := s.ownBucket(name).policy(ctx)
	b.Policy = proof.ResourcePolicy(text, grammar.BucketPolicy)
	return ignore(err, noSuchBucketPolicy)
}

func (s *Survey) readOwnership(ctx context.Context, name string, b *proof.Bucket) error {
	now, err := s.ownBucket(name).ownerEnforced(ctx)
	b.Protection.OwnerEnforced = bool(now)
	return ignore(err, noOwnershipControls)
}

// readBlock reads Block Public Access of the bucket and of its account: the stricter of the two counts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func (s *Survey) readBlock(ctx context.Context, name string, b *proof.Bucket) error {
	own, restricts, err := s.ownBucket(name).accessBlock(ctx)
	if err != nil && !has(err, noPublicAccessBlock) {
		return err
	}
	b.Protection.AccessBlocked, b.RestrictPublicBuckets = bool(own), restricts
	if b.RestrictPublicBuckets {
		return nil // nothing that the account's setting could add
	}
	all, err := s.s3control.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &s.env.Account})
	if err == nil && all.PublicAccessBlockConfiguration != nil {
		b.RestrictPublicBuckets = aws.ToBool(all.PublicAccessBlockConfiguration.RestrictPublicBuckets)
	}
	return ignore(err, noPublicAccessBlock)
}

// readEncryption reads the default encryption and finds the key behind it, which may be written as an id or alias.
func (s *Survey) readEncryption(ctx context.Context, name string, b *proof.Bucket) error {
	e, err := s.ownBucket(name).encryption(ctx)
	if err != nil {
		return ignore(err, noEncryption)
	}
	b.Protection.Algorithm, b.Protection.SSECBlocked, b.BucketKeyEnabled = e.Algorithm, e.SSECBlocked, e.BucketKey
	named := e.Key()
	if named == "" {
		return nil
	}
	b.Key = &proof.Key{ARN: named}
	key, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &named}, inRegionOf(named))
	if err != nil {
		return err
	}
	b.Key.ARN = aws.ToString(key.KeyMetadata.Arn)
	b.Key.AWSManaged = string(key.KeyMetadata.KeyManager) == "AWS"
	return nil
}

func (s *Survey) readAliases(ctx context.Context, k *proof.Key) (err error) {
	k.Aliases, err = aliasesOf(ctx, s.kms, k.ARN, inRegionOf(k.ARN))
	return err
}

// Key is the key behind a name as this account may see it: "" where it may not.
func (s *Survey) Key(ctx context.Context, name string) string {
	out, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name}, inRegionOf(name))
	if err != nil {
		return ""
	}
	return aws.ToString(out.KeyMetadata.Arn)
}
