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
	k := newOwnedKey(t, account(t), account(t))
	t.Run("names of a key", k.names)
	t.Run("policies", k.policies)
	t.Run("rotation", k.rotation)
	t.Run("tags", k.tags)
	t.Run("states", k.states)
}

// ownedKey is a key that another account may use.
type ownedKey struct {
	a, b           *local.Account
	owner, other   *kms.Client
	policy         string
	id, arn, alias *string
}

func newOwnedKey(t *testing.T, a, b *local.Account) ownedKey {
	t.Helper()
	k := ownedKey{
		a: a, b: b, owner: kms.NewFromConfig(a.Config()), other: kms.NewFromConfig(b.Config()),
		policy: keyPolicy(a.ID, b.ID), alias: aws.String("alias/s3-" + a.ID),
	}
	made, err := k.owner.CreateKey(t.Context(), &kms.CreateKeyInput{Policy: &k.policy, Description: aws.String("d"),
		Tags: []kmstypes.Tag{{TagKey: aws.String("one"), TagValue: aws.String("1")}}})
	if err != nil {
		t.Fatal(err)
	}
	k.arn, k.id = made.KeyMetadata.Arn, made.KeyMetadata.KeyId
	if _, err := k.owner.CreateAlias(t.Context(), &kms.CreateAliasInput{
		AliasName: k.alias, TargetKeyId: k.id,
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k ownedKey) names(t *testing.T) {
	aliasARN := fmt.Sprintf("arn:aws:kms:%s:%s:%s", shared.Region, k.a.ID, *k.alias)
	for _, test := range []struct {
		client *kms.Client
		name   string
		want   string
	}{
		{client: k.owner, name: *k.id, want: ""},
		{client: k.owner, name: *k.arn, want: ""},
		{client: k.owner, name: *k.alias, want: ""},
		{client: k.owner, name: aliasARN, want: ""},
		{client: k.other, name: *k.id, want: "NotFoundException"},
		{client: k.other, name: *k.arn, want: ""},
		{client: k.other, name: *k.alias, want: "NotFoundException"},
		{client: k.other, name: aliasARN, want: ""},
		{client: k.other, name: aliasARN + "-x", want: "NotFoundException"},
		{client: k.owner, name: strings.Replace(*k.arn, shared.Region, "us-east-1", 1), want: "NotFoundException"},
	} {
		found, err := test.client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &test.name})
		wantCode(t, test.name, err, test.want)
		if err == nil && *found.KeyMetadata.Arn != *k.arn {
			t.Errorf("%s is %s", test.name, *found.KeyMetadata.Arn)
		}
	}
	_, err := k.other.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: k.arn, Policy: &k.policy})
	wantCode(t, "PutKeyPolicy from another account", err, "AccessDeniedException")
	_, err = k.owner.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: k.alias, TargetKeyId: k.id})
	wantCode(t, "alias again", err, "AlreadyExistsException")
}

func (k ownedKey) policies(t *testing.T) {
	put := func(policy string) error {
		_, err := k.owner.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: k.id, Policy: &policy})
		return err
	}
	got, err := k.owner.GetKeyPolicy(t.Context(), &kms.GetKeyPolicyInput{KeyId: k.arn})
	if err != nil || *got.Policy != k.policy {
		t.Errorf("%v %v", got, err)
	}
	wantCode(t, "no JSON", put("{"), "MalformedPolicyDocumentException")
	wantCode(t, "a principal that does not exist", put(keyPolicy(k.a.ID, "arn:aws:iam::"+k.b.ID+":role/none")),
		"MalformedPolicyDocumentException")
	wantCode(t, "a lock-out", put(keyPolicy(k.b.ID, k.b.ID)), "MalformedPolicyDocumentException")
	// LimitExceededException is one of the SDK's retryable throttling codes.
	wantCode(t, "too long", put(k.policy+strings.Repeat(" ", 32768)), "LimitExceededException")
	wantCode(t, "a good one", put(k.policy), "")
}

func (k ownedKey) rotation(t *testing.T) {
	_, err := k.owner.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{
		KeyId: k.id, RotationPeriodInDays: aws.Int32(89),
	})
	wantCode(t, "89 days", err, "ValidationException")
	if _, err := k.owner.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{
		KeyId: k.id, RotationPeriodInDays: aws.Int32(180),
	}); err != nil {
		t.Fatal(err)
	}
	status, err := k.owner.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: k.arn})
	if err != nil || !status.KeyRotationEnabled || aws.ToInt32(status.RotationPeriodInDays) != 180 {
		t.Errorf("%+v %v", status, err)
	}
}

func (k ownedKey) tags(t *testing.T) {
	if _, err := k.owner.TagResource(t.Context(), &kms.TagResourceInput{
		KeyId: k.arn, Tags: []kmstypes.Tag{{TagKey: aws.String("two"), TagValue: aws.String("2")}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.owner.UntagResource(t.Context(), &kms.UntagResourceInput{
		KeyId: k.arn, TagKeys: []string{"one"},
	}); err != nil {
		t.Fatal(err)
	}
	tags, err := k.owner.ListResourceTags(t.Context(), &kms.ListResourceTagsInput{KeyId: k.id})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].TagKey != "two" {
		t.Errorf("%+v %v", tags, err)
	}
}

func (k ownedKey) states(t *testing.T) {
	state := func() kmstypes.KeyState {
		found, err := k.owner.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: k.arn})
		if err != nil {
			t.Fatal(err)
		}
		return found.KeyMetadata.KeyState
	}
	scheduled, err := k.owner.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{
		KeyId: k.arn, PendingWindowInDays: aws.Int32(7),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *scheduled.KeyId != *k.arn || state() != kmstypes.KeyStatePendingDeletion {
		t.Errorf("%s is %s", *scheduled.KeyId, state())
	}
	_, err = k.owner.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: k.arn})
	wantCode(t, "EnableKey while pending", err, "KMSInvalidStateException")
	_, err = k.owner.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: k.arn})
	wantCode(t, "again", err, "KMSInvalidStateException")
	if _, err := k.owner.CancelKeyDeletion(t.Context(), &kms.CancelKeyDeletionInput{KeyId: k.arn}); err != nil {
		t.Fatal(err)
	}
	if state() != kmstypes.KeyStateDisabled {
		t.Errorf("after cancelling: %s", state())
	}
	_, err = k.owner.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{
		KeyId: k.arn, KeySpec: kmstypes.DataKeySpecAes256,
	})
	wantCode(t, "GenerateDataKey while disabled", err, "DisabledException")
	if _, err := k.owner.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: k.arn}); err != nil {
		t.Fatal(err)
	}
	if state() != kmstypes.KeyStateEnabled {
		t.Errorf("after enabling: %s", state())
	}
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
