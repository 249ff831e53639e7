package cloud

import (
	"context"
	"net/url"
	"runtime/debug"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/empty"
)

// emptyingMemory is what the process is to get along with while it empties a bucket. Without a limit, Go lets what is
// no longer needed grow to the size of what is.
const emptyingMemory = 44 << 20

// Empty deletes what is in a bucket, as far as it gets until stop is done: see package empty.
func (c *Cloud) Empty(ctx, stop context.Context, bucket string, from empty.Checkpoint) (empty.Checkpoint, error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(emptyingMemory))
	left, err := empty.Empty(ctx, stop, contents{Cloud: c, bucket: &bucket}, from)
	if has(err, noSuchBucket) {
		return empty.Checkpoint{Report: left.Report}, nil
	}
	return left, failed(err, "emptying %s", bucket)
}

// Count counts what is left to be deleted of a bucket, up to a number and until stop is done.
func (c *Cloud) Count(
	ctx, stop context.Context, bucket string, from empty.Checkpoint, upTo int,
) (versions int, all bool, err error) {
	versions, all, err = empty.Count(ctx, stop, contents{Cloud: c, bucket: &bucket}, from, upTo)
	return versions, all, failed(err, "counting what is in %s", bucket)
}

// contents is what is in a bucket.
type contents struct {
	*Cloud
	bucket *string
}

// once leaves trying again to package empty, which also makes fewer calls at once then.
func once(o *s3.Options) { o.Retryer = aws.NopRetryer{} }

// passing tells errors that pass by themselves, as the SDK's own retryer would.
var passing = retry.IsErrorRetryables(slices.Concat(retry.DefaultRetryables, []retry.IsErrorRetryable{
	retry.RetryableErrorCode{Codes: map[string]struct{}{operationAborted: {}}},
}))

// busy marks errors that pass by themselves.
func busy(err error) error {
	if err != nil && passing.IsErrorRetryable(err) == aws.TrueTernary {
		return &empty.Busy{Err: err}
	}
	return err
}

// ListVersions asks for keys in the encoding of URLs: XML 1.0 cannot carry every character that a key may have.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
func (c contents) ListVersions(ctx context.Context, prefix string, after empty.Marker) (empty.Page, error) {
	out, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(), EncodingType: types.EncodingTypeUrl,
		Prefix: given(prefix), KeyMarker: given(after.Key), VersionIdMarker: given(after.Version),
	}, once)
	if err != nil {
		return empty.Page{}, busy(err)
	}
	decode := decoder(out.EncodingType)
	page := empty.Page{Entries: make([]empty.Version, 0, len(out.Versions)+len(out.DeleteMarkers))}
	for _, v := range out.Versions {
		page.Entries = append(page.Entries, empty.Version{Key: decode(v.Key), ID: aws.ToString(v.VersionId)})
	}
	for _, m := range out.DeleteMarkers {
		page.Entries = append(page.Entries, empty.Version{Key: decode(m.Key), ID: aws.ToString(m.VersionId)})
	}
	if page.More = aws.ToBool(out.IsTruncated); page.More {
		page.Next = empty.Marker{Key: decode(out.NextKeyMarker), Version: aws.ToString(out.NextVersionIdMarker)}
	}
	if page.More && page.Next.Key == "" {
		page.Next = lastOf(page.Entries)
	}
	return page, nil
}

// ListFolders lists what keys have up to the next slash.
func (c contents) ListFolders(ctx context.Context, prefix string, after empty.Marker) (empty.Folders, error) {
	out, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(), EncodingType: types.EncodingTypeUrl, Delimiter: aws.String("/"),
		Prefix: given(prefix), KeyMarker: given(after.Key), VersionIdMarker: given(after.Version),
	}, once)
	if err != nil {
		return empty.Folders{}, busy(err)
	}
	decode := decoder(out.EncodingType)
	found := empty.Folders{
		Plain: len(out.Versions)+len(out.DeleteMarkers) > 0, More: aws.ToBool(out.IsTruncated),
	}
	for _, p := range out.CommonPrefixes {
		found.Names = append(found.Names, decode(p.Prefix))
	}
	return found, nil
}

// lastOf is where to go on for a server that does not say it: at the last key. Some of its versions may come again.
func lastOf(entries []empty.Version) empty.Marker {
	var last empty.Version
	for _, e := range entries {
		if e.Key > last.Key {
			last = e
		}
	}
	return empty.Marker{Key: last.Key, Version: last.ID}
}

// decoder undoes the encoding of an answer, "" for none.
func decoder(t types.EncodingType) func(*string) string {
	if t != types.EncodingTypeUrl {
		return aws.ToString
	}
	return func(s *string) string {
		decoded, err := url.QueryUnescape(aws.ToString(s))
		if err != nil {
			return aws.ToString(s)
		}
		return decoded
	}
}

// given is nil for "": S3 takes an empty marker as one that is wrong.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (c contents) DeleteVersions(ctx context.Context, versions []empty.Version) ([]empty.Failure, error) {
	ids := make([]types.ObjectIdentifier, len(versions))
	for i := range versions {
		ids[i] = types.ObjectIdentifier{Key: &versions[i].Key, VersionId: given(versions[i].ID)}
	}
	out, err := c.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(),
		Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
	}, once)
	if err != nil {
		return nil, busy(err)
	}
	var failures []empty.Failure
	for _, e := range out.Errors {
		failures = append(failures, empty.Failure{
			Key: aws.ToString(e.Key), Version: aws.ToString(e.VersionId),
			Code: aws.ToString(e.Code), Message: aws.ToString(e.Message),
		})
	}
	return failures, nil
}

func (c contents) DeleteVersion(ctx context.Context, v empty.Version) (*empty.Failure, error) {
	_, err := c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(), Key: &v.Key, VersionId: given(v.ID),
	}, once)
	return refused(err, v.Key, v.ID)
}

func (c contents) ListUploads(ctx context.Context, after empty.Upload) (empty.UploadPage, error) {
	out, err := c.s3.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(), EncodingType: types.EncodingTypeUrl,
		KeyMarker: given(after.Key), UploadIdMarker: given(after.ID),
	}, once)
	if has(err, noSuchUpload) { // what some servers say when there is none
		return empty.UploadPage{}, nil
	}
	if err != nil {
		return empty.UploadPage{}, busy(err)
	}
	decode := decoder(out.EncodingType)
	page := empty.UploadPage{More: aws.ToBool(out.IsTruncated)}
	for _, u := range out.Uploads {
		page.Uploads = append(page.Uploads, empty.Upload{Key: decode(u.Key), ID: aws.ToString(u.UploadId)})
	}
	page.Next = empty.Upload{Key: decode(out.NextKeyMarker), ID: aws.ToString(out.NextUploadIdMarker)}
	return page, nil
}

func (c contents) AbortUpload(ctx context.Context, u empty.Upload) (*empty.Failure, error) {
	_, err := c.s3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: c.bucket, ExpectedBucketOwner: c.account(), Key: &u.Key, UploadId: &u.ID,
	}, once)
	return refused(ignore(err, noSuchUpload), u.Key, u.ID)
}

// refused makes a failure of an error that concerns one object alone.
func refused(err error, key, id string) (*empty.Failure, error) {
	if has(err, accessDenied) {
		return &empty.Failure{Key: key, Version: id, Code: accessDenied, Message: err.Error()}, nil
	}
	return nil, busy(err)
}
