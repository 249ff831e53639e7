package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Expire leaves a bucket to S3's own engine: everything in it expires a day after it was written, in place of any
// lifecycle rules that the bucket has. S3 looks at rules once a day and takes its time, for which it charges nothing.
// Delete markers that have no versions left are a rule of their own, as they cannot be in one with days.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
func (c *Cloud) Expire(ctx context.Context, bucket string) error {
	everything := &types.LifecycleRuleFilter{Prefix: aws.String("")}
	_, err := c.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &bucket, ExpectedBucketOwner: c.account(),
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{
			{
				ID: aws.String("SharedBucketEmptying"), Status: types.ExpirationStatusEnabled, Filter: everything,
				Expiration:                     &types.LifecycleExpiration{Days: aws.Int32(1)},
				NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)},
				AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
			},
			{
				ID: aws.String("SharedBucketDeleteMarkers"), Status: types.ExpirationStatusEnabled, Filter: everything,
				Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
			},
		}},
	})
	return failed(err, "leaving what is in %s to a lifecycle rule", bucket)
}
