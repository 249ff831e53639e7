package local_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"sharedbucket/local"
)

// code is what AWS calls an error: its code, or the status when there is no body to hold one.
func errorCode(err error) string {
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError" {
		return api.ErrorCode()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return fmt.Sprint(response.HTTPStatusCode())
	}
	return err.Error()
}

func wantCode(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := errorCode(err); got != want {
		t.Errorf("%s: %q, want %q (%v)", what, got, want, err)
	}
}

func createBucket(t *testing.T, a *local.Account, name string) *s3.Client {
	t.Helper()
	client := s3.NewFromConfig(a.Config())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &name,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
		},
	}); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestBuckets(t *testing.T) {
	a, b := account(t), account(t)
	ctx := t.Context()
	name := "bucket-" + a.ID
	owner, other := s3.NewFromConfig(a.Config()), s3.NewFromConfig(b.Config())
	create := &s3.CreateBucketInput{
		Bucket:          &name,
		ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
			Tags:               []s3types.Tag{{Key: aws.String("one"), Value: aws.String("1")}, {Key: aws.String("two"), Value: aws.String("")}},
		},
	}
	if _, err := owner.CreateBucket(ctx, create); err != nil {
		t.Fatal(err)
	}

	t.Run("there is one owner", func(t *testing.T) {
		_, err := owner.CreateBucket(ctx, create)
		wantCode(t, "again", err, "BucketAlreadyOwnedByYou")
		_, err = other.CreateBucket(ctx, create)
		wantCode(t, "by another account", err, "BucketAlreadyExists")
		_, err = owner.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &a.ID})
		wantCode(t, "HeadBucket", err, "")
		_, err = other.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
		wantCode(t, "HeadBucket by another account", err, "Forbidden")
		_, err = owner.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &b.ID})
		wantCode(t, "HeadBucket expecting another owner", err, "Forbidden")
		_, err = owner.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("missing-" + a.ID)})
		wantCode(t, "HeadBucket of none", err, "NotFound")
		_, err = owner.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name, ExpectedBucketOwner: &b.ID})
		wantCode(t, "GetBucketPolicy expecting another owner", err, "AccessDenied")
		_, err = owner.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: aws.String("missing-" + a.ID)})
		wantCode(t, "of no bucket", err, "NoSuchBucket")
		_, err = other.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: aws.String(bucketPolicy(name, b.ID))})
		wantCode(t, "PutBucketPolicy by another account", err, "AccessDenied")
	})
	t.Run("a new bucket is closed and encrypted", func(t *testing.T) {
		block, err := owner.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
		if err != nil {
			t.Fatal(err)
		}
		on := aws.Bool(true)
		want := &s3types.PublicAccessBlockConfiguration{BlockPublicAcls: on, BlockPublicPolicy: on, IgnorePublicAcls: on, RestrictPublicBuckets: on}
		if diff := cmp.Diff(want, block.PublicAccessBlockConfiguration, cmp.AllowUnexported(s3types.PublicAccessBlockConfiguration{}), ignoreNoSmithy()); diff != "" {
			t.Error(diff)
		}
		ownership, err := owner.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &name})
		if err != nil || ownership.OwnershipControls.Rules[0].ObjectOwnership != s3types.ObjectOwnershipBucketOwnerEnforced {
			t.Errorf("ownership %v %v", ownership, err)
		}
		encryption, err := owner.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name})
		if err != nil || encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != s3types.ServerSideEncryptionAes256 {
			t.Errorf("encryption %v %v", encryption, err)
		}
		tags, err := owner.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name})
		if err != nil || len(tags.TagSet) != 2 {
			t.Errorf("tags %v %v", tags, err)
		}
		if _, err := owner.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: &name}); err != nil {
			t.Error(err)
		}
		_, err = owner.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
		wantCode(t, "after its deletion", err, "NoSuchPublicAccessBlockConfiguration")
	})
	t.Run("bucket policies are checked", func(t *testing.T) {
		put := func(policy string) error {
			_, err := owner.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: &policy})
			return err
		}
		_, err := owner.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
		wantCode(t, "none", err, "NoSuchBucketPolicy")
		wantCode(t, "a good one", put(bucketPolicy(name, b.ID)), "")
		got, err := owner.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
		if err != nil || *got.Policy != bucketPolicy(name, b.ID) {
			t.Errorf("got %v %v", got, err)
		}
		wantCode(t, "no JSON", put(`{"Version": `), "MalformedPolicy")
		wantCode(t, "another bucket", put(bucketPolicy("other", b.ID)), "MalformedPolicy")
		wantCode(t, "a user who does not exist", put(bucketPolicy(name, "arn:aws:iam::"+b.ID+":user/nobody")), "MalformedPolicy")
		wantCode(t, "too long", put(bucketPolicy(name, b.ID)+strings.Repeat(" ", 20480)), "MalformedPolicy")
		if _, err := b.CreateUser(ctx, "somebody", ""); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "a user who exists", put(bucketPolicy(name, "arn:aws:iam::"+b.ID+":user/somebody")), "")
		if _, err := owner.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &name,
			PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{BlockPublicPolicy: aws.Bool(true)}}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "a public one", put(bucketPolicy(name, "*")), "AccessDenied")
		if _, err := owner.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &name}); err != nil {
			t.Error(err)
		}
	})
	t.Run("tags through S3 Control", func(t *testing.T) {
		control := s3control.NewFromConfig(a.Config())
		arn := "arn:aws:s3:::" + name
		if _, err := control.TagResource(ctx, &s3control.TagResourceInput{AccountId: &a.ID, ResourceArn: &arn,
			Tags: []s3controltypes.Tag{{Key: aws.String("three"), Value: aws.String("3")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := control.UntagResource(ctx, &s3control.UntagResourceInput{AccountId: &a.ID, ResourceArn: &arn, TagKeys: []string{"one"}}); err != nil {
			t.Fatal(err)
		}
		tags, err := control.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: &a.ID, ResourceArn: &arn})
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
		_, err = s3control.NewFromConfig(b.Config()).TagResource(ctx, &s3control.TagResourceInput{AccountId: &b.ID, ResourceArn: &arn,
			Tags: []s3controltypes.Tag{{Key: aws.String("x"), Value: aws.String("y")}}})
		wantCode(t, "by another account", err, "AccessDenied")
	})
}

func TestObjects(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	name := "objects-" + a.ID
	client := createBucket(t, a, name)
	key, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	arn := *key.KeyMetadata.Arn
	if _, err := client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &name,
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &arn},
			BucketKeyEnabled:                   aws.Bool(true),
			BlockedEncryptionTypes:             &s3types.BlockedEncryptionTypes{EncryptionType: []s3types.EncryptionType{s3types.EncryptionTypeSseC}},
		}}}}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name})
	if err != nil {
		t.Fatal(err)
	}
	rule := got.ServerSideEncryptionConfiguration.Rules[0]
	if *rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID != arn || !*rule.BucketKeyEnabled ||
		rule.BlockedEncryptionTypes == nil || rule.BlockedEncryptionTypes.EncryptionType[0] != s3types.EncryptionTypeSseC {
		t.Errorf("encryption came back as %+v", rule)
	}
	if _, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &name,
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}); err != nil {
		t.Fatal(err)
	}

	put := func(input s3.PutObjectInput) (*s3.HeadObjectOutput, error) {
		input.Bucket, input.Key, input.Body = &name, aws.String("folder/ä key+ü"), strings.NewReader("content")
		if _, err := client.PutObject(ctx, &input); err != nil {
			return nil, err
		}
		return client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &name, Key: input.Key})
	}
	t.Run("without headers the default applies", func(t *testing.T) {
		head, err := put(s3.PutObjectInput{})
		if err != nil {
			t.Fatal(err)
		}
		if head.ServerSideEncryption != s3types.ServerSideEncryptionAwsKms || aws.ToString(head.SSEKMSKeyId) != arn || !aws.ToBool(head.BucketKeyEnabled) {
			t.Errorf("object has %s %s %v", head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId), aws.ToBool(head.BucketKeyEnabled))
		}
	})
	t.Run("aws:kms without a key is the managed key", func(t *testing.T) {
		head, err := put(s3.PutObjectInput{ServerSideEncryption: s3types.ServerSideEncryptionAwsKms})
		if err != nil {
			t.Fatal(err)
		}
		if id := aws.ToString(head.SSEKMSKeyId); id == arn || !strings.HasPrefix(id, "arn:aws:kms:"+shared.Region+":"+a.ID+":key/") {
			t.Errorf("object has key %s", id)
		}
	})
	t.Run("SSE-S3 when asked for", func(t *testing.T) {
		head, err := put(s3.PutObjectInput{ServerSideEncryption: s3types.ServerSideEncryptionAes256})
		if err != nil {
			t.Fatal(err)
		}
		if head.ServerSideEncryption != s3types.ServerSideEncryptionAes256 || head.SSEKMSKeyId != nil {
			t.Errorf("object has %s %s", head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId))
		}
	})
	t.Run("SSE-C is blocked", func(t *testing.T) {
		_, err := put(s3.PutObjectInput{SSECustomerAlgorithm: aws.String("AES256"),
			SSECustomerKey: aws.String("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="), SSECustomerKeyMD5: aws.String("Mz+Hjr1tXzWqcQkCZDjYMw==")})
		wantCode(t, "put", err, "AccessDenied")
	})
	t.Run("nothing without its key", func(t *testing.T) {
		keys := kms.NewFromConfig(a.Config())
		if _, err := put(s3.PutObjectInput{}); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &arn}); err != nil {
			t.Fatal(err)
		}
		_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &name, Key: aws.String("folder/ä key+ü")})
		wantCode(t, "read", err, "KMS.DisabledException")
		_, err = put(s3.PutObjectInput{})
		wantCode(t, "write", err, "KMS.DisabledException")
		if _, err := keys.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &arn}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a bucket with versions is not empty", func(t *testing.T) {
		if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: aws.String("folder/ä key+ü")}); err != nil {
			t.Fatal(err)
		}
		_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		wantCode(t, "with versions and a delete marker", err, "BucketNotEmpty")
		versions, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &name})
		if err != nil {
			t.Fatal(err)
		}
		if len(versions.Versions) != 4 || len(versions.DeleteMarkers) != 1 {
			t.Errorf("%d versions, %d delete markers", len(versions.Versions), len(versions.DeleteMarkers))
		}
		var objects []s3types.ObjectIdentifier
		for _, version := range versions.Versions {
			objects = append(objects, s3types.ObjectIdentifier{Key: version.Key, VersionId: version.VersionId})
		}
		deleted, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &name, Delete: &s3types.Delete{Objects: objects}})
		if err != nil || len(deleted.Errors) > 0 {
			t.Fatal(err, deleted)
		}
		_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		wantCode(t, "with a delete marker only", err, "BucketNotEmpty")
		marker := versions.DeleteMarkers[0]
		if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: marker.Key, VersionId: marker.VersionId}); err != nil {
			t.Fatal(err)
		}
		_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		wantCode(t, "empty", err, "")
		_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		wantCode(t, "again", err, "NoSuchBucket")
	})
}

