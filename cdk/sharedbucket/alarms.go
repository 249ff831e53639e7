package sharedbucket

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// Alarms watch over a provider, on metrics of https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html.
// A share that fails is no alarm: the stack says so.
type Alarms struct {
	Errors      awscloudwatch.Alarm // the function crashed or ran out of time
	Throttles   awscloudwatch.Alarm // events wait
	Duration    awscloudwatch.Alarm // it came near its time limit
	DeadLetters awscloudwatch.Alarm // an event was given up, so that a stack waits for an answer
}

func newAlarms(p *Provider, topic awssns.ITopic) Alarms {
	const nearTimeoutSeconds = timeoutSeconds * 4 / 5
	fiveMinutes := awscdk.Duration_Minutes(jsii.Number(5))
	sum := &awscloudwatch.MetricOptions{Period: fiveMinutes, Statistic: jsii.String("Sum")}
	most := &awscloudwatch.MetricOptions{Period: fiveMinutes, Statistic: jsii.String("Maximum")}
	alarm := func(id, description string, metric awscloudwatch.Metric, threshold float64) awscloudwatch.Alarm {
		a := awscloudwatch.NewAlarm(p.Construct, jsii.String(id), &awscloudwatch.AlarmProps{
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
		Errors: alarm("ErrorsAlarm", FunctionName+" crashed or ran out of time; CloudFormation may wait for an answer",
			p.Function.MetricErrors(sum), 1),
		Throttles: alarm("ThrottlesAlarm", FunctionName+" is throttled; stacks wait",
			p.Function.MetricThrottles(sum), 1),
		Duration: alarm("DurationAlarm", fmt.Sprintf("%s ran for %d of its %d seconds", FunctionName, nearTimeoutSeconds, timeoutSeconds),
			p.Function.MetricDuration(most), nearTimeoutSeconds*1000),
		DeadLetters: alarm("DeadLettersAlarm", "An event of "+FunctionName+" was given up; a stack waits for an answer",
			p.DeadLetterQueue.MetricApproximateNumberOfMessagesVisible(most), 1),
	}
}
