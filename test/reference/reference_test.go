package reference

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestActionsAndTheirConditionKeys(t *testing.T) {
	cases := []struct {
		name    string
		actions []string
		keys    []string
		want    []string
	}{
		{
			name:    "a key of the one action",
			actions: []string{"s3:ListBucket"}, keys: []string{"s3:prefix"},
		},
		{
			name:    "a key that listing objects knows, and listing uploads does not",
			actions: []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"}, keys: []string{"s3:prefix"},
			want: []string{"s3:ListBucketMultipartUploads has no condition key s3:prefix"},
		},
		{
			name:    "keys that every action has, in any case",
			actions: []string{"s3:GetObject", "kms:Decrypt"}, keys: []string{"AWS:securetransport", "aws:PrincipalTag/Team"},
		},
		{
			name:    "the tags of a request that has none",
			actions: []string{"s3:GetObject"}, keys: []string{"aws:RequestTag/team"},
			want: []string{"s3:GetObject has no condition key aws:RequestTag/team"},
		},
		{
			name:    "a tag of the resource, which is the resource type's key",
			actions: []string{"kms:ScheduleKeyDeletion"}, keys: []string{"aws:ResourceTag/sharedbucket:stack-id"},
		},
		{
			name:    "an encryption context, whose name is part of the key",
			actions: []string{"kms:Decrypt", "kms:DescribeKey"}, keys: []string{"kms:EncryptionContext:aws:s3:arn"},
			want: []string{"kms:DescribeKey has no condition key kms:EncryptionContext:aws:s3:arn"},
		},
		{
			name:    "a pattern of which one action has the key",
			actions: []string{"s3:Get*"}, keys: []string{"s3:ExistingObjectTag/class"},
		},
		{
			name:    "a key of a service that the table does not have",
			actions: []string{"dynamodb:GetItem"}, keys: []string{"dynamodb:Attributes"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Conditions(c.actions, c.keys)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestActionsAndTheirResources(t *testing.T) {
	bucket, objects := "arn:aws:s3:::a-bucket", "arn:aws:s3:::a-bucket/*"
	cases := []struct {
		name      string
		actions   []string
		resources []string
		want      []string
	}{
		{
			name:    "a bucket's action on the bucket, an object's on the objects",
			actions: []string{"s3:ListBucket", "s3:GetObject"}, resources: []string{bucket, objects},
		},
		{
			name:    "an object's action on the bucket",
			actions: []string{"s3:GetObject"}, resources: []string{bucket},
			want: []string{"s3:GetObject works on none of " + bucket},
		},
		{
			name:    "a bucket's action on the objects",
			actions: []string{"s3:ListBucket"}, resources: []string{objects},
			want: []string{"s3:ListBucket works on none of " + objects},
		},
		{
			name:    "a wildcard that reaches beyond the bucket's name",
			actions: []string{"s3:GetObject", "s3:ListBucket"}, resources: []string{"arn:aws:s3:::a-*"},
		},
		{
			name:    "an action without resource types",
			actions: []string{"kms:ListAliases"}, resources: []string{"arn:aws:kms:eu-west-1:111111111111:key/*"},
			want: []string{"kms:ListAliases works on none of arn:aws:kms:eu-west-1:111111111111:key/*"},
		},
		{
			name:    "everything",
			actions: []string{"kms:ListAliases", "kms:Decrypt"}, resources: []string{"*"},
		},
		{
			name:    "placeholders of a template",
			actions: []string{"iam:PutRolePolicy"}, resources: []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"},
		},
		{
			name:    "a user's action on a role",
			actions: []string{"iam:PutUserPolicy"}, resources: []string{"arn:aws:iam::111111111111:role/*"},
			want: []string{"iam:PutUserPolicy works on none of arn:aws:iam::111111111111:role/*"},
		},
		{
			name:    "an action that does not exist",
			actions: []string{"s3:HeadObject"}, resources: []string{objects},
			want: []string{"there is no action s3:HeadObject"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Resources(c.actions, c.resources)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	var names []string
	for _, action := range Expand("KMS:reencrypt*") {
		names = append(names, action.Name)
	}
	if diff := cmp.Diff([]string{"kms:ReEncryptFrom", "kms:ReEncryptTo"}, names); diff != "" {
		t.Error(diff)
	}
	if got := len(Expand("*")); got < 1000 {
		t.Errorf("* stands for %d actions, want all of the table", got)
	}
}