func TestKeys(t *testing.T) {
	a, b := account(t), account(t)
	ctx := t.Context()
	owner, other := kms.NewFromConfig(a.Config()), kms.NewFromConfig(b.Config())
	policy := keyPolicy(a.ID, b.ID)
	made, err := owner.CreateKey(ctx, &kms.CreateKeyInput{Policy: &policy, Description: aws.String("d"),
		Tags: []kmstypes.Tag{{TagKey: aws.String("one"), TagValue: aws.String("1")}}})
	if err != nil {
		t.Fatal(err)
	}
	arn, id := made.KeyMetadata.Arn, made.KeyMetadata.KeyId
	alias := aws.String("alias/s3-" + a.ID)
	if _, err := owner.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: id}); err != nil {
		t.Fatal(err)
	}
	aliasARN := fmt.Sprintf("arn:aws:kms:%s:%s:%s", shared.Region, a.ID, *alias)

	t.Run("names of a key", func(t *testing.T) {
		for _, test := range []struct {
			client *kms.Client
			name   string
			want   string
		}{
			{owner, *id, ""}, {owner, *arn, ""}, {owner, *alias, ""}, {owner, aliasARN, ""},
			{other, *id, "NotFoundException"}, {other, *arn, ""}, {other, *alias, "NotFoundException"}, {other, aliasARN, ""},
			{other, aliasARN + "-x", "NotFoundException"},
			{owner, strings.Replace(*arn, shared.Region, "us-east-1", 1), "NotFoundException"},
		} {
			found, err := test.client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &test.name})
			wantCode(t, test.name, err, test.want)
			if err == nil && *found.KeyMetadata.Arn != *arn {
				t.Errorf("%s is %s", test.name, *found.KeyMetadata.Arn)
			}
		}
		_, err := other.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: arn, Policy: &policy})
		wantCode(t, "PutKeyPolicy from another account", err, "AccessDeniedException")
		_, err = owner.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: id})
		wantCode(t, "alias again", err, "AlreadyExistsException")
	})
	t.Run("policies", func(t *testing.T) {
		put := func(policy string) error {
			_, err := owner.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: id, Policy: &policy})
			return err
		}
		got, err := owner.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: arn})
		if err != nil || *got.Policy != policy {
			t.Errorf("%v %v", got, err)
		}
		wantCode(t, "no JSON", put("{"), "MalformedPolicyDocumentException")
		wantCode(t, "a principal that does not exist", put(keyPolicy(a.ID, "arn:aws:iam::"+b.ID+":role/none")), "MalformedPolicyDocumentException")
		wantCode(t, "a lock-out", put(keyPolicy(b.ID, b.ID)), "MalformedPolicyDocumentException")
		// LimitExceededException is one of the SDK's retryable throttling codes.
		wantCode(t, "too long", put(policy+strings.Repeat(" ", 32768)), "LimitExceededException")
		wantCode(t, "a good one", put(policy), "")
	})
	t.Run("rotation", func(t *testing.T) {
		_, err := owner.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id, RotationPeriodInDays: aws.Int32(89)})
		wantCode(t, "89 days", err, "ValidationException")
		if _, err := owner.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id, RotationPeriodInDays: aws.Int32(180)}); err != nil {
			t.Fatal(err)
		}
		status, err := owner.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: arn})
		if err != nil || !status.KeyRotationEnabled || aws.ToInt32(status.RotationPeriodInDays) != 180 {
			t.Errorf("%+v %v", status, err)
		}
	})
	t.Run("tags", func(t *testing.T) {
		if _, err := owner.TagResource(ctx, &kms.TagResourceInput{KeyId: arn, Tags: []kmstypes.Tag{{TagKey: aws.String("two"), TagValue: aws.String("2")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := owner.UntagResource(ctx, &kms.UntagResourceInput{KeyId: arn, TagKeys: []string{"one"}}); err != nil {
			t.Fatal(err)
		}
		tags, err := owner.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: id})
		if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].TagKey != "two" {
			t.Errorf("%+v %v", tags, err)
		}
	})
	t.Run("states", func(t *testing.T) {
		state := func() kmstypes.KeyState {
			found, err := owner.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: arn})
			if err != nil {
				t.Fatal(err)
			}
			return found.KeyMetadata.KeyState
		}
		scheduled, err := owner.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: arn, PendingWindowInDays: aws.Int32(7)})
		if err != nil {
			t.Fatal(err)
		}
		if *scheduled.KeyId != *arn || state() != kmstypes.KeyStatePendingDeletion {
			t.Errorf("%s is %s", *scheduled.KeyId, state())
		}
		_, err = owner.EnableKey(ctx, &kms.EnableKeyInput{KeyId: arn})
		wantCode(t, "EnableKey while pending", err, "KMSInvalidStateException")
		_, err = owner.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: arn})
		wantCode(t, "again", err, "KMSInvalidStateException")
		if _, err := owner.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: arn}); err != nil {
			t.Fatal(err)
		}
		if state() != kmstypes.KeyStateDisabled {
			t.Errorf("after cancelling: %s", state())
		}
		_, err = owner.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: arn, KeySpec: kmstypes.DataKeySpecAes256})
		wantCode(t, "GenerateDataKey while disabled", err, "DisabledException")
		if _, err := owner.EnableKey(ctx, &kms.EnableKeyInput{KeyId: arn}); err != nil {
			t.Fatal(err)
		}
		if state() != kmstypes.KeyStateEnabled {
			t.Errorf("after enabling: %s", state())
		}
	})
}

