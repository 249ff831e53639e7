package cloud

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/existing"
)

// existingAtOnce is how many objects are asked about, or re-encrypted, at the same time.
const existingAtOnce = 32

// Existing looks at up to a number of the object versions in a bucket, until stop is done. A listing does not say how
// an object is encrypted, so that each version is asked about.
func (c *Cloud) Existing(
	ctx, stop context.Context, bucket, keyARN string, upTo int,
) (found existing.Found, err error) {
	var marker types.DeleteMarkerEntry // its Key and VersionId are where the listing goes on
	for looked := 0; ; {
		page, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
			Bucket: &bucket, ExpectedBucketOwner: c.account(), EncodingType: types.EncodingTypeUrl,
			MaxKeys: aws.Int32(int32(min(1000, upTo-looked))), KeyMarker: marker.Key, VersionIdMarker: marker.VersionId,
		})
		if err != nil {
			return found, failed(err, "listing what is in %s", bucket)
		}
		looked += len(page.Versions) + len(page.DeleteMarkers)
		objects, decode := make([]existing.Object, 0, len(page.Versions)), decoder(page.EncodingType)
		for _, v := range page.Versions {
			objects = append(objects, existing.Object{Key: decode(v.Key), Version: aws.ToString(v.VersionId)})
		}
		if err := c.askAbout(ctx, stop, bucket, keyARN, objects, &found); err != nil {
			return found, err
		}
		more := aws.ToBool(page.IsTruncated)
		if !more || stop.Err() != nil || looked >= upTo {
			found.More = found.More || more
			return found, nil
		}
		marker.Key, marker.VersionId = given(decode(page.NextKeyMarker)), page.NextVersionIdMarker
	}
}

// askAbout asks how object versions are encrypted. Those that there is no time for are more than was looked at.
func (c *Cloud) askAbout(
	ctx, stop context.Context, bucket, keyARN string, objects []existing.Object, found *existing.Found,
) error {
	var mu sync.Mutex
	return each(objects, func(o existing.Object) error {
		if stop.Err() != nil {
			mu.Lock()
			defer mu.Unlock()
			found.More = true
			return nil
		}
		answer, err := c.headersOf(ctx, bucket, o)
		mu.Lock()
		defer mu.Unlock()
		if found.Add(o, answer, keyARN) {
			return nil
		}
		return failed(err, "asking how the objects of %s are encrypted", bucket)
	})
}

// each makes calls for objects, some at the same time.
func each(objects []existing.Object, call func(existing.Object) error) error {
	var g group
	g.SetLimit(existingAtOnce)
	for _, o := range objects {
		g.Go(func() error { return call(o) })
	}
	return g.Wait()
}

// headersOf asks for the headers of an object version.
func (c *Cloud) headersOf(ctx context.Context, bucket string, o existing.Object) (existing.Answer, error) {
	head, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &bucket, ExpectedBucketOwner: c.account(), Key: &o.Key, VersionId: given(o.Version),
	})
	a := answerOf(err)
	if err == nil {
		a.Algorithm, a.KeyARN = string(head.ServerSideEncryption), aws.ToString(head.SSEKMSKeyId)
	}
	return a, err
}

// answerOf is the answer that an error comes from, and 200 for none.
func answerOf(err error) existing.Answer {
	if err == nil {
		return existing.Answer{Status: http.StatusOK}
	}
	return existing.Answer{Status: status(err), Code: Code(err)}
}

// status is the HTTP status that an error comes from, 0 for none.
func status(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// ReEncrypt puts object versions under a key, until stop is done. Their data is not copied; ETag and dates stay.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
func (c *Cloud) ReEncrypt(
	ctx, stop context.Context, bucket, keyARN string, objects []existing.Object,
) (done existing.Done, err error) {
	var mu sync.Mutex
	err = each(objects, func(o existing.Object) error {
		if stop.Err() != nil {
			mu.Lock()
			defer mu.Unlock()
			done.Left++
			return nil
		}
		_, err := c.s3.UpdateObjectEncryption(ctx, &s3.UpdateObjectEncryptionInput{
			Bucket: &bucket, ExpectedBucketOwner: c.account(), Key: &o.Key, VersionId: given(o.Version),
			ObjectEncryption: &types.ObjectEncryptionMemberSSEKMS{Value: types.SSEKMSEncryption{
				KMSKeyArn: &keyARN, BucketKeyEnabled: aws.Bool(true),
			}},
		})
		mu.Lock()
		defer mu.Unlock()
		if done.Add(o, answerOf(err)) {
			return nil
		}
		return failed(err, "putting the objects of %s under its key", bucket)
	})
	return done, err
}
