package sharedbucket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

// everything gives every property a value.
func everything() *sharedbucket.SharedBucketProps {
	return &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("account-a-bucket"),
		Consumers: []sharedbucket.Consumer{
			{Account: jsii.Strings("222222222222", "333333333333"), Access: sharedbucket.Read},
			{Principal: jsii.Strings("arn:aws:iam::444444444444:role/loader"), Prefixes: jsii.Strings("in"),
				Access: sharedbucket.Write},
			{PermissionSet: &sharedbucket.PermissionSet{Account: jsii.Strings("555555555555"), Name: jsii.String("Analyst")}},
			{Organization: jsii.String("o-a1b2c3d4e5")},
			{OrganizationalUnit: jsii.Strings("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"), Access: sharedbucket.Full},
		},
		Delegates: []sharedbucket.Grantee{{User: jsii.Strings("ann")},
			{Role: jsii.Strings("etl", "ops"), Access: sharedbucket.Full}},
		Encryption: &sharedbucket.Encryption{Alias: jsii.String("alias/ours"), RotationPeriodInDays: jsii.Number(90),
			DeletionWindowInDays: jsii.Number(7), DirectUse: jsii.Bool(true)},
		Versioning:    sharedbucket.VersioningSuspended,
		Adopt:         jsii.Bool(false),
		RemovalPolicy: sharedbucket.Delete,
		Verify:        jsii.Bool(false),
		Canary:        jsii.Bool(false),
		Tags:          &map[string]*string{"team": jsii.String("data")},
	}
}

func TestEveryPropertyArrives(t *testing.T) {
	stack := newStack(nil)
	sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), everything())
	var template resources
	synthesized(t, stack, &template)
	got := template.only(t, share.BucketType)

	want := map[string]any{
		"ServiceToken":   map[string]any{"Ref": "SharedBucketServiceToken"},
		"ServiceTimeout": "960",
		"BucketName":     "account-a-bucket",
		"Consumers": []any{
			map[string]any{"Account": []any{"222222222222", "333333333333"}, "Access": "Read"},
			map[string]any{"Principal": []any{"arn:aws:iam::444444444444:role/loader"}, "Prefixes": []any{"in"},
				"Access": "Write"},
			map[string]any{"PermissionSet": map[string]any{"Account": []any{"555555555555"}, "Name": "Analyst"}},
			map[string]any{"Organization": "o-a1b2c3d4e5"},
			map[string]any{"OrganizationalUnit": []any{"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"}, "Access": "Full"},
		},
		"Delegates": []any{
			map[string]any{"User": []any{"ann"}},
			map[string]any{"Role": []any{"etl", "ops"}, "Access": "Full"},
		},
		"Encryption": map[string]any{"Alias": "alias/ours", "RotationPeriodInDays": 90.0, "DeletionWindowInDays": 7.0,
			"DirectUse": true},
		"Versioning":    "Suspended",
		"Adopt":         false,
		"RemovalPolicy": "Delete",
		"Verify":        false,
		"Canary":        false,
		"Tags":          map[string]any{"team": "data"},
	}
	if diff := cmp.Diff(want, got.Properties); diff != "" {
		t.Error("properties (-want +got):", diff)
	}
	if got.DeletionPolicy != "Delete" || got.UpdateReplacePolicy != "Delete" {
		t.Error("access would not be revoked: DeletionPolicy", got.DeletionPolicy, "UpdateReplacePolicy",
			got.UpdateReplacePolicy)
	}
	delete(got.Properties, "ServiceTimeout")
	got.Properties["ServiceToken"] = "arn"
	if _, err := share.ParseShare(got.Properties,
		share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}); err != nil {
		t.Error("the function would refuse it:", err)
	}
}

func TestAccess(t *testing.T) {
	stack := newStack(nil)
	sharedbucket.NewSharedBucketAccess(stack, jsii.String("Access"), &sharedbucket.SharedBucketAccessProps{
		Provider:     providerThere{},
		BucketName:   jsii.String("account-a-bucket"),
		OwnerAccount: jsii.String("111111111111"),
		Grantees:     []sharedbucket.Grantee{{Group: jsii.Strings("analysts"), Prefixes: jsii.Strings("reports/2026")}},
	})
	var template resources
	synthesized(t, stack, &template)
	want := map[string]any{
		"ServiceToken":   "arn:aws:lambda:ap-southeast-2:222222222222:function:sharedbucket-provider",
		"ServiceTimeout": "960",
		"BucketName":     "account-a-bucket",
		"OwnerAccount":   "111111111111",
		"Grantees":       []any{map[string]any{"Group": []any{"analysts"}, "Prefixes": []any{"reports/2026"}}},
	}
	if diff := cmp.Diff(want, template.only(t, share.AccessType).Properties); diff != "" {
		t.Error("properties (-want +got):", diff)
	}
}

