// Package stacks puts the constructs together as the stacks that the CDK app deploys and that templates/ holds.
package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/sharefile"
	"example.com/sharedbucket/internal/version"
)

// The names of the stacks. Those of a share have its name behind theirs.
const (
	ProviderName     = "SharedBucketProvider"
	ownerName        = "SharedBucketOwner"
	consumerName     = "SharedBucketConsumer"
	organizationName = "SharedBucketOrganization"
)

// Shares are what the app deploys for share files.
type Shares struct {
	Files            []sharefile.File
	Program          string // the folder with the function's bootstrap
	Architecture     awslambda.Architecture
	Limits           sharedbucket.Limits
	EncryptionKeyArn string // of log and queue; empty: none of the user's own
	// DriftSchedule and WhoDrifted are as in sharedbucket.ProviderProps.
	DriftSchedule *string
	WhoDrifted    *bool
}

// Add adds the stacks that belong into account to the app: a provider in each region where the account takes part, the
// owner's stack of each share that it owns, the consumer's of each that has grantees there. Without account (nobody is
// logged in) it adds those of every account, in order, for cdk ls and cdk synth. An account without a part gets the
// provider alone: TakesPart tells.
func (s Shares) Add(app constructs.Construct, account string) {
	all := s.planned(account)
	providers := map[string]awscdk.Stack{}
	for _, p := range all {
		stack := p.add(app, p.id(all), p)
		at := p.account + " " + p.region
		if p.name == ProviderName {
			providers[at] = stack
		} else {
			stack.AddStackDependency(providers[at], nil)
		}
	}
}

// TakesPart says whether an account owns or consumes any of the shares.
func (s Shares) TakesPart(account string) bool { return slices.Contains(s.accounts(), account) }

// planned is a stack to be added.
type planned struct {
	name            string // in CloudFormation
	account, region string
	add             func(app constructs.Construct, id string, p planned) awscdk.Stack
}

// id is the stack's name in the app: that in CloudFormation, and whatever tells it from others of the same name.
func (p planned) id(all []planned) string {
	id, accounts, regions := p.name, false, false
	for _, other := range all {
		if other.name == p.name {
			accounts = accounts || other.account != p.account
			regions = regions || other.region != p.region
		}
	}
	if accounts {
		id += "-" + p.account
	}
	if regions {
		id += "-" + p.region
	}
	return id
}

// planned are the stacks of an account, or of every account one after the other: providers, owners, consumers.
func (s Shares) planned(account string) []planned {
	accounts := []string{account}
	if account == "" {
		accounts = s.accounts()
	}
	var all []planned
	for _, one := range accounts {
		for _, region := range s.regions(one) {
			all = append(all, planned{ProviderName, one, region, s.addProvider})
		}
		for _, f := range s.Files {
			if f.Owner() == one {
				all = append(all, planned{ownerName + "-" + f.ShareName(), one, f.Region(), addOwner(f)})
			}
		}
		for _, f := range s.Files {
			if slices.Contains(f.Accounts(), one) {
				all = append(all, planned{consumerName + "-" + f.ShareName(), one, f.Region(), addConsumer(f)})
			}
		}
	}
	return all
}