func TestInlinePolicies(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	client := iam.NewFromConfig(a.Config())
	user, role, group := aws.String("u"), aws.String("r"), aws.String("g")
	if _, err := a.CreateUser(ctx, *user, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateRole(ctx, *role, ""); err != nil {
		t.Fatal(err)
	}
	if err := a.CreateGroup(ctx, *group, "", *user); err != nil {
		t.Fatal(err)
	}
	kinds := []struct {
		kind   string
		limit  int
		put    func(name, policy string) error
		get    func(name string) (*string, error)
		delete func(name string) error
		list   func() ([]string, error)
	}{
		{"user", 2048,
			func(n, p string) error {
				_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: user, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			func(n string) (*string, error) {
				got, err := client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: user, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			func(n string) error {
				_, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: &n})
				return err
			},
			func() ([]string, error) {
				got, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: user})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
		{"group", 5120,
			func(n, p string) error {
				_, err := client.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: group, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			func(n string) (*string, error) {
				got, err := client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: group, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			func(n string) error {
				_, err := client.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: group, PolicyName: &n})
				return err
			},
			func() ([]string, error) {
				got, err := client.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: group})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
		{"role", 10240,
			func(n, p string) error {
				_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			func(n string) (*string, error) {
				got, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			func(n string) error {
				_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: &n})
				return err
			},
			func() ([]string, error) {
				got, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
	}
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			_, err := k.get("p")
			wantCode(t, "get before", err, "NoSuchEntity")
			wantCode(t, "delete before", k.delete("p"), "NoSuchEntity")
			small := sizedPolicy(k.limit / 2)
			wantCode(t, "put", k.put("p", small), "")
			got, err := k.get("p")
			if err != nil {
				t.Fatal(err)
			}
			if document, err := url.QueryUnescape(*got); err != nil || document != small || *got == small {
				t.Errorf("not URL-encoded or not what was put: %s", *got)
			}
			names, err := k.list()
			if err != nil || len(names) != 1 {
				t.Errorf("%v %v", names, err)
			}
			wantCode(t, "the same again", k.put("p", small), "")
			wantCode(t, "white space does not count", k.put("q", strings.ReplaceAll(sizedPolicy(k.limit-k.limit/2), ",", ", \n\t")), "")
			wantCode(t, "over the total", k.put("r", sizedPolicy(200)), "LimitExceeded")
			wantCode(t, "no policy", k.put("p", "{"), "MalformedPolicyDocument")
			wantCode(t, "delete", k.delete("p"), "")
		})
	}
	t.Run("protected roles", func(t *testing.T) {
		name := "AWSReservedSSO_Analyst_0123456789abcdef"
		if _, err := a.CreateRole(ctx, name, ""); err != nil {
			t.Fatal(err)
		}
		_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: &local.AllowAll})
		wantCode(t, "PutRolePolicy", err, "UnmodifiableEntity")
	})
	t.Run("nobody", func(t *testing.T) {
		_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("nobody"), PolicyName: aws.String("p"), PolicyDocument: &local.AllowAll})
		wantCode(t, "PutUserPolicy", err, "NoSuchEntity")
	})
}

