package sharedbucket

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/version"
)

// ProviderProps are the properties of a Provider.
type ProviderProps struct {
	// Code is the function's zip, with bootstrap at its root: an asset of build/lambda/<architecture>, or an object that
	// was uploaded before. Default: built with go from the module that this package came in.
	Code awslambda.Code

	// Architecture that bootstrap was built for. Default: ARM_64.
	Architecture awslambda.Architecture

	// LogRetention of the function's log group. Default: ONE_YEAR.
	LogRetention awslogs.RetentionDays

	// EncryptionKey encrypts the log group and the dead-letter queue. Its policy must let CloudWatch Logs use it, see
	// docs/deploy.md. Default: CloudWatch Logs and SQS encrypt with keys of their own.
	EncryptionKey awskms.IKey

	// AlarmTopic is told of alarms. Default: alarms change state and tell nobody.
	AlarmTopic awssns.ITopic

	// DriftSchedule is when the function looks whether every share is still as declared, as rate(…) or cron(…) of
	// EventBridge; "" is never. Default: once a day.
	DriftSchedule *string

	// WhoDrifted says whether the log names who changed what is not as declared, by CloudTrail's event history, which the
	// role may then look up. Default: true.
	WhoDrifted *bool

	Limits
}

// settings are those of the limits, and the others that the function reads.
func (p *ProviderProps) settings() role.Settings {
	settings := p.Limits.settings()
	settings[role.WhoDrifted] = []string{strconv.FormatBool(p.WhoDrifted == nil || *p.WhoDrifted)}
	return settings
}

// Limits are what the account's administrator lets shares do, enforced in the provider's role where a role can tell,
// and in the function. ARNs may be patterns with * and ?. Together they are bounded by what IAM takes of a role's
// policies and Lambda of a function's environment; synthesis says when they outgrow it.
type Limits struct {
	// BucketArns are the buckets that shares may create. Default: all names.
	BucketArns *[]*string

	// AdoptableBucketArns are the existing buckets that shares may adopt. Default: none.
	AdoptableBucketArns *[]*string

	// KeyArns are the KMS keys, not made by a share, that shares may use. Default: none.
	KeyArns *[]*string

	// GranteeArns are the users, roles and groups that can be delegates and grantees. A path makes a good pattern:
	// arn:aws:iam::111111111111:role/data/*. Default: every identity of the account but the providers; the right to write
	// inline policies is the right to escalate privileges.
	GranteeArns *[]*string

	// ConsumerAccounts are the ids of the accounts that may be let in. They and ConsumerOrganizations are one limit: as
	// soon as one of the two has an entry, who is on neither list stays out; "*" opens a list. Default: all.
	ConsumerAccounts *[]*string

	// ConsumerOrganizations are the ids of the organizations that may be let in, as a whole or by their organizational
	// units. Default: all.
	ConsumerOrganizations *[]*string
}

// settings are the limits by name, without those that are not given.
func (l Limits) settings() role.Settings {
	settings := role.Settings{}
	v := reflect.ValueOf(l)
	for i := range v.NumField() {
		if values := texts(v.Field(i).Interface().(*[]*string)); len(values) > 0 {
			settings[v.Type().Field(i).Name] = values
		}
	}
	return settings
}

// Provider is the function behind the custom resources, with its role, log group, dead-letter queue, schedule, alarms
// and dashboard. An account has one in each region where it takes part in a share.
type Provider struct {
	constructs.Construct
	Function awslambda.Function
	Role     awsiam.Role
	// ManagedPolicy is what Role may do in every account.
	ManagedPolicy awsiam.CfnManagedPolicy
	// JobRole is what S3 Batch Operations works with, and ReEncryption what it and the provider's role may do with what
	// lies in adopted buckets; nil where no bucket may be adopted.
	JobRole         awsiam.CfnRole
	ReEncryption    awsiam.CfnManagedPolicy
	LogGroup        awslogs.LogGroup
	DeadLetterQueue awssqs.Queue
	Alarms          Alarms
	Dashboard       awscloudwatch.CfnDashboard
	// Schedule is nil when nothing is looked at.
	Schedule *Schedule
}

// NewProvider makes the provider of the scope's account and region.
func NewProvider(scope constructs.Construct, id *string, props *ProviderProps) *Provider {
	if props == nil {
		props = &ProviderProps{}
	}
	p := &Provider{Construct: constructs.NewConstruct(scope, id)}
	p.LogGroup = newLogGroup(p.Construct, props)
	p.DeadLetterQueue = newDeadLetterQueue(p.Construct, props.EncryptionKey)
	p.Role = newRole(p, props)
	p.Function = newFunction(p, props)
	p.Alarms = newAlarms(p.Construct, p.Function, p.DeadLetterQueue, props.AlarmTopic)
	p.Dashboard = newDashboard(p.Construct, p.DeadLetterQueue)
	p.Schedule = newSchedule(p.Construct, p.Function, props.DriftSchedule)
	claim(p.Construct, p.Function)

	awsssm.NewStringParameter(p.Construct, jsii.String("ServiceToken"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(ServiceTokenParameter),
		StringValue:   p.Function.FunctionArn(),
		Description: jsii.String("The function that serves " + bucketType + " and " + accessType + " in this " +
			"account and region"),
	})
	return p
}

// ServiceToken is the service token of custom resources in the same stack. Other stacks read ServiceTokenParameter.
func (p *Provider) ServiceToken() *string { return p.Function.FunctionArn() }

