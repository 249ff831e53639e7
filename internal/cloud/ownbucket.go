package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ownBucket asks S3 about a bucket of one account, for what observes a share and for a survey alike. An error is AWS's
// own, also that the bucket has none of what was asked for: those who ask know what that means to them. Somebody else's
// bucket is refused because of ExpectedBucketOwner.
type ownBucket struct {
	s3          *s3.Client
	name, owner string
}

func (c *Cloud) ownBucket(name string) ownBucket { return ownBucket{c.s3, name, c.env.Account} }

func (s *Survey) ownBucket(name string) ownBucket { return ownBucket{s.s3, name, s.env.Account} }

func (b ownBucket) policy(ctx context.Context) (string, error) {
	out, err := b.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.name, ExpectedBucketOwner: &b.owner})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Policy), nil
}

func (b ownBucket) tags(ctx context.Context) (map[string]string, error) {
	out, err := b.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.name, ExpectedBucketOwner: &b.owner})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.TagSet {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}
