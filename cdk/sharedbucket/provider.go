package sharedbucket

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	// FunctionName is the provider's name in every account and region. It is part of every custom resource's service
	// token, which CloudFormation lets nobody change, so it is not a property.
	FunctionName = "sharedbucket-provider"

	// ServiceTokenParameter is the SSM parameter that holds the provider's ARN.
	ServiceTokenParameter = "/sharedbucket/service-token"

	roleNamePrefix = FunctionName + "-"
	logGroupName   = "/aws/lambda/" + FunctionName

	// timeoutSeconds is all that Lambda gives.
	timeoutSeconds = 900
	// serviceTimeoutSeconds is how long CloudFormation waits for an answer: a little longer than the function can run,
	// where the default is an hour.
	serviceTimeoutSeconds = 960
	memoryMB              = 512
)

// ProviderProps are the properties of a Provider.
type ProviderProps struct {
	// Code is the function's zip, with bootstrap at its root: an asset of build/lambda/<architecture>, or an object that
	// was uploaded before. Required.
	Code awslambda.Code

	// Architecture that bootstrap was built for. Default: ARM_64.
	Architecture awslambda.Architecture

	// LogRetention of the function's log group. Default: ONE_YEAR.
	LogRetention awslogs.RetentionDays

	// AlarmTopic is told of alarms. Default: alarms change state and tell nobody.
	AlarmTopic awssns.ITopic

	// BucketArns are ARNs, or patterns with * and ?, of the buckets that this account shares through the provider.
	// Default: every bucket of the account.
	BucketArns *[]*string

	// GranteeArns are ARNs, or patterns with * and ?, of the users, roles and groups that can be delegates and grantees.
	// A path makes a good pattern: arn:aws:iam::111111111111:role/data/*. Default: every identity of the account but the
	// providers; the right to write inline policies is the right to escalate privileges.
	GranteeArns *[]*string
}

// Provider is the function behind the custom resources, with its role, log group, dead-letter queue and alarms. An
// account has one in each region where it takes part in a share.
type Provider struct {
	constructs.Construct
	Function        awslambda.Function
	Role            awsiam.Role
	LogGroup        awslogs.LogGroup
	DeadLetterQueue awssqs.Queue
	Alarms          Alarms
}

// NewProvider makes the provider of the scope's account and region.
func NewProvider(scope constructs.Construct, id *string, props *ProviderProps) *Provider {
	p := &Provider{Construct: constructs.NewConstruct(scope, id)}
	p.LogGroup = newLogGroup(p.Construct, props.LogRetention)
	p.DeadLetterQueue = newDeadLetterQueue(p.Construct)
	p.Role = newRole(p.Construct, Limits{texts(props.BucketArns), texts(props.GranteeArns)}, p.LogGroup, p.DeadLetterQueue)
	p.Function = newFunction(p, props)
	p.Alarms = newAlarms(p, props.AlarmTopic)

	awsssm.NewStringParameter(p.Construct, jsii.String("ServiceToken"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(ServiceTokenParameter),
		StringValue:   p.Function.FunctionArn(),
		Description:   jsii.String("The function that serves " + bucketType + " and " + accessType + " in this account and region"),
	})
	return p
}

// ServiceToken is the service token of custom resources in the same stack. Other stacks read ServiceTokenParameter.
func (p *Provider) ServiceToken() *string { return p.Function.FunctionArn() }

func newLogGroup(scope constructs.Construct, retention awslogs.RetentionDays) awslogs.LogGroup {
	if retention == "" {
		retention = awslogs.RetentionDays_ONE_YEAR
	}
	return awslogs.NewLogGroup(scope, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(logGroupName),
		Retention:    retention,
		// A log group that outlives its stack would stand in the way of the next one: its name is fixed.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// newDeadLetterQueue holds events that were never handled. They carry the URL to answer at, which is a secret for the
// hours it is valid; with it an operator can answer by hand.
func newDeadLetterQueue(scope constructs.Construct) awssqs.Queue {
	return awssqs.NewQueue(scope, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		// It takes Lambda's events, and is nobody else's dead-letter queue.
		RedriveAllowPolicy: &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_DENY_ALL},
		RemovalPolicy:      awscdk.RemovalPolicy_DESTROY,
	})
}

func newRole(scope constructs.Construct, limits Limits, logs awslogs.LogGroup, queue awssqs.Queue) awsiam.Role {
	statements := append(Statements(limits), ownStatements(*logs.LogGroupArn(), *queue.QueueArn())...)
	return awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:    jsii.String(roleNamePrefix + *awscdk.Stack_Of(scope).Region()),
		Description: jsii.String("What the SharedBucket provider may do, and nothing else"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		// The rights come with the role, not in a policy after it: the function is never there without them.
		InlinePolicies: &map[string]awsiam.PolicyDocument{FunctionName: policyDocument(statements)},
	})
}

func policyDocument(statements []Statement) awsiam.PolicyDocument {
	document := awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Minimize: jsii.Bool(false)})
	for _, s := range statements {
		document.AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String(s.Sid),
			Effect:     awsiam.Effect(strings.ToUpper(s.effect())),
			Actions:    jsii.Strings(s.Actions...),
			Resources:  subAll(s.Resources),
			Conditions: conditions(s.Condition),
		}))
	}
	return document
}

func conditions(c map[string]map[string][]string) *map[string]interface{} {
	if len(c) == 0 {
		return nil
	}
	all := map[string]interface{}{}
	for operator, keys := range c {
		of := map[string]interface{}{}
		for key, values := range keys {
			if len(values) == 1 {
				of[key] = sub(values[0])
			} else {
				of[key] = subAll(values)
			}
		}
		all[operator] = of
	}
	return &all
}

// sub leaves ${AWS::…} to CloudFormation.
func sub(text string) *string {
	switch {
	case text == "${AWS::AccountId}":
		return awscdk.Aws_ACCOUNT_ID()
	case !strings.Contains(text, "${AWS::"):
		return jsii.String(text)
	}
	return awscdk.Fn_Sub(jsii.String(text), nil)
}

func subAll(all []string) *[]*string {
	out := make([]*string, len(all))
	for i, text := range all {
		out[i] = sub(text)
	}
	return &out
}

func newFunction(p *Provider, props *ProviderProps) awslambda.Function {
	architecture := props.Architecture
	if architecture == nil {
		architecture = awslambda.Architecture_ARM_64()
	}
	function := awslambda.NewFunction(p.Construct, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String(FunctionName),
		Description:  jsii.String("Serves " + bucketType + " and " + accessType),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture,
		Handler:      jsii.String("bootstrap"),
		Code:         props.Code,
		Timeout:      awscdk.Duration_Seconds(jsii.Number(timeoutSeconds)),
		MemorySize:   jsii.Number(memoryMB),
		// The role is complete; what the function construct would add for log group and queue is in it.
		Role:                  p.Role.WithoutPolicyUpdates(nil),
		LogGroup:              p.LogGroup,
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_INFO,
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO,
		DeadLetterQueue:       p.DeadLetterQueue,
		// An event that is older than CloudFormation's patience must not be handled any more: a late Create would come
		// after the Delete of its rollback. One retry is for a function that died without an answer.
		RetryAttempts: jsii.Number(1),
		MaxEventAge:   awscdk.Duration_Seconds(jsii.Number(timeoutSeconds)),
	})
	return function
}
