package local_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"example.com/sharedbucket/test/local"
)

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
			{client: owner, name: *id, want: ""},
			{client: owner, name: *arn, want: ""},
			{client: owner, name: *alias, want: ""},
			{client: owner, name: aliasARN, want: ""},
			{client: other, name: *id, want: "NotFoundException"},
			{client: other, name: *arn, want: ""},
			{client: other, name: *alias, want: "NotFoundException"},
			{client: other, name: aliasARN, want: ""},
			{client: other, name: aliasARN + "-x", want: "NotFoundException"},
			{client: owner, name: strings.Replace(*arn, shared.Region, "us-east-1", 1), want: "NotFoundException"},
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
		wantCode(t, "a principal that does not exist", put(keyPolicy(a.ID, "arn:aws:iam::"+b.ID+":role/none")),
			"MalformedPolicyDocumentException")
		wantCode(t, "a lock-out", put(keyPolicy(b.ID, b.ID)), "MalformedPolicyDocumentException")
		// LimitExceededException is one of the SDK's retryable throttling codes.
		wantCode(t, "too long", put(policy+strings.Repeat(" ", 32768)), "LimitExceededException")
		wantCode(t, "a good one", put(policy), "")
	})
	t.Run("rotation", func(t *testing.T) {
		_, err := owner.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id, RotationPeriodInDays: aws.Int32(89)})
		wantCode(t, "89 days", err, "ValidationException")
		if _, err := owner.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{
			KeyId: id, RotationPeriodInDays: aws.Int32(180),
		}); err != nil {
			t.Fatal(err)
		}
		status, err := owner.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: arn})
		if err != nil || !status.KeyRotationEnabled || aws.ToInt32(status.RotationPeriodInDays) != 180 {
			t.Errorf("%+v %v", status, err)
		}
	})
	t.Run("tags", func(t *testing.T) {
		if _, err := owner.TagResource(ctx, &kms.TagResourceInput{
			KeyId: arn, Tags: []kmstypes.Tag{{TagKey: aws.String("two"), TagValue: aws.String("2")}},
		}); err != nil {
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
		scheduled, err := owner.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
			KeyId: arn, PendingWindowInDays: aws.Int32(7),
		})
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

func keyPolicy(admin, user string) string {
	return local.Document(
		map[string]any{
			"Effect": "Allow", "Principal": map[string]any{
				"AWS": "arn:aws:iam::" + admin + ":root",
			}, "Action": "kms:*", "Resource": "*",
		},
		map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": user}, "Action": []string{"kms:Decrypt", "kms:DescribeKey"},
			"Resource": "*",
		},
	)
}

// sizedPolicy is a policy of exactly so many characters.
