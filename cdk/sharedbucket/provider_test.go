package sharedbucket_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/policy"
)

func providerTemplate(t *testing.T, props sharedbucket.ProviderProps, prepare func(awscdk.Stack, *sharedbucket.ProviderProps)) resources {
	t.Helper()
	stack := newStack(nil)
	props.Code = awslambda.Code_FromAsset(jsii.String("testdata/function"), nil)
	if prepare != nil {
		prepare(stack, &props)
	}
	sharedbucket.NewProvider(stack, jsii.String("Provider"), &props)
	var template resources
	synthesized(t, stack, &template)
	return template
}

func TestFunction(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	function := template.only(t, "AWS::Lambda::Function").Properties
	for property, want := range map[string]any{
		"FunctionName":  "sharedbucket-provider", // in every service token, and so for ever
		"Runtime":       "provided.al2023",
		"Handler":       "bootstrap",
		"Architectures": []any{"arm64"},
		"Timeout":       900.0,
	} {
		if diff := cmp.Diff(want, function[property]); diff != "" {
			t.Error(property, diff)
		}
	}
	logging := function["LoggingConfig"].(map[string]any)
	if logging["LogFormat"] != "JSON" || logging["LogGroup"] == nil {
		t.Error("logging:", logging)
	}
	invoke := template.only(t, "AWS::Lambda::EventInvokeConfig").Properties
	if age := invoke["MaximumEventAgeInSeconds"].(float64); age >= 960 {
		t.Errorf("an event of %v seconds is handled after CloudFormation gave up", age)
	}
	if retries := invoke["MaximumRetryAttempts"]; retries != 1.0 {
		t.Error("retries:", retries)
	}
	parameter := template.only(t, "AWS::SSM::Parameter").Properties
	if parameter["Name"] != "/sharedbucket/service-token" {
		t.Error("parameter:", parameter)
	}
}

func TestArchitecture(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{Architecture: awslambda.Architecture_X86_64()}, nil)
	if got := template.only(t, "AWS::Lambda::Function").Properties["Architectures"]; !cmp.Equal(got, []any{"x86_64"}) {
		t.Error(got)
	}
}

func TestLogGroupAndQueueGoWithTheStackAndAreEncrypted(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	logs := template.only(t, "AWS::Logs::LogGroup")
	if logs.Properties["RetentionInDays"] != 365.0 || logs.Properties["LogGroupName"] != "/aws/lambda/sharedbucket-provider" {
		t.Error("log group:", logs.Properties)
	}
	queue := template.only(t, "AWS::SQS::Queue")
	if queue.Properties["SqsManagedSseEnabled"] != true || queue.Properties["MessageRetentionPeriod"] != 14*24*3600.0 {
		t.Error("queue:", queue.Properties)
	}
	function := template.only(t, "AWS::Lambda::Function")
	if fmt.Sprint(function.Properties["DeadLetterConfig"]) == "<nil>" {
		t.Error("the function has no dead-letter queue")
	}
	for name, r := range map[string]resource{"log group": logs, "queue": queue} {
		if r.DeletionPolicy != "Delete" {
			t.Errorf("%s: DeletionPolicy %q; its name would stand in the way of the next stack", name, r.DeletionPolicy)
		}
	}
	tlsOnly := template.only(t, "AWS::SQS::QueuePolicy").Properties
	if !strings.Contains(fmt.Sprint(tlsOnly), "aws:SecureTransport:false") {
		t.Error("queue policy:", tlsOnly)
	}
}

