// Package stacks puts the constructs together as the stacks that the CDK app deploys and that templates/ holds.
package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/sharefile"
)

// The names of the stacks.
const (
	ProviderName     = "SharedBucketProvider"
	OwnerName        = "SharedBucketOwner"
	ConsumerName     = "SharedBucketConsumer"
	OrganizationName = "SharedBucketOrganization"
)

// Share is what the app deploys for one share file.
type Share struct {
	File         sharefile.File
	Code         awslambda.Code
	Architecture awslambda.Architecture
}

// Add adds the stacks that belong into account to the app: the provider in every account, the owner's stack in the
// owner account, the consumer's where the file has grantees. Without account (nobody is logged in) it adds them all,
// for cdk ls and cdk synth. It returns whether the account has a part in the share.
func (s Share) Add(app constructs.Construct, account string) bool {
	provider := s.addProvider(app, account)
	takesPart := account == ""
	if account == "" || account == s.File.Owner() {
		s.addOwner(app).AddStackDependency(provider, nil)
		takesPart = true
	}
	consumers := s.File.Accounts()
	for _, consumer := range consumers {
		if account != "" && account != consumer {
			continue
		}
		id := ConsumerName
		if account == "" && len(consumers) > 1 {
			id += "-" + consumer
		}
		s.addConsumer(app, id, consumer).AddStackDependency(provider, nil)
		takesPart = true
	}
	return takesPart
}

func (s Share) env(account string) *awscdk.Environment {
	env := &awscdk.Environment{Region: jsii.String(s.File.Region())}
	if account != "" {
		env.Account = jsii.String(account)
	}
	return env
}

func (s Share) addProvider(app constructs.Construct, account string) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(ProviderName), &awscdk.StackProps{
		Env:         s.env(account),
		Description: jsii.String(providerDescription),
	})
	provider := sharedbucket.NewProvider(stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code:         s.Code,
		Architecture: s.Architecture,
	})
	output(stack, "ServiceToken", "ARN of the provider, also in the SSM parameter "+sharedbucket.ServiceTokenParameter, provider.ServiceToken())
	readableIDs(stack)
	return stack
}

func (s Share) addOwner(app constructs.Construct) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(OwnerName), &awscdk.StackProps{
		Env:         s.env(s.File.Owner()),
		Description: jsii.String(ownerDescription),
	})
	bucket := sharedbucket.NewSharedBucketFromProperties(stack, jsii.String("SharedBucket"), s.File.BucketProperties())
	ownerOutputs(stack, bucket)
	readableIDs(stack)
	return stack
}

func (s Share) addConsumer(app constructs.Construct, id, account string) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(ConsumerName),
		Env:         s.env(account),
		Description: jsii.String(consumerDescription),
	})
	access := sharedbucket.NewSharedBucketAccessFromProperties(stack, jsii.String("SharedBucketAccess"), s.File.AccessProperties(account))
	consumerOutputs(stack, access)
	readableIDs(stack)
	return stack
}

const (
	providerDescription = "SharedBucket: the function that serves Custom::SharedBucket and Custom::SharedBucketAccess in this account and region"
	ownerDescription    = "SharedBucket: a bucket and its KMS key, and everybody who may use them"
	consumerDescription = "SharedBucket: access of this account's users, roles and groups to a bucket of another account"
)

func ownerOutputs(stack awscdk.Stack, bucket *sharedbucket.SharedBucket) {
	output(stack, "BucketName", "Name of the bucket", bucket.BucketName())
	output(stack, "BucketArn", "ARN of the bucket", bucket.BucketArn())
	output(stack, "KeyArn", "ARN of the bucket's key", bucket.KeyArn())
	output(stack, "Verified", "What was proven after the last change", bucket.Verified())
}

func consumerOutputs(stack awscdk.Stack, access *sharedbucket.SharedBucketAccess) {
	output(stack, "BucketArn", "ARN of the bucket", access.BucketArn())
	output(stack, "KeyArn", "ARN of the bucket's key", access.KeyArn())
	output(stack, "PolicyName", "Name of the grantees' inline policies", access.PolicyName())
	output(stack, "Verified", "What was proven after the last change", access.Verified())
}

func output(stack awscdk.Stack, name, description string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(name+"Output"), &awscdk.CfnOutputProps{
		Description: jsii.String(description),
		Value:       value,
	}).OverrideLogicalId(jsii.String(name))
}
