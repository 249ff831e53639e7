package local_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/test/local"
)

func TestInventory(t *testing.T) {
	a := account(t)
	createBucket(t, a, "inventory-"+a.ID)
	keys := kms.NewFromConfig(a.Config())
	key := must(keys.CreateKey(t.Context(), &kms.CreateKeyInput{}))
	must(keys.CreateAlias(t.Context(), &kms.CreateAliasInput{
		AliasName: aws.String("alias/inventory"), TargetKeyId: key.KeyMetadata.KeyId,
	}))
	must(a.CreateUser(t.Context(), "ann", local.AllowAll))
	identities := iam.NewFromConfig(a.Config())
	policy := must(identities.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
		PolicyName: aws.String("some"), Path: aws.String("/some/"), PolicyDocument: &local.AllowAll,
	}))
	must(identities.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{
		UserName: aws.String("ann"), PolicyArn: policy.Policy.Arn,
	}))
	must(ssm.NewFromConfig(a.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/some/name"), Value: aws.String("value"), Type: ssmtypes.ParameterTypeString,
	}))

	got := must(a.Inventory(t.Context()))
	want := local.Inventory{
		Buckets: []string{"inventory-" + a.ID},
		Keys:    map[string]string{*key.KeyMetadata.Arn: "Enabled"},
		Aliases: map[string]string{"alias/inventory": *key.KeyMetadata.Arn},
		Identities: map[string]local.Policies{
			"user/admin": {Inline: []string{"administrator"}, Attached: []string{}},
			"user/ann":   {Inline: []string{"local"}, Attached: []string{*policy.Policy.Arn}},
		},
		Policies:   []string{*policy.Policy.Arn},
		Parameters: map[string]string{"/some/name": "value"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
