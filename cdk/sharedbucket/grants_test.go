package sharedbucket_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

// twoAccounts is an app with a stack of the owner's and one of the consumer's.
func twoAccounts() (owner, consumer awscdk.Stack) {
	app := awscdk.NewApp(nil)
	other := &awscdk.Environment{Account: jsii.String("222222222222"), Region: jsii.String("ap-southeast-2")}
	return awscdk.NewStack(app, jsii.String("Owner"), &awscdk.StackProps{Env: environmentA}),
		awscdk.NewStack(app, jsii.String("Consumer"), &awscdk.StackProps{Env: other})
}

func newRole(stack awscdk.Stack, name string) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String(name), &awsiam.RoleProps{
		RoleName: jsii.String(name), AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
	})
}

// Who is of the owner account becomes a delegate; who is of another one a consumer there and a grantee here.
func TestGrantsAreDeclarations(t *testing.T) {
	owner, consumer := twoAccounts()
	bucket := sharedbucket.NewSharedBucket(owner, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("account-a-bucket"),
		Delegates:  []sharedbucket.Grantee{{User: jsii.Strings("ann")}},
	})
	bucket.GrantReadWrite(newRole(owner, "etl"))
	bucket.GrantRead(awsiam.NewGroup(owner, jsii.String("Group"),
		&awsiam.GroupProps{GroupName: jsii.String("analysts")}), jsii.String("reports"))
	bucket.GrantWrite(newRole(consumer, "loader"), jsii.String("in"), jsii.String("retry"))
	bucket.GrantRead(awsiam.NewUser(consumer, jsii.String("User"), &awsiam.UserProps{UserName: jsii.String("dilip")}))

	if found := append(errorsOf(owner), errorsOf(consumer)...); len(found) > 0 {
		t.Fatal(found)
	}
	var there, here resources
	synthesized(t, owner, &there)
	synthesized(t, consumer, &here)
	declared := there.only(t, share.BucketType).Properties
	ref := func(id string) []any { return []any{map[string]any{"Ref": id}} }
	partition := func(rest string) []any {
		return []any{map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, rest}}}}
	}
	if diff := cmp.Diff([]any{
		map[string]any{"User": []any{"ann"}},
		map[string]any{"Role": ref("etl2ABB1EC5"), "Access": "ReadWrite"},
		map[string]any{"Group": ref("GroupC77FDACD"), "Access": "Read", "Prefixes": []any{"reports"}},
	}, declared["Delegates"], cmp.FilterPath(logicalID, cmp.Ignore())); diff != "" {
		t.Error("delegates:", diff)
	}
	if diff := cmp.Diff([]any{
		map[string]any{"Principal": partition(":iam::222222222222:role/loader"), "Access": "Write",
			"Prefixes": []any{"in", "retry"}},
		map[string]any{"Principal": partition(":iam::222222222222:user/dilip"), "Access": "Read"},
	}, declared["Consumers"]); diff != "" {
		t.Error("consumers:", diff)
	}
	access := here.only(t, share.AccessType).Properties
	if access["BucketName"] != "account-a-bucket" || access["OwnerAccount"] != "111111111111" ||
		access["Region"] != "ap-southeast-2" {
		t.Error("access:", access)
	}
	if diff := cmp.Diff([]any{
		map[string]any{"Role": ref("loader"), "Access": "Write", "Prefixes": []any{"in", "retry"}},
		map[string]any{"User": ref("User"), "Access": "Read"},
	}, access["Grantees"], cmp.FilterPath(logicalID, cmp.Ignore())); diff != "" {
		t.Error("grantees:", diff)
	}
}

// logicalID is the place of a logical id, which is CDK's affair.
func logicalID(path cmp.Path) bool {
	index, ok := path.Index(-2).(cmp.MapIndex)
	return ok && index.Key().String() == "Ref"
}

func TestWhatCannotBeGrantedIsAnError(t *testing.T) {
	owner, consumer := twoAccounts()
	bucket := sharedbucket.NewSharedBucket(owner, jsii.String("Bucket"),
		&sharedbucket.SharedBucketProps{BucketName: jsii.String("account-a-bucket")})
	bucket.GrantRead(awsiam.NewGroup(consumer, jsii.String("Group"), nil))
	bucket.GrantRead(awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil))
	if found := errorsOf(owner); len(found) != 2 {
		t.Error(found)
	}
}

// A function's role is what a grant to the function is about.
func TestGrantToAFunctionIsOneToItsRole(t *testing.T) {
	owner, _ := twoAccounts()
	bucket := sharedbucket.NewSharedBucket(owner, jsii.String("Bucket"),
		&sharedbucket.SharedBucketProps{BucketName: jsii.String("account-a-bucket")})
	bucket.GrantRead(awslambda.NewFunction(owner, jsii.String("Function"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"),
		Code: awslambda.Code_FromAsset(jsii.String("testdata/function"), nil),
	}))
	if found := errorsOf(owner); len(found) > 0 {
		t.Fatal(found)
	}
	var template resources
	synthesized(t, owner, &template)
	delegates, _ := template.only(t, share.BucketType).Properties["Delegates"].([]any)
	if len(delegates) != 1 || delegates[0].(map[string]any)["Role"] == nil {
		t.Error(delegates)
	}
}

func TestBucketAndKeyAreL2(t *testing.T) {
	owner, _ := twoAccounts()
	bucket := sharedbucket.NewSharedBucket(owner, jsii.String("Bucket"),
		&sharedbucket.SharedBucketProps{BucketName: jsii.String("account-a-bucket")})
	awscdk.NewCfnOutput(owner, jsii.String("Url"),
		&awscdk.CfnOutputProps{Value: bucket.Bucket().S3UrlForObject(jsii.String("x"))})
	awscdk.NewCfnOutput(owner, jsii.String("KeyOut"), &awscdk.CfnOutputProps{Value: bucket.Key().KeyArn()})
	awscdk.NewCfnOutput(owner, jsii.String("Encrypted"),
		&awscdk.CfnOutputProps{Value: bucket.Bucket().EncryptionKey().KeyId()})
	var template struct {
		Outputs map[string]struct{ Value any }
	}
	synthesized(t, owner, &template)
	if diff := cmp.Diff(map[string]any{"Fn::GetAtt": []any{"BucketResource", "KeyArn"}}, template.Outputs["KeyOut"].Value,
		cmp.Comparer(func(a, b string) bool { return len(a) > 0 && len(b) > 0 })); diff != "" {
		t.Error(diff)
	}
}
