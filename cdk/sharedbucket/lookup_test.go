package sharedbucket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

var environmentA = &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("ap-southeast-2")}

func addProvider(stack awscdk.Stack) *sharedbucket.Provider {
	return sharedbucket.NewProvider(stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code: awslambda.Code_FromAsset(jsii.String("testdata/function"), nil),
	})
}

func addBucket(stack awscdk.Stack, provider sharedbucket.IProvider) {
	sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("account-a-bucket"), Provider: provider,
	})
}

// In one stack the share is served by the stack's own function, whichever was declared first: an SSM parameter would
// not be there yet when CloudFormation reads it.
func TestProviderAndShareInOneStack(t *testing.T) {
	for name, declare := range map[string]func(awscdk.Stack){
		"provider first": func(s awscdk.Stack) { addProvider(s); addBucket(s, nil) },
		"share first":    func(s awscdk.Stack) { addBucket(s, nil); addProvider(s) },
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack(environmentA)
			declare(stack)
			var template struct {
				resources
				Parameters map[string]struct{ Type string }
			}
			synthesized(t, stack, &template)
			for id, p := range template.Parameters {
				if strings.HasPrefix(p.Type, "AWS::SSM::") && strings.Contains(id, "ServiceToken") {
					t.Error("the ARN is read from a parameter of", p.Type)
				}
			}
			bucket := template.only(t, share.BucketType)
			if token := fmt.Sprint(bucket.Properties["ServiceToken"]); !strings.Contains(token, "Fn::GetAtt:[ProviderFunction") {
				t.Error("the service token is", token)
			}
			if !strings.Contains(fmt.Sprint(bucket.DependsOn), "ProviderFunctionEventInvokeConfig") {
				t.Error("the share may be called before its provider is complete:", bucket.DependsOn)
			}
		})
	}
}

func TestSecondProviderIsAnError(t *testing.T) {
	app := awscdk.NewApp(nil)
	elsewhere := &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("eu-central-1")}
	first := awscdk.NewStack(app, jsii.String("First"), &awscdk.StackProps{Env: environmentA})
	second := awscdk.NewStack(app, jsii.String("Second"), &awscdk.StackProps{Env: environmentA})
	third := awscdk.NewStack(app, jsii.String("Third"), &awscdk.StackProps{Env: elsewhere})
	for _, stack := range []awscdk.Stack{first, second, third} {
		addProvider(stack)
	}
	if found := errorsOf(second); len(found) != 1 ||
		!strings.Contains(found[0], "First/Provider/Function/Resource is a provider already") {
		t.Error(found)
	}
	if found := append(errorsOf(first), errorsOf(third)...); len(found) > 0 {
		t.Error(found)
	}
}

func TestProviderFromLookup(t *testing.T) {
	stack := newStack(environmentA)
	addBucket(stack, sharedbucket.ProviderFromLookup(stack))
	var template struct {
		resources
		Parameters map[string]struct{ Default string }
	}
	synthesized(t, stack, &template)
	// Nothing was looked up here: CDK has a value of its own until the cdk command has read the parameter.
	if got := template.only(t, share.BucketType).Properties["ServiceToken"]; got !=
		"dummy-value-for-/sharedbucket/service-token" {
		t.Error("service token:", got)
	}
	for id, p := range template.Parameters {
		if p.Default == sharedbucket.ServiceTokenParameter {
			t.Error("the stack reads the ARN on deployment too:", id)
		}
	}
}
