package sharedbucket

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/internal/metric"
)

// measured is a metric that the function writes, over all events.
func measured(name, statistic string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(metric.Namespace), MetricName: jsii.String(name),
		Statistic: jsii.String(statistic), Period: awscdk.Duration_Minutes(jsii.Number(5)),
	})
}

// widget is a graph of a dashboard, with what it must say and no more: the organization's template has all of it in it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type widget struct {
	Type       string           `json:"type"`
	Properties widgetProperties `json:"properties"`
}

type widgetProperties struct {
	Title   string  `json:"title"`
	Region  string  `json:"region"`
	Stat    string  `json:"stat"`
	Metrics [][]any `json:"metrics"`
}

// newDashboard shows a provider at work: what failed, what drifted, how long it took, what it asked of AWS, and what
// was given up. Dashboards are an account's, and an account may have a provider in each region.
func newDashboard(scope constructs.Construct, deadLetters awssqs.Queue) awscloudwatch.CfnDashboard {
	graph := func(title, statistic string, metrics ...[]any) widget {
		return widget{"metric", widgetProperties{title, "${AWS::Region}", statistic, metrics}}
	}
	own := func(names ...string) (all [][]any) {
		for _, name := range names {
			all = append(all, []any{metric.Namespace, name})
		}
		return all
	}
	lambda := func(name string) []any { return []any{"AWS/Lambda", name, "FunctionName", FunctionName} }
	body, err := json.Marshal(map[string][]widget{"widgets": {
		graph("Failures", "Sum", own(metric.Failures, metric.ProofFailures)...),
		graph("Drift", "Maximum", own(metric.Looked, metric.Drift, metric.Repaired, metric.LookFailures)...),
		graph("Duration", "Maximum", own(metric.Duration)...),
		graph("AWS calls", "Sum", own(metric.Calls, metric.Retries)...),
		graph("Errors and dead letters", "Maximum", lambda("Errors"), lambda("Throttles"),
			[]any{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${Queue}"}),
	}})
	if err != nil {
		panic(err) // texts only
	}
	return awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: awscdk.Fn_Sub(jsii.String(FunctionName+"-${AWS::Region}"), nil),
		DashboardBody: awscdk.Fn_Sub(jsii.String(string(body)), &map[string]*string{"Queue": deadLetters.QueueName()}),
	})
}