func TestTwoResourcesOfAStackReadOneServiceToken(t *testing.T) {
	stack := newStack(nil)
	for _, name := range []string{"one-bucket", "another-bucket"} {
		sharedbucket.NewSharedBucket(stack, &name, &sharedbucket.SharedBucketProps{BucketName: &name})
	}
	var template struct {
		Parameters map[string]struct{ Type, Default string }
	}
	synthesized(t, stack, &template)
	parameter := template.Parameters["SharedBucketServiceToken"]
	if parameter.Type != "AWS::SSM::Parameter::Value<String>" || parameter.Default != "/sharedbucket/service-token" {
		t.Errorf("the service token is read from %+v", parameter)
	}
}

// providerThere is a provider whose ARN is known.
type providerThere struct{}

func (providerThere) ServiceToken() *string {
	return jsii.String("arn:aws:lambda:ap-southeast-2:222222222222:function:sharedbucket-provider")
}

// errorsOf are the errors that synthesis of a stack shows, with their paths.
func errorsOf(stack awscdk.Stack) []string {
	var all []string
	for _, c := range *stack.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		for _, m := range *c.Node().Metadata() {
			if *m.Type == "aws:cdk:error" {
				all = append(all, fmt.Sprint("/", *c.Node().Path(), " ", m.Data))
			}
		}
	}
	return all
}

func TestSynthesisReportsEveryViolationOfEveryConstruct(t *testing.T) {
	stack := newStack(&awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("ap-southeast-2")})
	sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("Account_A"),
		Consumers: []sharedbucket.Consumer{
			{Account: jsii.Strings("111111111111")},
			{Account: jsii.Strings("222222222222"), Access: "Raed"},
		},
		Encryption: &sharedbucket.Encryption{RotationPeriodInDays: jsii.Number(3)},
	})
	sharedbucket.NewSharedBucketAccess(stack, jsii.String("Access"), &sharedbucket.SharedBucketAccessProps{
		BucketName: jsii.String("account-a-bucket"),
		Grantees:   []sharedbucket.Grantee{{}},
	})
	message := strings.Join(errorsOf(stack), "\n")
	for _, want := range []string{
		"/Stack/Bucket BucketName:",
		"/Stack/Bucket Consumers[0].Account: 111111111111 is the owner account",
		"/Stack/Bucket Consumers[1].Access: unknown level \"Raed\"; did you mean Read?",
		"/Stack/Bucket Encryption.RotationPeriodInDays:",
		"/Stack/Access OwnerAccount: required, but missing",
		"/Stack/Access Grantees[0]:",
	} {
		if !strings.Contains(message, want) {
			t.Errorf("%q is missing in:\n%s", want, message)
		}
	}
}

// What CloudFormation fills in cannot be judged before.
func TestTokensAreLeftToTheDeployment(t *testing.T) {
	stack := newStack(nil)
	parameter := func(id, of string) awscdk.CfnParameter {
		return awscdk.NewCfnParameter(stack, jsii.String(id), &awscdk.CfnParameterProps{Type: &of})
	}
	text := parameter("Text", "String").ValueAsString()
	list := parameter("List", "CommaDelimitedList").ValueAsList()
	number := parameter("Number", "Number").ValueAsNumber()
	sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: text,
		Consumers: []sharedbucket.Consumer{
			{Account: list, Access: sharedbucket.Level(*text), Prefixes: list},
			{Organization: text},
			{Principal: &[]*string{awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:iam::222222222222:role/x"), nil)}},
		},
		Delegates:     []sharedbucket.Grantee{{User: list}},
		Encryption:    &sharedbucket.Encryption{Alias: text, RotationPeriodInDays: number},
		RemovalPolicy: sharedbucket.RemovalPolicy(*text),
		Tags:          &map[string]*string{"stack": awscdk.Aws_STACK_NAME()},
	})
	if problems := errorsOf(stack); len(problems) > 0 {
		t.Fatal(problems)
	}
	var template resources
	synthesized(t, stack, &template)
	got := template.only(t, share.BucketType).Properties
	if diff := cmp.Diff(map[string]any{"Account": map[string]any{"Ref": "List"}, "Access": map[string]any{"Ref": "Text"},
		"Prefixes": map[string]any{"Ref": "List"}}, got["Consumers"].([]any)[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"Alias": map[string]any{"Ref": "Text"},
		"RotationPeriodInDays": map[string]any{"Ref": "Number"}}, got["Encryption"]); diff != "" {
		t.Error(diff)
	}
}
