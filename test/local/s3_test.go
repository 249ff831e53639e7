package local_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/sharedbucket/test/local"
)

func TestBuckets(t *testing.T) {
	o := bucketOwners{a: account(t), b: account(t)}
	o.name = "bucket-" + o.a.ID
	o.owner, o.other = s3.NewFromConfig(o.a.Config()), s3.NewFromConfig(o.b.Config())
	if _, err := o.owner.CreateBucket(t.Context(), o.creation()); err != nil {
		t.Fatal(err)
	}

	t.Run("there is one owner", o.oneOwner)
	t.Run("a new bucket is closed and encrypted", o.closedAndEncrypted)
	t.Run("bucket policies are checked", o.checkedPolicies)
	t.Run("tags through S3 Control", o.tagsThroughS3Control)
}

// bucketOwners are the owner of a bucket, and another account.
type bucketOwners struct {
	a, b         *local.Account
	name         string
	owner, other *s3.Client
}

func (o bucketOwners) creation() *s3.CreateBucketInput {
	return &s3.CreateBucketInput{
		Bucket:          &o.name,
		ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
			Tags: []s3types.Tag{
				{Key: aws.String("one"), Value: aws.String("1")}, {Key: aws.String("two"), Value: aws.String("")},
			},
		},
	}
}

func (o bucketOwners) oneOwner(t *testing.T) {
	_, err := o.owner.CreateBucket(t.Context(), o.creation())
	wantCode(t, "again", err, "BucketAlreadyOwnedByYou")
	_, err = o.other.CreateBucket(t.Context(), o.creation())
	wantCode(t, "by another account", err, "BucketAlreadyExists")
	_, err = o.owner.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &o.name, ExpectedBucketOwner: &o.a.ID})
	wantCode(t, "HeadBucket", err, "")
	_, err = o.other.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &o.name})
	wantCode(t, "HeadBucket by another account", err, "Forbidden")
	_, err = o.owner.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &o.name, ExpectedBucketOwner: &o.b.ID})
	wantCode(t, "HeadBucket expecting another owner", err, "Forbidden")
	_, err = o.owner.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("missing-" + o.a.ID)})
	wantCode(t, "HeadBucket of none", err, "NotFound")
	_, err = o.owner.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &o.name, ExpectedBucketOwner: &o.b.ID})
	wantCode(t, "GetBucketPolicy expecting another owner", err, "AccessDenied")
	_, err = o.owner.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{
		Bucket: aws.String("missing-" + o.a.ID),
	})
	wantCode(t, "of no bucket", err, "NoSuchBucket")
	_, err = o.other.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: &o.name, Policy: aws.String(bucketPolicy(o.name, o.b.ID)),
	})
	wantCode(t, "PutBucketPolicy by another account", err, "AccessDenied")
}

func (o bucketOwners) closedAndEncrypted(t *testing.T) {
	block, err := o.owner.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: &o.name})
	if err != nil {
		t.Fatal(err)
	}
	on := aws.Bool(true)
	want := &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: on, BlockPublicPolicy: on, IgnorePublicAcls: on, RestrictPublicBuckets: on,
	}
	if diff := cmp.Diff(want, block.PublicAccessBlockConfiguration,
		cmpopts.IgnoreUnexported(s3types.PublicAccessBlockConfiguration{})); diff != "" {
		t.Error(diff)
	}
	ownership, err := o.owner.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: &o.name})
	if err != nil || ownership.OwnershipControls.Rules[0].ObjectOwnership != s3types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership %v %v", ownership, err)
	}
	encryption, err := o.owner.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: &o.name})
	if err != nil ||
		encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm !=
			s3types.ServerSideEncryptionAes256 {
		t.Errorf("encryption %v %v", encryption, err)
	}
	tags, err := o.owner.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: &o.name})
	if err != nil || len(tags.TagSet) != 2 {
		t.Errorf("tags %v %v", tags, err)
	}
	if _, err := o.owner.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{
		Bucket: &o.name,
	}); err != nil {
		t.Error(err)
	}
	_, err = o.owner.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: &o.name})
	wantCode(t, "after its deletion", err, "NoSuchPublicAccessBlockConfiguration")
}

