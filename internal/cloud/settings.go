package cloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
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

// keySettings reads the settings of a key.
func (c *Cloud) keySettings() []keyReader { return []keyReader{c.readRotation} }

// putSetting writes a setting of a bucket or key, which may be new.
func (a *application) putSetting(ctx context.Context, s plan.Step) error {
	causes := []lateness{newBucket}
	if s.Setting.Names().On == setting.Key {
		causes = a.causes(s)
	}
	return waitFor(ctx, func(ctx context.Context) error {
		switch v := s.Setting.(type) {
		case setting.AccessBlocked:
			return a.putPublicAccessBlock(ctx, &s.Resource)
		case setting.OwnerEnforced:
			return a.putOwnershipControls(ctx, &s.Resource)
		case setting.Versioning:
			return a.putVersioning(ctx, &s.Resource, v)
		case setting.Encryption:
			return a.putEncryption(ctx, &s.Resource, v)
		case setting.Rotation:
			return a.enableRotation(ctx, &s.Resource, v)
		}
		return fmt.Errorf("unknown setting %T", s.Setting)
	}, causes...)
}

func (c *Cloud) readEncryption(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	now, err := c.ownBucket(name).encryption(ctx)
	if err == nil {
		b.Encryption = now
	}
	return reading(err, "the default encryption", name, noEncryption)
}

func (b ownBucket) encryption(ctx context.Context) (e setting.Encryption, _ error) {
	out, err := b.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.owner,
	})
	if err != nil || out.ServerSideEncryptionConfiguration == nil {
		return e, err
	}
	for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
		e = encryptionOf(rule)
	}
	return e, nil
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
	all, _, err := c.ownBucket(name).accessBlock(ctx)
	if err == nil {
		b.AccessBlocked = all
	}
	return reading(err, "the public access block", name, noPublicAccessBlock)
}

// accessBlock says of Block Public Access of the bucket whether all of it is on, and whether the part is that keeps
// others out under a policy that is public.
func (b ownBucket) accessBlock(ctx context.Context) (all setting.AccessBlocked, restricts bool, _ error) {
	out, err := b.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.owner,
	})
	if err != nil || out.PublicAccessBlockConfiguration == nil {
		return false, false, err
	}
	p := out.PublicAccessBlockConfiguration
	restricts = aws.ToBool(p.RestrictPublicBuckets)
	all = setting.AccessBlocked(restricts && aws.ToBool(p.BlockPublicAcls) && aws.ToBool(p.BlockPublicPolicy) &&
		aws.ToBool(p.IgnorePublicAcls))
	return all, restricts, nil
}

func (c *Cloud) readOwnership(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	now, err := c.ownBucket(name).ownerEnforced(ctx)
	if err == nil {
		b.OwnerEnforced = now
	}
	return reading(err, "the ownership controls", name, noOwnershipControls)
}

func (b ownBucket) ownerEnforced(ctx context.Context) (is setting.OwnerEnforced, _ error) {
	out, err := b.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.owner,
	})
	if err != nil || out.OwnershipControls == nil {
		return false, err
	}
	for _, rule := range out.OwnershipControls.Rules {
		is = rule.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
	}
	return is, nil
}

func (c *Cloud) readVersioning(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	now, err := c.ownBucket(name).versioning(ctx)
	if err == nil {
		b.Versioning = now
	}
	return reading(err, "versioning", name)
}

func (b ownBucket) versioning(ctx context.Context) (setting.Versioning, error) {
	out, err := b.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.owner,
	})
	if err != nil {
		return "", err
	}
	return setting.Versioning(out.Status), nil
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
	byDefault := &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryption(e.Algorithm)}
	if e.KeyID != "" {
		byDefault.KMSMasterKeyID = &e.KeyID
	}
	_, err := c.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: bucket, ExpectedBucketOwner: c.account(),
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: byDefault,
				BucketKeyEnabled:                   aws.Bool(e.BucketKey),
				BlockedEncryptionTypes:             &types.BlockedEncryptionTypes{EncryptionType: blocked},
			}},
		},
	})
	return because(err, malformedXML, cannotBlock, "%s %s", setting.PutBucketEncryption, *bucket)
}

// readRotation reads 0 of a key that waits for its deletion: KMS says that it is not rotated.
func (c *Cloud) readRotation(ctx context.Context, k *plan.Key) error {
	if !k.Rotates() {
		k.Rotation = setting.NoRotation
		return nil
	}
	out, err := c.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &k.ARN})
	if err != nil {
		return failed(err, "reading the rotation of %s", k.ARN)
	}
	if out.KeyRotationEnabled {
		k.Rotation = setting.Rotation(aws.ToInt32(out.RotationPeriodInDays))
	}
	return nil
}

func (c *Cloud) enableRotation(ctx context.Context, key *string, days setting.Rotation) error {
	_, err := c.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{
		KeyId: key, RotationPeriodInDays: aws.Int32(int32(days)),
	})
	return err
}
