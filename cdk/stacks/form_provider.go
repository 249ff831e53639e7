package stacks

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
)

const (
	digestKeyPattern    = `^[A-Za-z0-9!_.*'()/-]*[0-9a-f]{64}\.zip$`
	digestKeyConstraint = "an object key that ends in the zip's SHA-256 and .zip, as make publish names it"
	bucketPattern       = `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`
	bucketConstraint    = "a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens"
)

// retentions are what CloudWatch Logs takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var retentions = []string{"7", "14", "30", "60", "90", "180", "365", "731", "1827", "3653"}

func codeParameters(bucket parameter) group {
	return group{"Code", []parameter{
		bucket,
		{
			name: "CodeKey", label: "Key of the zip",
			description: "Key of the function's zip in that bucket. It has the zip's SHA-256 in its name, so that new code is a new key and CloudFormation sees the change",
			pattern:     digestKeyPattern, constraint: digestKeyConstraint,
		},
		{
			name: "Architecture", label: "Architecture", description: "What the zip was built for",
			defaultTo: "arm64", values: []string{"arm64", "x86_64"},
		},
	}}
}

var limitParameters = group{"Limits", []parameter{
	{
		name: "GranteeArns", label: "Delegates and grantees", kind: list, defaultTo: "",
		description: "ARNs, or patterns with * and ?, of the users, roles and groups whose inline policies the provider may write. Empty: all of the account. The right to write inline policies is the right to escalate privileges, so limit it where you can, by path for example: arn:aws:iam::*:role/data/*",
	},
	{
		name: "BucketArns", label: "Buckets", kind: list, defaultTo: "",
		description: "ARNs, or patterns with * and ?, of the buckets that the provider may share. Empty: all of the account",
	},
}}

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
				description: "true: CodeBucket is a prefix, and the bucket is <CodeBucket>-<region>. So one value serves a StackSet in every region",
				defaultTo:   "false", values: []string{"true", "false"},
			},
			{
				name: "LogRetentionInDays", label: "Days to keep logs", description: "How long CloudWatch keeps the function's log",
				kind: number, defaultTo: "365", values: retentions,
			},
			{
				name: "AlarmTopicArn", label: "Topic for alarms", description: "ARN of an SNS topic that is told of alarms. Empty: nobody is told",
				defaultTo: "", pattern: `^$|^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:.+$`, constraint: "an SNS topic's ARN, or nothing",
			},
		}},
		limitParameters,
	)
	provider := sharedbucket.NewProvider(f.stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code:         awslambda.Code_FromBucket(awss3.Bucket_FromBucketName(f.stack, jsii.String("Code"), f.text("CodeBucket")), f.text("CodeKey"), nil),
		Architecture: awslambda.Architecture_Custom(f.text("Architecture"), nil),
	})
	f.parameterize(provider)
	output(f.stack, "ServiceToken", "ARN of the provider, also in the SSM parameter "+sharedbucket.ServiceTokenParameter, provider.ServiceToken())
	readableIDs(f.stack)
	return f.stack
}

func (f form) parameterize(p *sharedbucket.Provider) {
	override(cfn(p.Function), property{"Code.S3Bucket", ifElse(f.isTrue("CodeBucketPerRegion"), sub("${CodeBucket}-${AWS::Region}"), ref("CodeBucket"))})
	override(cfn(p.LogGroup), property{"RetentionInDays", ref("LogRetentionInDays")})
	told := f.given("AlarmTopicArn")
	for _, alarm := range []awscdk.Resource{p.Alarms.Errors, p.Alarms.Throttles, p.Alarms.Duration, p.Alarms.DeadLetters} {
		override(cfn(alarm), property{"AlarmActions", []any{ifElse(told, ref("AlarmTopicArn"), nil)}})
		awscdk.Validations_Of(alarm).Acknowledge(&awscdk.Acknowledgment{
			Id:     jsii.String("CloudFormation-Validate::F3033"),
			Reason: jsii.String("the parameter's empty default is never an alarm action: the condition leaves it out"),
		})
	}
	f.limit(p.Role, "BucketArns", sharedbucket.BucketSids)
	f.limit(p.Role, "GranteeArns", sharedbucket.GranteeSids)
}

// limit lets a parameter replace the resources of the role's statements with these Sids.
func (f form) limit(role awsiam.Role, parameter string, sids []string) {
	limited := f.given(parameter)
	for i, s := range sharedbucket.Statements(sharedbucket.Limits{}) {
		if !slices.Contains(sids, s.Sid) {
			continue
		}
		all := make([]any, len(s.Resources))
		for j, arn := range s.Resources {
			all[j] = sub(arn)
		}
		path := "Policies.0.PolicyDocument.Statement." + strconv.Itoa(i) + ".Resource"
		override(cfn(role), property{path, ifElse(limited, ref(parameter), all)})
	}
}

// cfn is the CloudFormation resource below a construct.
func cfn(c awscdk.Resource) awscdk.CfnResource {
	return c.Node().DefaultChild().(awscdk.CfnResource)
}
