package sharedbucket

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// IProvider is a provider that is made here, or that is there already.
type IProvider interface {
	// ServiceToken is the function's ARN.
	ServiceToken() *string
}

// lookedUp is a provider that is there already.
type lookedUp struct{ token *string }

// ServiceToken implements IProvider.
func (l lookedUp) ServiceToken() *string { return l.token }

// ProviderFromLookup is the provider that the scope's account and region have already: its ARN is read when the app is
// synthesized and kept in cdk.context.json, so synthesis fails where there is none. The stack's account and region must
// be known. A stack that does not say which provider it means reads the ARN on deployment instead.
func ProviderFromLookup(scope constructs.Construct) IProvider {
	return lookedUp{awsssm.StringParameter_ValueFromLookup(scope, jsii.String(ServiceTokenParameter), nil, nil)}
}

const serviceTokenID = "SharedBucketServiceToken"

// serviceTokenOf is the ARN of the provider of the scope's own stack, whose deletion then waits for what it serves. In
// a stack without one it is read on deployment, once per stack:
// a parameter, unlike an export, leaves either stack free to be deployed, moved or replaced without the other.
func serviceTokenOf(scope constructs.Construct) *string {
	stack := awscdk.Stack_Of(scope)
	if own := providersBelow(stack); len(own) > 0 {
		scope.Node().AddDependency(own[0].Node().Scope().Node().Scope())
		return own[0].AttrArn()
	}
	if there := stack.Node().TryFindChild(jsii.String(serviceTokenID)); there != nil {
		return there.(awscdk.CfnParameter).ValueAsString()
	}
	return awscdk.NewCfnParameter(stack, jsii.String(serviceTokenID), &awscdk.CfnParameterProps{
		Type:    jsii.String("AWS::SSM::Parameter::Value<String>"),
		Default: ServiceTokenParameter,
		Description: jsii.String("Name of the SSM parameter that holds the provider's ARN; " +
			"the SharedBucketProvider stack writes it"),
	}).ValueAsString()
}

// providersBelow are the functions of providers in a part of the app.
func providersBelow(scope constructs.IConstruct) []awslambda.CfnFunction {
	var found []awslambda.CfnFunction
	for _, c := range *scope.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		function, ok := c.(awslambda.CfnFunction)
		if ok && function.FunctionName() != nil && *function.FunctionName() == FunctionName {
			found = append(found, function)
		}
	}
	return found
}

// claim makes a provider that of its stack: what was declared in the stack before it turns to it. A second provider of
// an account and region is an error.
func claim(provider constructs.Construct, function awslambda.Function) {
	stack := awscdk.Stack_Of(provider)
	own := function.Node().DefaultChild().(awslambda.CfnFunction)
	for _, other := range providersBelow(stack.Node().Root()) {
		if *other.Node().Path() != *own.Node().Path() && sameEnvironment(stack, awscdk.Stack_Of(other)) {
			awscdk.Annotations_Of(provider).AddError(jsii.String(fmt.Sprintf("%s is a provider already: an account has one "+
				"in each region. Share it, with no Provider here or with ProviderFromLookup", *other.Node().Path())))
		}
	}
	if !*stack.Node().TryRemoveChild(jsii.String(serviceTokenID)) {
		return
	}
	for _, c := range *stack.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		resource, ok := c.(awscdk.CfnResource)
		if ok && (*resource.CfnResourceType() == bucketType || *resource.CfnResourceType() == accessType) {
			resource.AddPropertyOverride(jsii.String("ServiceToken"), own.AttrArn())
			resource.Node().AddDependency(provider)
		}
	}
}

// sameEnvironment says whether two stacks go to one account and region, as far as that is known.
func sameEnvironment(a, b awscdk.Stack) bool {
	environment := *a.Environment()
	return *a.Node().Path() == *b.Node().Path() ||
		(environment == *b.Environment() && !strings.Contains(environment, "unknown-"))
}
