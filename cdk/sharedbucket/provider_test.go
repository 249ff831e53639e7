package sharedbucket_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/metric"
)

func providerTemplate(t *testing.T, props sharedbucket.ProviderProps,
	prepare func(awscdk.Stack, *sharedbucket.ProviderProps)) resources {
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
	if logs.Properties["RetentionInDays"] != 365.0 ||
		logs.Properties["LogGroupName"] != "/aws/lambda/sharedbucket-provider" {
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
			template := providerTemplate(t, sharedbucket.ProviderProps{},
				func(stack awscdk.Stack, props *sharedbucket.ProviderProps) {
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
				missing := "notBreaching" // or it would ring while nothing happens
				if name := r.Properties["MetricName"]; name == metric.Drift || name == metric.LookFailures {
					missing = "ignore" // what the last look found stays until the next
				}
				if r.Properties["TreatMissingData"] != missing {
					t.Errorf("%s: missing data are %v", id, r.Properties["TreatMissingData"])
				}
			}
			slices.Sort(metrics)
			want := []string{"ApproximateNumberOfMessagesVisible", "Drift", "Duration", "Errors", "LookFailures",
				"ProofFailures", "Throttles"}
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
		if r.Type == "AWS::IAM::Policy" {
			t.Errorf("%s gives rights that nobody wrote down", id)
		}
	}
	var got, want []string
	for _, s := range roleStatements(t, template) {
		got = append(got, fmt.Sprint(s["Effect"], " ", s["Sid"]))
	}
	all := role.Statements(role.Settings{role.WhoDrifted: {"true"}}, role.Own{})
	for _, s := range append(role.Managed(all), role.Inline(all)...) {
		want = append(want, s.Effect()+" "+s.Sid)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What the provider may do to policies below the shares' path must not reach its own: that one is attached to nobody
// else, and has no path.
func TestOwnPolicyIsOutOfReach(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	managed := template.only(t, "AWS::IAM::ManagedPolicy").Properties
	for _, name := range []string{"Path", "ManagedPolicyName", "Roles", "Users", "Groups"} {
		if managed[name] != nil {
			t.Errorf("%s is %v", name, managed[name])
		}
	}
}

// roleStatements are what the provider's role may do: by managed policies of its own stack, and inline.
func roleStatements(t *testing.T, template resources) []map[string]any {
	t.Helper()
	return statementsOf(t, template, "lambda.amazonaws.com")
}

// statementsOf are what the one role of a service may do.
func statementsOf(t *testing.T, template resources, service string) []map[string]any {
	t.Helper()
	var documents []any
	for _, r := range template.Resources {
		if r.Type != "AWS::IAM::Role" || !strings.Contains(fmt.Sprint(r.Properties["AssumeRolePolicyDocument"]), service) {
			continue
		}
		if documents != nil {
			t.Errorf("%s has two roles", service)
		}
		for _, managed := range r.Properties["ManagedPolicyArns"].([]any) {
			policy := template.Resources[managed.(map[string]any)["Ref"].(string)]
			if policy.Type != "AWS::IAM::ManagedPolicy" {
				t.Errorf("%v is no managed policy of the stack", managed)
			}
			documents = append(documents, policy.Properties)
		}
		documents = append(documents, r.Properties["Policies"].([]any)...)
	}
	var all []map[string]any
	for _, p := range documents {
		for _, s := range p.(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			all = append(all, s.(map[string]any))
		}
	}
	return all
}

// S3 Batch Operations has a role where buckets may be adopted, and only there.
func TestTheRoleOfJobs(t *testing.T) {
	without := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	if got := statementsOf(t, without, "batchoperations"); len(got) > 0 {
		t.Errorf("nothing may be adopted, and jobs may %v", got)
	}
	template := providerTemplate(t, sharedbucket.ProviderProps{Limits: sharedbucket.Limits{
		AdoptableBucketArns: jsii.Strings("arn:aws:s3:::archive"),
	}}, nil)
	resource := map[string]any{}
	for _, s := range statementsOf(t, template, "batchoperations.s3.amazonaws.com") {
		resource[fmt.Sprint(s["Sid"])] = s["Resource"]
	}
	for sid, want := range map[string]any{
		"SeeAndReEncryptExistingObjects": "arn:aws:s3:::archive/*",
		"ListExistingObjects":            "arn:aws:s3:::archive",
		"WriteReports":                   "arn:aws:s3:::archive/.sharedbucket/jobs/*",
	} {
		if diff := cmp.Diff(want, resource[sid]); diff != "" {
			t.Error(sid, diff)
		}
	}
	if len(resource) != 4 || resource["ReEncryptExistingObjects"] == nil {
		t.Errorf("jobs may %v", resource)
	}
}

func TestLimitsReachRoleAndFunctionByTheirNames(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{Limits: sharedbucket.Limits{
		BucketArns:            jsii.Strings("arn:aws:s3:::reports-*"),
		AdoptableBucketArns:   jsii.Strings("arn:aws:s3:::archive"),
		KeyArns:               jsii.Strings("arn:aws:kms:ap-southeast-2:111111111111:key/*"),
		GranteeArns:           jsii.Strings("arn:aws:iam::111111111111:role/data/*", "arn:aws:iam::111111111111:user/ann"),
		ConsumerAccounts:      jsii.Strings("222222222222", "333333333333"),
		ConsumerOrganizations: jsii.Strings("o-a1b2c3d4e5"),
	}}, nil)
	want := map[string]any{
		"WhoDrifted":            "true",
		"BucketArns":            "arn:aws:s3:::reports-*",
		"AdoptableBucketArns":   "arn:aws:s3:::archive",
		"KeyArns":               "arn:aws:kms:ap-southeast-2:111111111111:key/*",
		"GranteeArns":           "arn:aws:iam::111111111111:role/data/*,arn:aws:iam::111111111111:user/ann",
		"ConsumerAccounts":      "222222222222,333333333333",
		"ConsumerOrganizations": "o-a1b2c3d4e5",
	}
	environment := template.only(t, "AWS::Lambda::Function").Properties["Environment"].(map[string]any)
	if diff := cmp.Diff(want, environment["Variables"]); diff != "" {
		t.Error("environment (-want +got):", diff)
	}
	resource := map[string]any{}
	for _, s := range roleStatements(t, template) {
		resource[fmt.Sprint(s["Sid"])] = s["Resource"]
	}
	for sid, want := range map[string]any{
		"ConfigureBucket":     "arn:aws:s3:::reports-*",
		"AdoptBucket":         "arn:aws:s3:::archive",
		"OpenGivenKey":        "arn:aws:kms:ap-southeast-2:111111111111:key/*",
		"WriteInlinePolicies": []any{"arn:aws:iam::111111111111:role/data/*", "arn:aws:iam::111111111111:user/ann"},
	} {
		if diff := cmp.Diff(want, resource[sid]); diff != "" {
			t.Error(sid, diff)
		}
	}
}

// Props, templates, function and docs know the same limits by the same names.
func TestEveryLimitIsAProperty(t *testing.T) {
	var got, want []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[sharedbucket.Limits]()) {
		got = append(got, f.Name)
	}
	for _, l := range role.Limits {
		want = append(want, l.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimitsThatAWSWouldRefuseFailSynthesis(t *testing.T) {
	stack := newStack(nil)
	var buckets []string
	for i := range 60 {
		buckets = append(buckets, fmt.Sprintf("arn:aws:s3:::a-bucket-of-this-account-%d", i))
	}
	sharedbucket.NewProvider(stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code:   awslambda.Code_FromAsset(jsii.String("testdata/function"), nil),
		Limits: sharedbucket.Limits{BucketArns: jsii.Strings(buckets...)},
	})
	found := assertions.Annotations_FromStack(stack).FindError(jsii.String("/Stack/Provider"),
		assertions.Match_StringLikeRegexp(jsii.String("IAM "+
			"takes 10240")))
	if len(*found) != 1 {
		t.Errorf("%d errors", len(*found))
	}
}

func TestEncryptionKey(t *testing.T) {
	const arn = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	template := providerTemplate(t, sharedbucket.ProviderProps{},
		func(stack awscdk.Stack, props *sharedbucket.ProviderProps) {
			props.EncryptionKey = awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(arn))
		})
	if got := template.only(t, "AWS::Logs::LogGroup").Properties["KmsKeyId"]; got != arn {
		t.Error("log group:", got)
	}
	if got := template.only(t, "AWS::SQS::Queue").Properties["KmsMasterKeyId"]; got != arn {
		t.Error("queue:", got)
	}
	for _, s := range roleStatements(t, template) {
		if s["Sid"] == "EncryptFailedEvents" && s["Resource"] == arn {
			return
		}
	}
	t.Error("Lambda could not send to the queue")
}

// The schedule's rule sends what the function takes for a look, and nobody else may call it so.
func TestSchedule(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	rule := template.only(t, "AWS::Events::Rule").Properties
	target := rule["Targets"].([]any)[0].(map[string]any)
	if rule["ScheduleExpression"] != "rate(1 day)" || target["Input"] != `{"Look":{}}` {
		t.Errorf("rule %v", rule)
	}
	permission := template.only(t, "AWS::Lambda::Permission").Properties
	if permission["Principal"] != "events.amazonaws.com" || permission["SourceArn"] == nil {
		t.Errorf("permission %v", permission)
	}
	never := providerTemplate(t, sharedbucket.ProviderProps{DriftSchedule: jsii.String("")}, nil)
	for id, r := range never.Resources {
		if r.Type == "AWS::Events::Rule" || r.Type == "AWS::Lambda::Permission" {
			t.Errorf("%s is there, and nothing is to be looked at", id)
		}
	}
}

// CloudWatch draws only metrics that somebody writes: those of the function are named where it names them.
func TestDashboard(t *testing.T) {
	template := providerTemplate(t, sharedbucket.ProviderProps{}, nil)
	body := fmt.Sprint(template.only(t, "AWS::CloudWatch::Dashboard").Properties["DashboardBody"])
	for _, name := range []string{
		metric.Failures, metric.ProofFailures, metric.Duration, metric.Calls, metric.Retries, metric.Looked, metric.Drift,
		metric.Repaired, metric.LookFailures, "Throttles", "ApproximateNumberOfMessagesVisible",
	} {
		if !strings.Contains(body, `"`+name+`"`) {
			t.Errorf("no %s in %s", name, body)
		}
	}
}

// Who drifted is asked by default; without the right, the function does not ask either.
func TestWhoDrifted(t *testing.T) {
	for name, c := range map[string]struct {
		given *bool
		want  string
	}{
		"default": {
			given: nil, want: "true"}, "on": {given: jsii.Bool(true),
			want: "true"}, "off": {given: jsii.Bool(false), want: "false"},
	} {
		t.Run(name, func(t *testing.T) {
			template := providerTemplate(t, sharedbucket.ProviderProps{WhoDrifted: c.given}, nil)
			environment := template.only(t, "AWS::Lambda::Function").Properties["Environment"].(map[string]any)
			variables := environment["Variables"].(map[string]any)
			may := slices.ContainsFunc(roleStatements(t, template), func(s map[string]any) bool {
				return s["Action"] == "cloudtrail:LookupEvents"
			})
			if variables["WhoDrifted"] != c.want || may != (c.want == "true") {
				t.Errorf("the function has %v, and may ask: %v", variables["WhoDrifted"], may)
			}
		})
	}
}
