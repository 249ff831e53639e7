package provider

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/metric"
	"example.com/sharedbucket/internal/share"
)

// measurement is what came of one event, in numbers, as one line of CloudWatch's embedded metric format. Lambda takes
// it from standard output to the log, where CloudWatch finds the metrics: without a call, and without a right to make
// it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type measurement struct {
	AWS emfMetadata `json:"_aws"`

	ResourceType string
	RequestType  string

	Duration      int64
	Calls         int64
	Retries       int64
	Failures      int
	ProofFailures int

	Level     string `json:"level"`
	Message   string `json:"message"`
	RequestID string `json:"requestId,omitempty"`
	Stack     string `json:"stack"`
	LogicalID string `json:"logicalId"`
	FailedIn  string `json:"failedIn,omitempty"` // a property: as a dimension each step would be billed as a metric
}

type emfMetadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []emfDirective
}

type emfDirective struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []emfMetric
}

type emfMetric struct{ Name, Unit string }

// directive makes metrics of a measurement: for each kind of event, and over all of them, which is what alarms watch.
var directive = emfDirective{
	Namespace:  metric.Namespace,
	Dimensions: [][]string{{metric.ResourceType, metric.RequestType}, {}},
	Metrics: []emfMetric{
		{metric.Duration, "Milliseconds"},
		{metric.Calls, "Count"},
		{metric.Retries, "Count"},
		{metric.Failures, "Count"},
		{metric.ProofFailures, "Count"},
	},
}

// other stands for a type that there is not: an event may be anybody's, and each new value of a dimension is a new
// metric on the bill.
const other = "Other"

func known[T ~string](value T, all ...T) string {
	if slices.Contains(all, value) {
		return string(value)
	}
	return other
}

// measure is the measurement of an event that is over.
func (h *handling) measure(e cfn.Event, now time.Time, failed bool) measurement {
	m := measurement{
		AWS:          emfMetadata{Timestamp: now.UnixMilli(), CloudWatchMetrics: []emfDirective{directive}},
		ResourceType: known(e.ResourceType, share.BucketType, share.AccessType),
		RequestType:  known(e.RequestType, cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete),
		Duration:     now.Sub(h.begun).Milliseconds(),
		Calls:        h.count.Calls(),
		Retries:      h.count.Retries(),
		Level:        "INFO",
		Message:      "measured",
		RequestID:    h.requestID,
		Stack:        loggable(e.StackID),
		LogicalID:    loggable(e.LogicalResourceID),
	}
	if failed {
		m.Failures, m.FailedIn = 1, h.where()
	}
	if m.FailedIn == atProve {
		m.ProofFailures = 1
	}
	return m
}

// lookMeasurement is what came of a look at all shares, in the same format.
type lookMeasurement struct {
	AWS emfMetadata `json:"_aws"`

	Looked       int
	Drift        int
	Repaired     int
	LookFailures int

	Level     string `json:"level"`
	Message   string `json:"message"`
	RequestID string `json:"requestId,omitempty"`
}

var lookDirective = emfDirective{
	Namespace:  metric.Namespace,
	Dimensions: [][]string{{}},
	Metrics: []emfMetric{
		{metric.Looked, "Count"}, {metric.Drift, "Count"}, {metric.Repaired, "Count"}, {metric.LookFailures, "Count"},
	},
}

// measureLook measures an invocation. One that goes on where another stopped says nothing unless it found something: it
// may be anybody's, and "nothing drifted" would end an alarm.
func (p *Provider) measureLook(h *handling, l Look, f found) {
	if p.Metrics == nil || l.After != "" && f.Drifted+f.Failed == 0 {
		return
	}
	m := lookMeasurement{
		AWS:    emfMetadata{Timestamp: time.Now().UnixMilli(), CloudWatchMetrics: []emfDirective{lookDirective}},
		Looked: f.Looked, Drift: f.Drifted, Repaired: f.Repaired, LookFailures: f.Failed,
		Level: "INFO", Message: "measured", RequestID: h.requestID,
	}
	if err := writeLine(p.Metrics, m); err != nil {
		h.log.Warn("not measured", "error", err)
	}
}

// write writes a measurement in one piece: log lines go to the same place at the same time.
func (m measurement) write(to io.Writer) error { return writeLine(to, m) }

func writeLine(to io.Writer, m any) error {
	line, err := json.Marshal(m)
	if err == nil {
		_, err = to.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the metrics: %w", err)
	}
	return nil
}