func (o bucketOwners) checkedPolicies(t *testing.T) {
	put := func(policy string) error {
		_, err := o.owner.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &o.name, Policy: &policy})
		return err
	}
	_, err := o.owner.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &o.name})
	wantCode(t, "none", err, "NoSuchBucketPolicy")
	wantCode(t, "a good one", put(bucketPolicy(o.name, o.b.ID)), "")
	got, err := o.owner.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &o.name})
	if err != nil || *got.Policy != bucketPolicy(o.name, o.b.ID) {
		t.Errorf("got %v %v", got, err)
	}
	wantCode(t, "no JSON", put(`{"Version": `), "MalformedPolicy")
	wantCode(t, "another bucket", put(bucketPolicy("other", o.b.ID)), "MalformedPolicy")
	wantCode(t, "a user who does not exist", put(bucketPolicy(o.name, "arn:aws:iam::"+o.b.ID+":user/nobody")),
		"MalformedPolicy")
	wantCode(t, "too long", put(longPolicy(o.name, o.b.ID, 20481)), "MalformedPolicy")
	wantCode(t, "just not too long, with white space that does not count",
		put(longPolicy(o.name, o.b.ID, 20480)+strings.Repeat(" ", 20480)), "")
	if _, err := o.b.CreateUser(t.Context(), "somebody", ""); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a user who exists", put(bucketPolicy(o.name, "arn:aws:iam::"+o.b.ID+":user/somebody")), "")
	if _, err := o.owner.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: &o.name,
		PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicPolicy: aws.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a public one", put(bucketPolicy(o.name, "*")), "AccessDenied")
	if _, err := o.owner.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: &o.name}); err != nil {
		t.Error(err)
	}
}

func (o bucketOwners) tagsThroughS3Control(t *testing.T) {
	control := s3control.NewFromConfig(o.a.Config())
	arn := "arn:aws:s3:::" + o.name
	if _, err := control.TagResource(t.Context(), &s3control.TagResourceInput{AccountId: &o.a.ID, ResourceArn: &arn,
		Tags: []s3controltypes.Tag{{Key: aws.String("three"), Value: aws.String("3")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := control.UntagResource(t.Context(), &s3control.UntagResourceInput{
		AccountId: &o.a.ID, ResourceArn: &arn, TagKeys: []string{"one"},
	}); err != nil {
		t.Fatal(err)
	}
	tags, err := control.ListTagsForResource(t.Context(),
		&s3control.ListTagsForResourceInput{AccountId: &o.a.ID, ResourceArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tag := range tags.Tags {
		got[*tag.Key] = *tag.Value
	}
	if diff := cmp.Diff(map[string]string{"two": "", "three": "3"}, got); diff != "" {
		t.Error(diff)
	}
	_, err = s3control.NewFromConfig(o.b.Config()).TagResource(t.Context(),
		&s3control.TagResourceInput{AccountId: &o.b.ID, ResourceArn: &arn,
			Tags: []s3controltypes.Tag{{Key: aws.String("x"), Value: aws.String("y")}}})
	wantCode(t, "by another account", err, "AccessDenied")
}

func TestObjects(t *testing.T) {
	e := encryptedBucketOf(t, account(t))
	t.Run("without headers the default applies", e.theDefaultApplies)
	t.Run("aws:kms without a key is the managed key", e.theManagedKey)
	t.Run("SSE-S3 when asked for", e.sseS3)
	t.Run("a checksum is kept", e.checksum)
	t.Run("SSE-C is blocked", e.sseC)
	t.Run("nothing without its key", e.nothingWithoutItsKey)
	t.Run("a bucket with versions is not empty", e.notEmpty)
}

// encryptedBucket is a bucket with versions whose default is a key of KMS.
type encryptedBucket struct {
	a      *local.Account
	name   string
	client *s3.Client
	arn    string // the key's
}

func encryptedBucketOf(t *testing.T, a *local.Account) encryptedBucket {
	t.Helper()
	e := encryptedBucket{a: a, name: "objects-" + a.ID}
	e.client = createBucket(t, a, e.name)
	key, err := kms.NewFromConfig(e.a.Config()).CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	e.arn = *key.KeyMetadata.Arn
	if _, err := e.client.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: &e.name,
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
					SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &e.arn,
				},
				BucketKeyEnabled: aws.Bool(true),
				BlockedEncryptionTypes: &s3types.BlockedEncryptionTypes{
					EncryptionType: []s3types.EncryptionType{s3types.EncryptionTypeSseC},
				},
			}}}}); err != nil {
		t.Fatal(err)
	}
	got, err := e.client.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: &e.name})
	if err != nil {
		t.Fatal(err)
	}
	rule := got.ServerSideEncryptionConfiguration.Rules[0]
	if *rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID != e.arn || !*rule.BucketKeyEnabled ||
		rule.BlockedEncryptionTypes == nil || rule.BlockedEncryptionTypes.EncryptionType[0] != s3types.EncryptionTypeSseC {
		t.Errorf("encryption came back as %+v", rule)
	}
	if _, err := e.client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &e.name,
		VersioningConfiguration: &s3types.VersioningConfiguration{
			Status: s3types.BucketVersioningStatusEnabled,
		}}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e encryptedBucket) put(t *testing.T, input s3.PutObjectInput) (*s3.HeadObjectOutput, error) {
	input.Bucket, input.Key, input.Body = &e.name, aws.String("folder/ä key+ü"), strings.NewReader("content")
	if _, err := e.client.PutObject(t.Context(), &input); err != nil {
		return nil, err
	}
	return e.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &e.name, Key: input.Key})
}

