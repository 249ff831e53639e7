package cloud

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/policy"
)

// bucket is the bucket's configuration as far as it matters, nil when there is no such bucket.
func (o *observation) bucket(ctx context.Context, want plan.Wanted) *plan.Bucket {
	name, tags := want.Share.Bucket, []bucketReader{o.readTags}
	rest := []bucketReader{o.readPolicy, o.readEncryption}
	if want.Configures() {
		rest = slices.Concat(rest, o.protection(), o.otherSettings())
	}
	if want.ExpectsBucket() {
		return o.bucketParts(ctx, name, nil, append(tags, rest...))
	}
	b := o.bucketParts(ctx, name, nil, tags)
	if b == nil && want.DoubtsGone() {
		b = o.bucketParts(ctx, name, nil, append(tags, o.readPolicy))
	}
	if !want.Concerns(b) {
		return b
	}
	return o.bucketParts(ctx, name, b, rest)
}

// bucketReader reads a part of a bucket's configuration into it, and says whether there is such a bucket.
type bucketReader func(ctx context.Context, name string, b *plan.Bucket) (there bool, err error)

// bucketParts reads parts of a bucket, on top of those in known. A bucket that was made or deleted a moment ago is
// there for some readers and not for others: then all are asked again until they agree, as one stale answer must never
// lead to a new bucket, nor to the end of a share.
func (o *observation) bucketParts(
	ctx context.Context, name string, known *plan.Bucket, readers []bucketReader,
) *plan.Bucket {
	ctx, cancel := context.WithTimeout(ctx, visible)
	defer cancel()
	for pause := firstPause; ; pause = longer(pause) {
		b := &plan.Bucket{}
		if known != nil {
			*b = *known
		}
		there, errs := readAll(ctx, name, b, readers)
		switch {
		case b.Foreign:
			return b // everything else is refused as well
		case there == 0 && known == nil:
			return nil
		case there == len(readers) || !sleep(ctx, pause):
			if there < len(readers) {
				errs = append(errs, fmt.Errorf("reading bucket %s: S3 says that it is there and that it is not", name))
			}
			for _, err := range errs {
				o.failed(err, "reading bucket %s", name)
			}
			return b
		}
		if known != nil {
			known, readers = nil, append(readers, o.readTags)
		}
	}
}

// readAll reads parts of a bucket at the same time. It counts the readers for which the bucket is there.
func readAll(ctx context.Context, name string, b *plan.Bucket, readers []bucketReader) (there int, errs []error) {
	found, failures := make([]bool, len(readers)), make([]error, len(readers))
	var g group
	for i, read := range readers {
		g.Do(func() { found[i], failures[i] = read(ctx, name, b) })
	}
	g.done()
	for i := range readers {
		if found[i] {
			there++
		}
		if failures[i] != nil {
			errs = append(errs, failures[i])
		}
	}
	return there, errs
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

// readTags also tells whose bucket it is: with ExpectedBucketOwner, another account's bucket is refused. So is one
// whose policy keeps the provider out; the two look the same.
func (c *Cloud) readTags(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	tags, err := c.ownBucket(name).tags(ctx)
	b.OtherRegion = has(err, permanentRedirect, wrongRegionInHeader, illegalLocation)
	if b.Foreign = b.OtherRegion || has(err, accessDenied); b.Foreign {
		return true, nil
	}
	if err == nil {
		b.Tags = tags
	}
	return reading(err, "tags", name, noSuchTagSet)
}

func (c *Cloud) readPolicy(ctx context.Context, name string, b *plan.Bucket) (bool, error) {
	text, err := c.ownBucket(name).policy(ctx)
	if err == nil {
		b.Policy, err = policy.ReadStored(text)
	}
	return reading(err, "the policy", name, noSuchBucketPolicy)
}

// holdsObjects says whether a bucket has any object version or delete marker.
func (o *observation) holdsObjects(ctx context.Context, name string) bool {
	n, _, err := o.countObjects(ctx, name, 1)
	if err != nil && !has(err, noSuchBucket) {
		o.failed(err, "counting the objects of bucket %s", name)
	}
	return n > 0
}

// countObjects counts object versions and delete markers, up to most; more says that it stopped there. What canaries
// left does not count.
func (c *Cloud) countObjects(ctx context.Context, name string, most int) (n int, more bool, err error) {
	pages := s3.NewListObjectVersionsPaginator(c.s3, &s3.ListObjectVersionsInput{
		Bucket: &name, ExpectedBucketOwner: c.account(), MaxKeys: aws.Int32(int32(min(most, 1000))),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, false, failed(err, "counting the objects of bucket %s", name)
		}
		canaries := len(page.Versions) - len(slices.DeleteFunc(slices.Clone(page.Versions), isCanary))
		if n += len(page.Versions) + len(page.DeleteMarkers) - canaries; n >= most {
			return n, pages.HasMorePages(), nil
		}
	}
	return n, false, nil
}
