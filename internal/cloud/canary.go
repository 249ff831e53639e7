package cloud

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// newDocuments are policies that were written a moment ago, here or in the owner's account.
var newDocuments = lateness{visible, []string{accessDenied, noSuchBucket, "KMS." + kmsNotFound, conditionalConflict}}

// Canary writes, reads and deletes one small object under key in another account's bucket, as it is used: under the
// bucket's own default encryption, which must be with keyARN. What was just written may not count everywhere yet, so a
// refusal is waited out for a while.
func (c *Cloud) Canary(ctx context.Context, a share.Access, keyARN, key string) error {
	n := canary{Cloud: c, access: a, keyARN: keyARN, key: key}
	return c.late(newDocuments).wait(ctx, n.sing)
}

type canary struct {
	*Cloud
	access      share.Access
	keyARN, key string
}

// there sends a call to the bucket's region.
func (n canary) there(o *s3.Options) { o.Region = n.access.Env.Region }

func (n canary) failed(operation string, err error) error {
	doing := fmt.Sprintf("the canary's %s of %s in bucket %s of account %s", operation, n.key, n.access.Bucket,
		n.access.Owner)
	return failed(because(err, accessDenied, n.suspects(operation), "%s", doing), "%s", doing)
}

// suspects are what may have refused a call, the likeliest that nobody sees from here first: whatever is between the
// function and S3, the organizations, the owner's documents, the role.
func (n canary) suspects(operation string) string {
	all := []string{
		"the policy of a VPC endpoint on the function's way to S3",
		"a service control policy of account " + n.env.Account + " or a resource control policy of account " +
			n.access.Owner,
		"the bucket policy, where a statement SharedBucketCanary… must let the provider's role in: the owner's share must " +
			"be deployed with Canary, or Canary be false here too",
	}
	if action := canaryKeyAction[operation]; action != "" {
		all = append(all, "the policy of key "+n.keyARN+", which must let it use "+action)
	}
	return "look, in this order, at " + strings.Join(append(all, "the statements of the provider's role itself"), "; ")
}

// canaryKeyAction is what S3 asks of the key for an operation.
var canaryKeyAction = map[string]string{"PutObject": "kms:GenerateDataKey", "GetObject": "kms:Decrypt"}

// sing tries once. What an earlier canary left, which was cut off, is deleted first. What is written is deleted
// whatever comes of the rest.
func (n canary) sing(ctx context.Context) error {
	version, err := n.put(ctx)
	if has(err, preconditionFailed) {
		if err := n.removeLeft(ctx); err != nil {
			return err
		}
		version, err = n.put(ctx)
	}
	if err != nil {
		if Code(err) == "" { // S3 gave no answer, and may have written it all the same
			_ = notCutOff(ctx, n.removeLeft)
		}
		return err
	}
	got, err := n.get(ctx)
	if err == nil {
		err = n.failed("GetObject", got.Problem(n.keyARN))
	}
	gone := notCutOff(ctx, func(ctx context.Context) error { return n.delete(ctx, version) })
	return cmp.Or(err, gone)
}

// notCutOff does something though the time may be over: what is left behind would be in the way when the bucket is to
// be deleted.
func notCutOff(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return do(ctx)
}

// removeLeft deletes the object that is there already.
func (n canary) removeLeft(ctx context.Context) error {
	left, err := n.get(ctx)
	if err != nil {
		return err
	}
	return n.delete(ctx, left.version)
}

// put writes the object unless there is one. S3 says which version it became; where versioning was never on, null is
// what S3 calls the only one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func (n canary) put(ctx context.Context) (version string, err error) {
	out, err := n.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &n.access.Bucket, Key: &n.key, ExpectedBucketOwner: &n.access.Owner, IfNoneMatch: aws.String("*"),
		Body: bytes.NewReader([]byte(proof.CanaryText)), ContentType: aws.String("text/plain"),
	}, n.there)
	if err != nil {
		return "", n.failed("PutObject", err)
	}
	return versionOf(out.VersionId), nil
}

func versionOf(id *string) string {
	if id == nil {
		return "null"
	}
	return *id
}

// sung is the object as it was read.
type sung struct {
	proof.CanaryObject
	version string
}

func (n canary) get(ctx context.Context) (sung, error) {
	out, err := n.s3.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &n.access.Bucket, Key: &n.key, ExpectedBucketOwner: &n.access.Owner,
	}, n.there)
	if err != nil {
		return sung{}, n.failed("GetObject", err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(io.LimitReader(out.Body, 2*int64(len(proof.CanaryText))))
	return sung{
		CanaryObject: proof.CanaryObject{
			Text: string(text), Algorithm: string(out.ServerSideEncryption), KeyARN: aws.ToString(out.SSEKMSKeyId),
		},
		version: versionOf(out.VersionId),
	}, n.failed("GetObject", err)
}

func (n canary) delete(ctx context.Context, version string) error {
	_, err := n.s3.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: &n.access.Bucket, Key: &n.key, ExpectedBucketOwner: &n.access.Owner, VersionId: &version,
	}, n.there)
	return n.failed("DeleteObject", err)
}

// removeCanaries deletes what canaries left in a bucket of this account when they were cut off, and says how much that
// was. Nothing else that may be there looks like it.
func (c *Cloud) removeCanaries(ctx context.Context, bucket string) (n int, err error) {
	out, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &bucket, ExpectedBucketOwner: c.account(), Prefix: aws.String(document.CanaryFolder),
	})
	if err != nil {
		return 0, failed(err, "looking for canaries in bucket %s", bucket)
	}
	for _, v := range out.Versions {
		if !isCanary(v) {
			continue
		}
		_, err := c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{
			Bucket: &bucket, Key: v.Key, VersionId: v.VersionId, ExpectedBucketOwner: c.account(),
		})
		if err != nil {
			return n, failed(err, "deleting canary %s of bucket %s", aws.ToString(v.Key), bucket)
		}
		n++
	}
	return n, nil
}

// isCanary says whether a version is what a canary left.
func isCanary(v types.ObjectVersion) bool {
	return document.LeftByCanary(aws.ToString(v.Key), aws.ToInt64(v.Size))
}