func (e encryptedBucket) theDefaultApplies(t *testing.T) {
	head, err := e.put(t, s3.PutObjectInput{})
	if err != nil {
		t.Fatal(err)
	}
	if head.ServerSideEncryption != s3types.ServerSideEncryptionAwsKms || aws.ToString(head.SSEKMSKeyId) != e.arn ||
		!aws.ToBool(head.BucketKeyEnabled) {
		t.Errorf("object has %s %s %v", head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId),
			aws.ToBool(head.BucketKeyEnabled))
	}
}

func (e encryptedBucket) theManagedKey(t *testing.T) {
	head, err := e.put(t, s3.PutObjectInput{ServerSideEncryption: s3types.ServerSideEncryptionAwsKms})
	if err != nil {
		t.Fatal(err)
	}
	if id := aws.ToString(head.SSEKMSKeyId); id == e.arn ||
		!strings.HasPrefix(id, "arn:aws:kms:"+shared.Region+":"+e.a.ID+":key/") {
		t.Errorf("object has key %s", id)
	}
}

func (e encryptedBucket) sseS3(t *testing.T) {
	head, err := e.put(t, s3.PutObjectInput{ServerSideEncryption: s3types.ServerSideEncryptionAes256})
	if err != nil {
		t.Fatal(err)
	}
	if head.ServerSideEncryption != s3types.ServerSideEncryptionAes256 || head.SSEKMSKeyId != nil {
		t.Errorf("object has %s %s", head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId))
	}
}

func (e encryptedBucket) checksum(t *testing.T) {
	sum := sha256.Sum256([]byte("content"))
	text := base64.StdEncoding.EncodeToString(sum[:])
	if _, err := e.put(t, s3.PutObjectInput{ChecksumSHA256: &text}); err != nil {
		t.Fatal(err)
	}
	head, err := e.client.HeadObject(t.Context(), &s3.HeadObjectInput{
		Bucket: &e.name, Key: aws.String("folder/ä key+ü"), ChecksumMode: s3types.ChecksumModeEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "checksum", aws.ToString(head.ChecksumSHA256), text)
	_, err = e.put(t, s3.PutObjectInput{ChecksumSHA256: aws.String("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")})
	wantCode(t, "the checksum of other content", err, "BadDigest")
}

func (e encryptedBucket) sseC(t *testing.T) {
	_, err := e.put(t, s3.PutObjectInput{SSECustomerAlgorithm: aws.String("AES256"),
		SSECustomerKey:    aws.String("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="),
		SSECustomerKeyMD5: aws.String("Mz+Hjr1tXzWqcQkCZDjYMw==")})
	wantCode(t, "put", err, "AccessDenied")
}

func (e encryptedBucket) nothingWithoutItsKey(t *testing.T) {
	keys := kms.NewFromConfig(e.a.Config())
	if _, err := e.put(t, s3.PutObjectInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &e.arn}); err != nil {
		t.Fatal(err)
	}
	_, err := e.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &e.name, Key: aws.String("folder/ä key+ü")})
	wantCode(t, "read", err, "KMS.DisabledException")
	_, err = e.put(t, s3.PutObjectInput{})
	wantCode(t, "write", err, "KMS.DisabledException")
	if _, err := keys.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &e.arn}); err != nil {
		t.Fatal(err)
	}
}