func newLogGroup(scope constructs.Construct, props *ProviderProps) awslogs.LogGroup {
	retention := props.LogRetention
	if retention == "" {
		retention = awslogs.RetentionDays_ONE_YEAR
	}
	return awslogs.NewLogGroup(scope, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String(logGroupName),
		Retention:     retention,
		EncryptionKey: props.EncryptionKey,
		// A log group that outlives its stack would stand in the way of the next one: its name is fixed.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// newDeadLetterQueue holds events that were never handled. They carry the URL to answer at, which is a secret for the
// hours it is valid; with it an operator can answer by hand.
func newDeadLetterQueue(scope constructs.Construct, key awskms.IKey) awssqs.Queue {
	encryption := awssqs.QueueEncryption_SQS_MANAGED
	if key != nil {
		encryption = awssqs.QueueEncryption_KMS
	}
	return awssqs.NewQueue(scope, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		Encryption:          encryption,
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(14)),
		// It takes Lambda's events, and is nobody else's dead-letter queue.
		RedriveAllowPolicy: &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_DENY_ALL},
		RemovalPolicy:      awscdk.RemovalPolicy_DESTROY,
	})
}

// newRole makes the role with its rights in it, not in a policy after it: the function is never there without them.
func newRole(p *Provider, props *ProviderProps) awsiam.Role {
	settings := props.settings()
	for _, problem := range role.CheckSize(settings) {
		awscdk.Annotations_Of(p.Construct).AddError(jsii.String(problem.Error()))
	}
	if props.EncryptionKey != nil {
		settings[role.EncryptionKeyArn] = []string{*props.EncryptionKey.KeyArn()}
	}
	statements := role.Statements(settings, role.Own{
		LogGroup: *p.LogGroup.LogGroupArn(), Queue: *p.DeadLetterQueue.QueueArn(),
	})
	p.ManagedPolicy = awsiam.NewCfnManagedPolicy(p.Construct, jsii.String("ManagedPolicy"), &awsiam.CfnManagedPolicyProps{
		Description:    jsii.String("What the SharedBucket provider may do in every account"),
		PolicyDocument: role.Document(inTemplate(role.Managed(statements))),
	})
	newReEncryption(p, settings, statements)
	r := awsiam.NewRole(p.Construct, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:    jsii.String(role.NamePrefix + *awscdk.Stack_Of(p.Construct).Region()),
		Description: jsii.String("What the SharedBucket provider may do, and nothing else"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	cfn := r.Node().DefaultChild().(awscdk.CfnResource)
	policies := []any{p.ManagedPolicy.Ref()}
	if p.ReEncryption != nil {
		policies = append(policies, p.ReEncryption.Ref())
	}
	cfn.AddPropertyOverride(jsii.String("ManagedPolicyArns"), policies)
	cfn.AddPropertyOverride(jsii.String("Policies"), role.Policies(FunctionName, inTemplate(role.Inline(statements))))
	return r
}

// newReEncryption makes what re-encrypts what lies in adopted buckets: the right to do that, which the provider has as
// well, and the role of S3 Batch Operations. Without buckets that may be adopted there is neither.
func newReEncryption(p *Provider, settings role.Settings, statements []role.Statement) {
	if len(settings[role.AdoptableBucketArns]) == 0 {
		return
	}
	p.ReEncryption = awsiam.NewCfnManagedPolicy(p.Construct, jsii.String("ReEncryption"), &awsiam.CfnManagedPolicyProps{
		PolicyDocument: role.Document(inTemplate(role.OfBoth(statements))),
	})
	p.JobRole = awsiam.NewCfnRole(p.Construct, jsii.String("JobRole"), &awsiam.CfnRoleProps{
		RoleName:                 jsii.String(role.NamePrefix + *awscdk.Stack_Of(p.Construct).Region() + share.JobRoleSuffix),
		AssumeRolePolicyDocument: role.JobTrust(),
		ManagedPolicyArns:        &[]any{p.ReEncryption.Ref()},
	})
	p.JobRole.AddPropertyOverride(jsii.String("Policies"),
		role.Policies(FunctionName, inTemplate(role.JobStatements(settings))))
}

// inTemplate are statements as they stand in a template.
func inTemplate(statements []role.Statement) []any {
	all := make([]any, len(statements))
	for i, s := range statements {
		all[i] = s.JSON()
	}
	return all
}

// environment is what the function reads its limits from.
func environment(settings role.Settings) *map[string]*string {
	variables := map[string]*string{}
	for name, values := range settings {
		variables[name] = jsii.String(strings.Join(values, ","))
	}
	return &variables
}

// description says what the function is for, and of which release it is.
func description() string {
	text := "Serves " + bucketType + " and " + accessType
	if v := version.Release(); v != "" {
		text += ", " + v
	}
	return text
}

func newFunction(p *Provider, props *ProviderProps) awslambda.Function {
	architecture := props.Architecture
	if architecture == nil {
		architecture = awslambda.Architecture_ARM_64()
	}
	code, built := props.Code, ""
	if code == nil {
		code, built = builtCode(p.Construct, architecture)
	}
	defer func() { removeBuilt(p.Construct, built) }()
	function := awslambda.NewFunction(p.Construct, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String(FunctionName),
		Description:  jsii.String(description()),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture,
		Handler:      jsii.String("bootstrap"),
		Code:         code,
		Environment:  environment(props.settings()),
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