// accounts are all that take part, sorted.
func (s Shares) accounts() []string {
	var all []string
	for _, f := range s.Files {
		all = append(append(all, f.Owner()), f.Accounts()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// regions are where an account takes part; for one that does not, where anybody does.
func (s Shares) regions(account string) []string {
	var own, any []string
	for _, f := range s.Files {
		any = append(any, f.Region())
		if f.Owner() == account || slices.Contains(f.Accounts(), account) {
			own = append(own, f.Region())
		}
	}
	if len(own) == 0 {
		own = any
	}
	slices.Sort(own)
	return slices.Compact(own)
}

func (p planned) stack(app constructs.Construct, id, description string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(p.name),
		Env:         &awscdk.Environment{Account: jsii.String(p.account), Region: jsii.String(p.region)},
		Description: jsii.String(stamped(description)),
	})
}

func (s Shares) addProvider(app constructs.Construct, id string, p planned) awscdk.Stack {
	stack := p.stack(app, id, providerDescription)
	props := &sharedbucket.ProviderProps{
		Code:         awslambda.Code_FromAsset(jsii.String(s.Program), nil),
		Architecture: s.Architecture,
		Limits:       s.Limits,

		DriftSchedule: s.DriftSchedule, WhoDrifted: s.WhoDrifted,
	}
	if s.EncryptionKeyArn != "" {
		props.EncryptionKey = awskms.Key_FromKeyArn(stack, jsii.String("EncryptionKey"), jsii.String(s.EncryptionKeyArn))
	}
	provider := sharedbucket.NewProvider(stack, jsii.String("Provider"), props)
	output(stack, "ServiceToken", serviceTokenDescription, provider.ServiceToken())
	readableIDs(stack)
	return stack
}

// addOwner adds the owner's stack of a share. Its description names the bucket, so that cdk diff says in words that
// another BucketName in the same stack ends the share of the first one.
func addOwner(f sharefile.File) func(constructs.Construct, string, planned) awscdk.Stack {
	return func(app constructs.Construct, id string, p planned) awscdk.Stack {
		stack := p.stack(app, id, fmt.Sprintf(ownerOf, f.BucketName()))
		bucket := sharedbucket.NewSharedBucketFromProperties(stack, jsii.String("SharedBucket"), f.BucketProperties())
		ownerOutputs(stack, bucket)
		readableIDs(stack)
		return stack
	}
}

func addConsumer(f sharefile.File) func(constructs.Construct, string, planned) awscdk.Stack {
	return func(app constructs.Construct, id string, p planned) awscdk.Stack {
		stack := p.stack(app, id, fmt.Sprintf(consumerOf, f.BucketName()))
		access := sharedbucket.NewSharedBucketAccessFromProperties(stack, jsii.String("SharedBucketAccess"),
			f.AccessProperties(p.account))
		consumerOutputs(stack, access)
		readableIDs(stack)
		return stack
	}
}

const (
	providerDescription = "SharedBucket: the function that serves Custom::SharedBucket and Custom::SharedBucketAccess " +
		"in this account and region"
	ownerDescription    = "SharedBucket: a bucket and its KMS key, and everybody who may use them"
	consumerDescription = "SharedBucket: access of this account's users, roles and groups to a bucket of another account"

	ownerOf = "SharedBucket: the share of %s. Another bucket's name here ends it: everybody else loses access to " +
		"this one"
	consumerOf = "SharedBucket: access to %s. Another bucket's name here ends it"

	serviceTokenDescription = "ARN of the provider, also in the SSM parameter " + sharedbucket.ServiceTokenParameter
)

// stamped is a stack's description with the version of a release, so that a deployed stack says what made it.
func stamped(description string) string {
	if v := version.Release(); v != "" {
		return strings.Replace(description, "SharedBucket:", "SharedBucket "+v+":", 1)
	}
	return description
}

func ownerOutputs(stack awscdk.Stack, bucket *sharedbucket.SharedBucket) {
	output(stack, "BucketName", "Name of the bucket", bucket.BucketName())
	output(stack, "BucketArn", "ARN of the bucket", bucket.BucketArn())
	output(stack, "KeyArn", "ARN of the bucket's key", bucket.KeyArn())
	output(stack, "Verified", "What was proven after the last change", bucket.Verified())
}

func consumerOutputs(stack awscdk.Stack, access *sharedbucket.SharedBucketAccess) {
	output(stack, "BucketArn", "ARN of the bucket", access.BucketArn())
	output(stack, "KeyArn", "ARN of the bucket's key", access.KeyArn())
	output(stack, "PolicyName", "Name of the grantees' policies", access.PolicyName())
	output(stack, "Verified", "What was proven after the last change", access.Verified())
}

func output(stack awscdk.Stack, name, description string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(name+"Output"), &awscdk.CfnOutputProps{
		Description: jsii.String(description),
		Value:       value,
	}).OverrideLogicalId(jsii.String(name))
}