func (e encryptedBucket) notEmpty(t *testing.T) {
	if _, err := e.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: &e.name, Key: aws.String("folder/ä key+ü"),
	}); err != nil {
		t.Fatal(err)
	}
	_, err := e.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &e.name})
	wantCode(t, "with versions and a delete marker", err, "BucketNotEmpty")
	versions, err := e.client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &e.name})
	if err != nil {
		t.Fatal(err)
	}
	if len(versions.Versions) != 5 || len(versions.DeleteMarkers) != 1 {
		t.Errorf("%d versions, %d delete markers", len(versions.Versions), len(versions.DeleteMarkers))
	}
	var objects []s3types.ObjectIdentifier
	for _, version := range versions.Versions {
		objects = append(objects, s3types.ObjectIdentifier{Key: version.Key, VersionId: version.VersionId})
	}
	deleted, err := e.client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: &e.name, Delete: &s3types.Delete{Objects: objects},
	})
	if err != nil || len(deleted.Errors) > 0 {
		t.Fatal(err, deleted)
	}
	_, err = e.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &e.name})
	wantCode(t, "with a delete marker only", err, "BucketNotEmpty")
	marker := versions.DeleteMarkers[0]
	if _, err := e.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: &e.name, Key: marker.Key, VersionId: marker.VersionId,
	}); err != nil {
		t.Fatal(err)
	}
	_, err = e.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &e.name})
	wantCode(t, "empty", err, "")
	_, err = e.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &e.name})
	wantCode(t, "again", err, "NoSuchBucket")
}

// longPolicy is a bucket policy of exactly so many bytes.
func longPolicy(bucket, principal string, size int) string {
	policy := func(id string) string {
		return strings.Replace(bucketPolicy(bucket, principal), "{", `{"Id":"`+id+`",`, 1)
	}
	return policy(strings.Repeat("x", size-len(policy(""))))
}

func bucketPolicy(bucket, principal string) string {
	return local.Document(map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": principal}, "Action": "s3:GetObject",
		"Resource": "arn:aws:s3:::" + bucket + "/*",
	})
}

func TestListingOfVersionsGoesOnAfterAPlace(t *testing.T) {
	name := "listed-after-a-place"
	client := createBucket(t, account(t), name)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  &name,
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	must(err)
	for _, key := range []string{"b", "b", "d"} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key})
		must(err)
	}
	for marker, want := range map[string]int{"a": 3, "b": 1, "c": 1, "d": 0, "e": 0} {
		page, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &name, KeyMarker: &marker})
		if err != nil || len(page.Versions) != want {
			t.Errorf("after %s: %d versions, want %d: %v", marker, len(page.Versions), want, err)
		}
	}
	var latest []bool
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &name, MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		must(err)
		latest = append(latest, *page.Versions[0].IsLatest)
		// What was listed may be deleted before the next page is asked for.
		_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{
			Bucket: &name, Key: page.Versions[0].Key, VersionId: page.Versions[0].VersionId,
		})
		must(err)
	}
	want(t, "the latest of their keys, one to a page", latest, []bool{true, true, true})
}

// Whoever looks while a bucket is created finds none, or finds it with its tags, by which the provider tells whose
// it is.
func TestNobodySeesABucketWithoutItsTags(t *testing.T) {
	a := account(t)
	client := s3.NewFromConfig(a.Config())
	for n := range 30 {
		name := fmt.Sprintf("tagged-%s-%d", a.ID, n)
		created := make(chan error)
		go func() {
			_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
				Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
					LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
					Tags:               []s3types.Tag{{Key: aws.String("one"), Value: aws.String("1")}},
				},
			})
			created <- err
		}()
		for there := false; !there; {
			_, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: &name})
			if there = errorCode(err) != "NoSuchBucket"; there && err != nil {
				t.Errorf("bucket %d: %v", n, err)
			}
		}
		if err := <-created; err != nil {
			t.Fatal(err)
		}
	}
}
