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

	"example.com/sharedbucket/internal/metric"
)

// Alarms watch over a provider, on metrics of
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and on what the function measures itself.
//
// A share that fails (metric.Failures) is no alarm: its stack says so to whoever deploys it, and a wrong declaration is
// no operator's business. A failed proof is: AWS took every write, and what is there is all the same not as declared.
type Alarms struct {
	Errors      awscloudwatch.Alarm // the function crashed or ran out of time
	Throttles   awscloudwatch.Alarm // events wait
	Duration    awscloudwatch.Alarm // it came near its time limit
	DeadLetters awscloudwatch.Alarm // an event was given up, so that a stack waits for an answer
	Proof       awscloudwatch.Alarm // what was read back was not as declared
	Drift       awscloudwatch.Alarm // the schedule found a share that is not as declared
	Looks       awscloudwatch.Alarm // the schedule could not look at a share, or not mend it
}

// All are all alarms.
func (a Alarms) All() []awscloudwatch.Alarm {
	return []awscloudwatch.Alarm{a.Errors, a.Throttles, a.Duration, a.DeadLetters, a.Proof, a.Drift, a.Looks}
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
		return newAlarm(scope, id, metric, threshold, description, awscloudwatch.TreatMissingData_NOT_BREACHING, topic)
	}
	// Nothing is measured between two looks: what the last one found stays.
	lasting := func(id, name, description string) awscloudwatch.Alarm {
		return newAlarm(scope, id, measured(name, "Sum"), 1, description, awscloudwatch.TreatMissingData_IGNORE, topic)
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
		Proof: alarm("ProofAlarm", measured(metric.ProofFailures, "Sum"), 1,
			"A share was applied, and read back it is not as declared: somebody or something changes it"),
		Drift: lasting("DriftAlarm", metric.Drift,
			"A share is not as declared any more; the function's log says what differs"),
		Looks: lasting("LooksAlarm", metric.LookFailures,
			"A share could not be looked at, or not be repaired; the log says why"),
	}
}

func newAlarm(
	scope constructs.Construct, id string, metric awscloudwatch.Metric, threshold float64, description string,
	missing awscloudwatch.TreatMissingData, topic awssns.ITopic,
) awscloudwatch.Alarm {
	a := awscloudwatch.NewAlarm(scope, jsii.String(id), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(description),
		Metric:             metric,
		Threshold:          jsii.Number(threshold),
		EvaluationPeriods:  jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   missing,
	})
	if topic != nil {
		a.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
	return a
}
