package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

const (
	digestKeyPattern    = `^[A-Za-z0-9!_.*'()/-]*[0-9a-f]{64}\.zip$`
	digestKeyConstraint = "an object key that ends in the zip's SHA-256 and .zip, as make publish names it"
)

// retentions are what CloudWatch Logs takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var retentions = []string{"7", "14", "30", "60", "90", "180", "365", "731", "1827", "3653"}

func codeParameters(bucket parameter) group {
	return group{"Code", []parameter{
		bucket,
		{
			name: "CodeKey", label: "Key of the zip",
			description: "Key of the function's zip in that bucket. It has the zip's SHA-256 in its name, so that new code " +
				"is a new key and CloudFormation sees the change",
			pattern: digestKeyPattern, constraint: digestKeyConstraint,
		},
		{
			name: "Architecture", label: "Architecture", description: "What the zip was built for",
			defaultTo: "arm64", values: []string{"arm64", "x86_64"},
		},
	}}
}

// limitParameters are the provider's limits.
func limitParameters() group {
	g := group{label: "Limits"}
	for _, l := range role.Limits {
		description := fmt.Sprintf("%s, separated by commas. Empty: %s", l.What, l.Default)
		values := limitPatterns[l.Name]
		g.parameters = append(g.parameters, listParameter(l.Name, l.Label, description, values.pattern, values.constraint))
	}
	return g
}

// limitPatterns are what each value of a limit looks like: CloudFormation matches AllowedPattern value by value.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
var limitPatterns = map[string]struct{ pattern, constraint string }{
	role.BucketArns:          {bucketArnPattern, bucketArnConstraint},
	role.AdoptableBucketArns: {bucketArnPattern, bucketArnConstraint},
	role.KeyArns: {
		`^$|^\*$|^arn:[a-z*-]+:kms:[a-z0-9*-]+:[0-9*]+:key/[A-Za-z0-9*?-]+$`,
		"ARNs of KMS keys (not aliases), or patterns, separated by commas",
	},
	role.GranteeArns: {
		`^$|^\*$|^arn:[a-z*-]+:iam::[0-9*]+:(user|role|group|\*)/?[\w+=,.@/*?-]*$`,
		"ARNs of users, roles or groups, or patterns, separated by commas",
	},
	role.ConsumerAccounts: {`^$|^\*$|` + accountPattern, "account ids of twelve digits, separated by commas, or *"},
	role.ConsumerOrganizations: {
		`^$|^\*$|^` + share.OrganizationPattern + `$`, "ids of organizations, o-…, separated by commas, or *",
	},
}

const (
	bucketArnPattern    = `^$|^\*$|^arn:[a-z*-]+:s3:::[a-z0-9.*?-]+$`
	bucketArnConstraint = "ARNs of buckets, arn:aws:s3:::name, or patterns, separated by commas"
)

// The parameters about looking for drift, of a provider and of an organization's.
var (
	driftSchedule = parameter{
		name: "DriftSchedule", label: "When to look for drift",
		description: "When the function looks whether every share is still as declared, as rate(...) or cron(...) of " +
			"EventBridge. Empty: never",
		defaultTo: sharedbucket.DefaultDriftSchedule, pattern: `^$|^(rate|cron)\(.+\)$`,
		constraint: "rate(...) or cron(...), or nothing",
	}
	whoDrifted = boolParameter(role.WhoDrifted, "Say who drifted", "Name in the log who changed what is not as declared, "+
		"by CloudTrail's event history, which the provider's role may then look up", true)
)

// ProviderForm is SharedBucketProvider for templates/provider.yaml.
func ProviderForm(app awscdk.App) awscdk.Stack {
	f := newForm(app, ProviderName, providerDescription,
		codeParameters(parameter{
			name: "CodeBucket", label: "Bucket of the zip", description: "Bucket with the function's zip, in this region",
			pattern: bucketPattern, constraint: bucketConstraint,
		}),
		group{"Operation", []parameter{
			{
				name: "CodeBucketPerRegion", label: "One bucket per region",
				description: "true: CodeBucket is a prefix, and the bucket is <CodeBucket>-<region>. So one value serves a " +
					"StackSet in every region",
				defaultTo: "false", values: []string{"true", "false"},
			},
			{
				name: "LogRetentionInDays", label: "Days to keep logs", description: "How long CloudWatch keeps the function's log",
				kind: number, defaultTo: "365", values: retentions,
			},
			{
				name: "AlarmTopicArn", label: "Topic for alarms",
				description: "ARN of an SNS topic that is told of alarms. Empty: nobody is told",
				defaultTo:   "", pattern: `^$|^arn:[a-z-]+:sns:[a-z0-9-]+:` + share.AccountPattern + `:.+$`, constraint: "an SNS topic's ARN, or nothing",
			},
			driftSchedule, whoDrifted,
			{
				name: role.EncryptionKeyArn, label: "Key of log and queue",
				description: "ARN of a KMS key that encrypts the function's log and its dead-letter queue. Its policy must let " +
					"CloudWatch Logs use it (docs/deploy.md). Empty: CloudWatch Logs and SQS encrypt with keys of their own",
				defaultTo: "", pattern: keyPattern, constraint: keyConstraint,
			},
		}},
		limitParameters(),
	)
	provider := sharedbucket.NewProvider(f.stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code: awslambda.Code_FromBucket(awss3.Bucket_FromBucketName(f.stack, jsii.String("Code"),
			f.text("CodeBucket")), f.text("CodeKey"), nil),
		Architecture: awslambda.Architecture_Custom(f.text("Architecture"), nil),
		// In place of what the parameters say, so that what depends on it is there.
		Limits: sharedbucket.Limits{AdoptableBucketArns: &[]*string{jsii.String("*")}},
	})
	f.parameterize(provider)
	output(f.stack, "ServiceToken", serviceTokenDescription, provider.ServiceToken())
	readableIDs(f.stack)
	return f.stack
}