func TestAlarms(t *testing.T) {
	for name, withTopic := range map[string]bool{"silent": false, "with a topic": true} {
		t.Run(name, func(t *testing.T) {
			template := providerTemplate(t, sharedbucket.ProviderProps{}, func(stack awscdk.Stack, props *sharedbucket.ProviderProps) {
				if withTopic {
					props.AlarmTopic = awssns.NewTopic(stack, jsii.String("Topic"), nil)
				}
			})
			var metrics []string
			for id, r := range template.Resources {
				if r.Type != "AWS::CloudWatch::Alarm" {
					continue
				}
				metrics = append(metrics, fmt.Sprint(r.Properties["MetricName"]))
				if told := r.Properties["AlarmActions"] != nil; told != withTopic {
					t.Errorf("%s: actions %v", id, r.Properties["AlarmActions"])
				}
				if r.Properties["TreatMissingData"] != "notBreaching" {
					t.Errorf("%s rings while nothing happens", id)
				}
			}
			slices.Sort(metrics)
			want := []string{"ApproximateNumberOfMessagesVisible", "Duration", "Errors", "Throttles"}
			if diff := cmp.Diff(want, metrics); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The role has the written statements, all of them, and nothing else.
func TestRoleHasTheWrittenStatementsOnly(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	for id, r := range template.Resources {
		if r.Type == "AWS::IAM::Policy" || r.Type == "AWS::IAM::ManagedPolicy" {
			t.Errorf("%s gives rights that nobody wrote down", id)
		}
	}
	role := template.only(t, "AWS::IAM::Role").Properties
	if role["ManagedPolicyArns"] != nil {
		t.Error("managed policies:", role["ManagedPolicyArns"])
	}
	var got, want []string
	for _, s := range roleStatements(t, role) {
		got = append(got, fmt.Sprint(s["Effect"], " ", s["Sid"]))
	}
	for _, s := range sharedbucket.AllStatements() {
		want = append(want, s.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func roleStatements(t *testing.T, role map[string]any) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, p := range role["Policies"].([]any) {
		for _, s := range p.(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			all = append(all, s.(map[string]any))
		}
	}
	return all
}

func TestLeastPrivilege(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sharedbucket.AllStatements() {
		t.Run(s.Sid, func(t *testing.T) {
			if seen[s.Sid] || s.Sid == "" {
				t.Error("the Sid is missing or there twice")
			}
			seen[s.Sid] = true
			if len(s.Why) < 20 {
				t.Error("no reason is given")
			}
			for _, action := range s.Actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s has a wildcard", action)
				}
			}
			if !slices.IsSorted(s.Actions) && s.Sid != "ConfigureBucket" {
				t.Error("actions are not sorted:", s.Actions)
			}
			star := slices.Contains(s.Resources, "*")
			if star && s.Star == "" {
				t.Error("Resource is * without a reason")
			}
			if !star && s.Star != "" {
				t.Error("a reason for * without *")
			}
		})
	}
}

// What can do harm is asked for a condition, or for the account's own resources.
func TestDestructiveActionsAreBounded(t *testing.T) {
	bounds := map[string]string{
		"kms:CreateKey":           "aws:RequestTag/sharedbucket:stack-id",
		"kms:ScheduleKeyDeletion": "aws:ResourceTag/sharedbucket:stack-id",
		"kms:UntagResource":       "aws:ResourceTag/sharedbucket:stack-id",
		"s3:DeleteBucket":         "aws:ResourceAccount",
		"s3:DeleteBucketPolicy":   "aws:ResourceAccount",
		"s3:PutBucketPolicy":      "aws:ResourceAccount",
	}
	for _, s := range sharedbucket.AllStatements() {
		if s.Deny {
			continue
		}
		for _, action := range s.Actions {
			if key := bounds[action]; key != "" && !strings.Contains(fmt.Sprint(s.Condition), key) {
				t.Errorf("%s: %s without a condition on %s", s.Sid, action, key)
			}
			if strings.HasPrefix(action, "iam:") {
				for _, arn := range s.Resources {
					if !strings.HasPrefix(arn, "arn:${AWS::Partition}:iam::${AWS::AccountId}:") {
						t.Errorf("%s: %s on %s", s.Sid, action, arn)
					}
				}
			}
			if service, name, _ := strings.Cut(action, ":"); service == "s3" && strings.Contains(name, "Object") {
				t.Errorf("%s: %s reaches objects", s.Sid, action)
			}
		}
	}
}

func TestProviderCannotChangeItsOwnRights(t *testing.T) {
	role := providerTemplate(t, sharedbucket.ProviderProps{}, nil).only(t, "AWS::IAM::Role").Properties
	name := fmt.Sprint(role["RoleName"])
	if !strings.Contains(name, "sharedbucket-provider-") {
		t.Fatal("role name:", name)
	}
	var denied []string
	for _, s := range sharedbucket.AllStatements() {
		if s.Deny && strings.HasSuffix(s.Resources[0], ":role/sharedbucket-provider-*") {
			denied = s.Actions
		}
	}
	for _, s := range sharedbucket.AllStatements() {
		for _, a := range s.Actions {
			if !s.Deny && (strings.HasPrefix(a, "iam:Put") || strings.HasPrefix(a, "iam:Delete")) && !slices.Contains(denied, a) {
				t.Errorf("%s on its own role is not denied", a)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{
		BucketArns:  jsii.Strings("arn:aws:s3:::reports-*"),
		GranteeArns: jsii.Strings("arn:aws:iam::111111111111:role/data/*", "arn:aws:iam::111111111111:user/ann"),
	}, nil)
	for _, s := range roleStatements(t, template.only(t, "AWS::IAM::Role").Properties) {
		sid := fmt.Sprint(s["Sid"])
		var want any
		switch {
		case slices.Contains(sharedbucket.BucketSids, sid):
			want = "arn:aws:s3:::reports-*"
		case slices.Contains(sharedbucket.GranteeSids, sid):
			want = []any{"arn:aws:iam::111111111111:role/data/*", "arn:aws:iam::111111111111:user/ann"}
		default:
			if text := fmt.Sprint(s["Resource"]); strings.Contains(text, ":s3:::") || (strings.Contains(text, ":iam::") && sid != "NeverOwnRights") {
				t.Errorf("%s is not limited: %s", sid, text)
			}
			continue
		}
		if diff := cmp.Diff(want, s["Resource"]); diff != "" {
			t.Error(sid, diff)
		}
	}
}

// IAM counts the characters of a role's inline policies, without white space, and takes no more than 10,240.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestRoleFitsIAMsLimit(t *testing.T) {
	var size int
	for _, s := range roleStatements(t, providerTemplate(t, sharedbucket.ProviderProps{}, nil).only(t, "AWS::IAM::Role").Properties) {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		size += policy.CharactersIAMCounts(string(text)) // with {"Fn::Sub":…}, so more than IAM will see
	}
	if limit := 10240; size > limit*9/10 {
		t.Errorf("the statements have %d characters, IAM takes %d", size, limit)
	}
	t.Logf("%d characters", size)
}
