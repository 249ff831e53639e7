package cloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
)

// protection reads the settings without which somebody may get in, which a proof reads back. Encryption is read
// wherever a share is looked at, as it leads to the key.
func (c *Cloud) protection() []bucketReader {
	return []bucketReader{c.readPublicAccessBlock, c.readOwnership}
}

// otherSettings reads the rest.
func (c *Cloud) otherSettings() []bucketReader { return []bucketReader{c.readVersioning} }

// putSetting writes a setting of a bucket that may be new.
func (a *application) putSetting(ctx context.Context, s plan.Step) error {
	return newBucket.wait(ctx, func(ctx context.Context) error {
		switch v := s.Setting.(type) {
		case setting.AccessBlocked:
			return a.putPublicAccessBlock(ctx, &s.Resource)
		case setting.OwnerEnforced:
			return a.putOwnershipControls(ctx, &s.Resource)
		case setting.Versioning:
			return a.putVersioning(ctx, &s.Resource, v)
		case setting.Encryption:
			return a.putEncryption(ctx, &s.Resource, v)
		}
		return fmt.Errorf("unknown setting %T", s.Setting)
	})
}

func (c *Cloud) readEncryption(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{
		Bucket: &name, ExpectedBucketOwner: c.account(),
	})
	if err == nil && out.ServerSideEncryptionConfiguration != nil {
		for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
			b.Encryption = encryptionOf(rule)
		}
	}
	return reading(err, "the default encryption", name, noEncryption)
}

func encryptionOf(rule types.ServerSideEncryptionRule) setting.Encryption {
	e := setting.Encryption{BucketKey: aws.ToBool(rule.BucketKeyEnabled)}
	if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
		e.Algorithm, e.KeyID = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
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
	out, err := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{
		Bucket: &name, ExpectedBucketOwner: c.account(),
	})
	if err == nil {
		if p := out.PublicAccessBlockConfiguration; p != nil {
			b.AccessBlocked = setting.AccessBlocked(aws.ToBool(p.BlockPublicAcls) && aws.ToBool(p.BlockPublicPolicy) &&
				aws.ToBool(p.IgnorePublicAcls) && aws.ToBool(p.RestrictPublicBuckets))
		}
	}
	return reading(err, "the public access block", name, noPublicAccessBlock)
}

func (c *Cloud) readOwnership(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{
		Bucket: &name, ExpectedBucketOwner: c.account(),
	})
	if err == nil && out.OwnershipControls != nil {
		for _, rule := range out.OwnershipControls.Rules {
			b.OwnerEnforced = rule.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
		}
	}
	return reading(err, "the ownership controls", name, noOwnershipControls)
}

func (c *Cloud) readVersioning(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	out, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{
		Bucket: &name, ExpectedBucketOwner: c.account(),
	})
	if err == nil {
		b.Versioning = setting.Versioning(out.Status)
	}
	return reading(err, "versioning", name)
}

func (c *Cloud) putPublicAccessBlock(ctx context.Context, bucket *string) error {
	_, err := c.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: bucket, ExpectedBucketOwner: c.account(),
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true),
			IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	return err
}

func (c *Cloud) putOwnershipControls(ctx context.Context, bucket *string) error {
	_, err := c.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: bucket, ExpectedBucketOwner: c.account(),
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{
			{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced},
		}},
	})
	return err
}

func (c *Cloud) putVersioning(ctx context.Context, bucket *string, v setting.Versioning) error {
	_, err := c.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: bucket, ExpectedBucketOwner: c.account(),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatus(v)},
	})
	return err
}

func (c *Cloud) putEncryption(ctx context.Context, bucket *string, e setting.Encryption) error {
	var blocked []types.EncryptionType
	for _, b := range e.Blocked() {
		blocked = append(blocked, types.EncryptionType(b))
	}
	_, err := c.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: bucket, ExpectedBucketOwner: c.account(),
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
					SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &e.KeyID,
				},
				BucketKeyEnabled:       aws.Bool(true),
				BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: blocked},
			}},
		},
	})
	return because(err, malformedXML, cannotBlock, "%s %s", setting.PutBucketEncryption, *bucket)
}