func (f form) parameterize(p *sharedbucket.Provider) {
	perRegion := ifElse(f.isTrue("CodeBucketPerRegion"), sub("${CodeBucket}-${AWS::Region}"), ref("CodeBucket"))
	override(cfn(p.Function), property{"Code.S3Bucket", perRegion})
	override(cfn(p.LogGroup), property{"RetentionInDays", ref("LogRetentionInDays")})
	told := f.given("AlarmTopicArn")
	for _, alarm := range p.Alarms.All() {
		override(cfn(alarm), property{"AlarmActions", []any{ifElse(told, ref("AlarmTopicArn"), nil)}})
		acknowledge(alarm, "F3033", "the parameter's empty default is never an alarm action: the condition leaves it out")
	}
	f.schedule(p.Schedule)
	f.encrypt(p)
	f.limit(p)
}

// schedule leaves the schedule out where there is to be none.
func (f form) schedule(s *sharedbucket.Schedule) {
	given := f.given("DriftSchedule")
	for _, resource := range []awscdk.CfnResource{s.Rule, s.Permission} {
		resource.AddOverride(jsii.String("Condition"), given)
	}
	override(s.Rule, property{"ScheduleExpression", ref("DriftSchedule")})
}

// encrypt puts the customer managed key where there is one.
func (f form) encrypt(p *sharedbucket.Provider) {
	given, key := f.given(role.EncryptionKeyArn), ref(role.EncryptionKeyArn)
	override(cfn(p.LogGroup), property{"KmsKeyId", ifElse(given, key, nil)})
	acknowledge(p.LogGroup, "F3031", "the parameter's empty default is never a key: the condition leaves it out")
	override(cfn(p.DeadLetterQueue),
		property{"KmsMasterKeyId", ifElse(given, key, nil)},
		property{"SqsManagedSseEnabled", ifElse(given, ref("AWS::NoValue"), true)})
}

// limit lets the parameters have their say in the role and in the function's environment.
func (f form) limit(p *sharedbucket.Provider) {
	own := role.Own{LogGroup: *p.LogGroup.LogGroupArn(), Queue: *p.DeadLetterQueue.QueueArn()}
	inline := role.Policies(sharedbucket.FunctionName, f.statements(role.Inline(role.Parameterized(own)), ""))
	override(cfn(p.Role), property{"Policies", inline})
	f.limitReEncryption(p, own)
	for _, l := range role.Limits {
		override(cfn(p.Function), property{"Environment.Variables." + l.Name, join(l.Name)})
	}
	override(cfn(p.Function), property{"Environment.Variables." + role.WhoDrifted, ref(role.WhoDrifted)})
}

// limitReEncryption does so where what lies in adopted buckets is re-encrypted, and leaves that out where none may be.
func (f form) limitReEncryption(p *sharedbucket.Provider, own role.Own) {
	const buckets = role.AdoptableBucketArns
	given := f.given(buckets)
	both := f.statements(role.OfBoth(role.Parameterized(own)), buckets)
	override(p.ReEncryption, property{"PolicyDocument", role.Document(both)})
	jobs := role.Policies(sharedbucket.FunctionName, f.statements(role.JobsParameterized(), buckets))
	override(p.JobRole, property{"Policies", jobs})
	for _, resource := range []awscdk.CfnResource{p.ReEncryption, p.JobRole} {
		resource.AddOverride(jsii.String("Condition"), given)
	}
	policies := []any{p.ManagedPolicy.Ref(), ifElse(given, p.ReEncryption.Ref(), nil)}
	override(cfn(p.Role), property{"ManagedPolicyArns", policies})
}

// statements are statements of a role as parameters make them.
func (f form) statements(all []role.Statement, given string) (statements []any) {
	for _, s := range all {
		statements = append(statements, f.statement(s, given))
	}
	return statements
}

// statement is a statement of a role as parameters make it: with other resources, or not there at all. given is the
// parameter without which there is no such role.
func (f form) statement(s role.Statement, given string) any {
	statement := s.JSON()
	switch {
	case s.With != "" && s.With == given:
	case s.Limit != "":
		statement["Resource"] = ifElse(f.given(s.Limit), ref(s.Limit), statement["Resource"])
	case s.Only != "":
		statement["Resource"] = ref(s.Only)
		if s.Below != "" {
			statement["Resource"] = below(s.Only, s.Below)
		}
		if s.Only == given {
			return statement
		}
		return ifElse(f.given(s.Only), statement, nil)
	case s.If != "":
		return ifElse(f.isTrue(s.If), statement, nil)
	case s.With != "":
		return ifElse(f.given(s.With), statement, nil)
	}
	return statement
}

// below are the values of a list, each with a text behind it.
func below(list, text string) any {
	arns := map[string]any{"Fn::Join": []any{text + ",", ref(list)}}
	return map[string]any{"Fn::Split": []any{",", map[string]any{"Fn::Join": []any{"", []any{arns, text}}}}}
}

// acknowledge says why a finding of CDK's validation is none.
func acknowledge(c constructs.IConstruct, rule, reason string) {
	awscdk.Validations_Of(c).Acknowledge(&awscdk.Acknowledgment{
		Id: jsii.String("CloudFormation-Validate::" + rule), Reason: jsii.String(reason),
	})
}
