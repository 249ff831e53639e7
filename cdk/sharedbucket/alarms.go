package sharedbucket

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Alarms watch over a provider, on metrics of
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html. A share that fails is no alarm: the stack says so.
type Alarms struct {
	Errors      awscloudwatch.Alarm // the function crashed or ran out of time
	Throttles   awscloudwatch.Alarm // events wait
	Duration    awscloudwatch.Alarm // it came near its time limit
	DeadLetters awscloudwatch.Alarm // an event was given up, so that a stack waits for an answer
}

// nearTimeoutSeconds is a run that came near the function's time limit.
const nearTimeoutSeconds = timeoutSeconds * 4 / 5

func newAlarms(
	scope constructs.Construct, function awslambda.Function, queue awssqs.Queue, topic awssns.ITopic,
) Alarms {
	fiveMinutes := awscdk.Duration_Minutes(jsii.Number(5))
	sum := &awscloudwatch.MetricOptions{Period: fiveMinutes, Statistic: jsii.String("Sum")}
	most := &awscloudwatch.MetricOptions{Period: fiveMinutes, Statistic: jsii.String("Maximum")}
	alarm := func(id string, metric awscloudwatch.Metric, threshold float64, description string) awscloudwatch.Alarm {
		a := awscloudwatch.NewAlarm(scope, jsii.String(id), &awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String(description),
			Metric:             metric,
			Threshold:          jsii.Number(threshold),
			EvaluationPeriods:  jsii.Number(1),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		if topic != nil {
			a.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
		}
		return a
	}
	return Alarms{
		Errors: alarm("ErrorsAlarm", function.MetricErrors(sum), 1,
			FunctionName+" crashed or ran out of time; CloudFormation may wait for an answer"),
		Throttles: alarm("ThrottlesAlarm", function.MetricThrottles(sum), 1,
			FunctionName+" is throttled; stacks wait"),
		Duration: alarm("DurationAlarm", function.MetricDuration(most), nearTimeoutSeconds*1000,
			fmt.Sprintf("%s ran for %d of its %d seconds", FunctionName, nearTimeoutSeconds, timeoutSeconds)),
		DeadLetters: alarm("DeadLettersAlarm", queue.MetricApproximateNumberOfMessagesVisible(most), 1,
			"An event of "+FunctionName+" was given up; a stack waits for an answer"),
	}
}
