package sharedbucket

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DefaultDriftSchedule is when shares are looked at unless something else is said.
const DefaultDriftSchedule = "rate(1 day)"

// Schedule has the function look whether every share of the account is still as declared.
type Schedule struct {
	Rule       awsevents.CfnRule
	Permission awslambda.CfnPermission
}

// newSchedule is a rule of EventBridge and the right to call the function, for that rule alone.
func newSchedule(scope constructs.Construct, function awslambda.Function, expression *string) *Schedule {
	if expression == nil {
		expression = jsii.String(DefaultDriftSchedule)
	}
	if *expression == "" {
		return nil
	}
	rule := awsevents.NewCfnRule(scope, jsii.String("DriftRule"), &awsevents.CfnRuleProps{
		Description:        jsii.String("Has " + FunctionName + " look whether every share is still as declared"),
		ScheduleExpression: expression,
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("Provider"), Arn: function.FunctionArn(), Input: jsii.String(`{"Look":{}}`),
		}},
	})
	permission := awslambda.NewCfnPermission(scope, jsii.String("DriftRulePermission"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: function.FunctionArn(),
		Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn(),
	})
	return &Schedule{rule, permission}
}
