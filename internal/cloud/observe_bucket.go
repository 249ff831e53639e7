package cloud

import (
	"context"
	"slices"

	"example.com/sharedbucket/internal/plan"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// findBucket is the bucket's configuration, nil when there is no such bucket.
func (c *Cloud) findBucket(ctx context.Context, name string, expected bool) (*plan.Bucket, error) {
	b := &plan.Bucket{}
	if !expected {
		if there, err := c.readTags(ctx, name, b); err != nil || !there || b.Foreign {
			return present(b, there), err
		}
	}
	readers := []bucketReader{
		c.readPolicy, c.readEncryption, c.readPublicAccessBlock, c.readOwnership, c.readVersioning,
	}
	if expected {
		readers = append(readers, c.readTags)
	}
	g, gctx := together(ctx)
	there := make([]bool, len(readers))
	for i, read := range readers {
		g.Go(func() (err error) {
			there[i], err = read(gctx, name, b)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return present(b, !slices.Contains(there, false)), nil
}

// bucketReader reads a part of a bucket's configuration into it, and says whether there is such a bucket.
type bucketReader func(ctx context.Context, name string, b *plan.Bucket) (there bool, err error)

func present(b *plan.Bucket, there bool) *plan.Bucket {
	if !there {
		return nil
	}
	return b
}

// reading sorts the outcome of a read: whether the bucket is there, and an error only when it is neither gone nor just
// without what was asked for. Somebody else's bucket is refused because of ExpectedBucketOwner.
func reading(err error, what, name string, none ...string) (there bool, _ error) {
	switch {
	case err == nil || has(err, none...):
		return true, nil
	case has(err, noSuchBucket, notFound):
		return false, nil
	}
	return true, failed(err, "reading %s of bucket %s", what, name)
}

// readTags also tells whose bucket it is: with ExpectedBucketOwner, another account's bucket is refused. So is one whose
// policy keeps the provider out; the two look the same.
func (c *Cloud) readTags(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if has(err, accessDenied) {
		b.Foreign = true
		return true, nil
	}
	if err == nil {
		b.Tags = map[string]string{}
		for _, t := range out.TagSet {
			b.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return reading(err, "tags", name, noSuchTagSet)
}

func (c *Cloud) readPolicy(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if err == nil {
		b.Policy = aws.ToString(out.Policy)
	}
	return reading(err, "the policy", name, noSuchBucketPolicy)
}

func (c *Cloud) readEncryption(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if err == nil && out.ServerSideEncryptionConfiguration != nil {
		for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
			b.Encryption = encryptionOf(rule)
		}
	}
	return reading(err, "the default encryption", name, noEncryption)
}

func encryptionOf(rule types.ServerSideEncryptionRule) plan.BucketEncryption {
	e := plan.BucketEncryption{BucketKey: aws.ToBool(rule.BucketKeyEnabled)}
	if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
		e.Algorithm, e.KeyARN = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
	}
	if blocked := rule.BlockedEncryptionTypes; blocked != nil {
		for _, t := range blocked.EncryptionType {
			switch t {
			case types.EncryptionTypeSseC:
				e.SSECBlocked = true
			case types.EncryptionTypeNone:
			default:
				e.OtherBlocked = append(e.OtherBlocked, string(t))
			}
		}
	}
	return e
}

func (c *Cloud) readPublicAccessBlock(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if err == nil {
		if p := out.PublicAccessBlockConfiguration; p != nil {
			b.AccessBlocked = aws.ToBool(p.BlockPublicAcls) && aws.ToBool(p.BlockPublicPolicy) &&
				aws.ToBool(p.IgnorePublicAcls) && aws.ToBool(p.RestrictPublicBuckets)
		}
	}
	return reading(err, "the public access block", name, noPublicAccessBlock)
}

func (c *Cloud) readOwnership(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if err == nil && out.OwnershipControls != nil {
		for _, rule := range out.OwnershipControls.Rules {
			b.OwnerEnforced = rule.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
		}
	}
	return reading(err, "the ownership controls", name, noOwnershipControls)
}

func (c *Cloud) readVersioning(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name, ExpectedBucketOwner: c.account()})
	if err == nil {
		b.Versioning = string(out.Status)
	}
	return reading(err, "versioning", name)
}

// countObjects counts object versions and delete markers, up to most; more says that it stopped there.
func (c *Cloud) countObjects(ctx context.Context, name string, most int) (n int, more bool, err error) {
	pages := s3.NewListObjectVersionsPaginator(c.s3, &s3.ListObjectVersionsInput{
		Bucket: &name, ExpectedBucketOwner: c.account(), MaxKeys: aws.Int32(int32(min(most, 1000))),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, false, failed(err, "counting the objects of bucket %s", name)
		}
		if n += len(page.Versions) + len(page.DeleteMarkers); n >= most {
			return n, pages.HasMorePages(), nil
		}
	}
	return n, false, nil
}