func TestFindByTag(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	elsewhere := a.Config()
	elsewhere.Region = "eu-west-1"
	key, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{Tags: []kmstypes.Tag{{TagKey: aws.String("find"), TagValue: aws.String("me")}}})
	if err != nil {
		t.Fatal(err)
	}
	name := "find-" + a.ID
	client := createBucket(t, a, name)
	if _, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("find"), Value: aws.String("me")}}}}); err != nil {
		t.Fatal(err)
	}
	find := func(config aws.Config, value string) []string {
		found, err := resourcegroupstaggingapi.NewFromConfig(config).GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{
			ResourceTypeFilters: []string{"s3", "kms"},
			TagFilters:          []tagtypes.TagFilter{{Key: aws.String("find"), Values: []string{value}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var arns []string
		for _, resource := range found.ResourceTagMappingList {
			arns = append(arns, *resource.ResourceARN)
		}
		return arns
	}
	if diff := cmp.Diff([]string{"arn:aws:s3:::" + name, *key.KeyMetadata.Arn}, find(a.Config(), "me")); diff != "" {
		t.Error(diff)
	}
	if found := append(find(a.Config(), "other"), find(elsewhere, "me")...); len(found) > 0 {
		t.Errorf("found %s", found)
	}
}

func bucketPolicy(bucket, principal string) string {
	return local.Document(map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": principal}, "Action": "s3:GetObject",
		"Resource": "arn:aws:s3:::" + bucket + "/*",
	})
}

func keyPolicy(admin, user string) string {
	return local.Document(
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::" + admin + ":root"}, "Action": "kms:*", "Resource": "*"},
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": user}, "Action": []string{"kms:Decrypt", "kms:DescribeKey"}, "Resource": "*"},
	)
}

// sizedPolicy is a policy of exactly so many characters.
func sizedPolicy(size int) string {
	make := func(padding string) string {
		return local.Document(map[string]any{"Effect": "Allow", "Action": "s3:GetObject", "Resource": []string{"arn:aws:s3:::a/*", "arn:aws:s3:::" + padding}})
	}
	return make(strings.Repeat("x", size-len(make(""))))
}

func ignoreNoSmithy() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool { return strings.Contains(p.Last().String(), "noSmithyDocumentSerde") }, cmp.Ignore())
}
