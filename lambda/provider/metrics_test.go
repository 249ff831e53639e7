package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/metric"
	"example.com/sharedbucket/internal/share"
)

// measured are the lines of metrics that were written so far, and takes them away.
func (s *fixture) measured() []map[string]any {
	s.t.Helper()
	var all []map[string]any
	for line := range strings.Lines(s.metrics.String()) {
		all = append(all, embedded(s.t, line))
	}
	s.metrics.Reset()
	return all
}

// cloudWatchUnit is what CloudWatch takes as a unit of those that are used here.
var cloudWatchUnit = regexp.MustCompile(`^(Milliseconds|Count)$`)

// embedded reads a line of embedded metric format by the rules of its specification: what must be there, how long and
// how many things may be, and that every dimension and metric is a member of the root, a string or a number.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func embedded(t *testing.T, line string) map[string]any {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(line), &root); err != nil || !strings.HasSuffix(line, "}\n") {
		t.Fatalf("not one line of JSON: %v: %s", err, line)
	}
	if len(line) > 256<<10 {
		t.Errorf("%d bytes", len(line))
	}
	meta := root["_aws"].(map[string]any)
	// A time in seconds would be in 1970, one in microseconds far away.
	at, whole := meta["Timestamp"].(float64)
	if !whole || at < 1.7e12 || at > 1e13 || at != float64(int64(at)) {
		t.Errorf("Timestamp %v", meta["Timestamp"])
	}
	directives := meta["CloudWatchMetrics"].([]any)
	if len(directives) != 1 || len(meta) != 2 {
		t.Errorf("_aws is %v", meta)
	}
	checkDirective(t, root, directives[0].(map[string]any))
	return root
}

func checkDirective(t *testing.T, root, directive map[string]any) {
	t.Helper()
	if len(directive) != 3 || directive["Namespace"] != "SharedBucket" {
		t.Errorf("directive %v", directive)
	}
	sets := directive["Dimensions"].([]any)
	for _, set := range sets {
		for _, name := range set.([]any) {
			if value, text := root[name.(string)].(string); !text || value == "" || len(value) > 255 {
				t.Errorf("dimension %s is %v", name, root[name.(string)])
			}
		}
	}
	want := []string{metric.Duration, metric.Calls, metric.Retries, metric.Failures, metric.ProofFailures}
	if _, look := root[metric.Looked]; look {
		want = []string{metric.Looked, metric.Drift, metric.Repaired, metric.LookFailures}
		if len(sets) != 1 || len(sets[0].([]any)) != 0 {
			t.Errorf("dimensions %v", sets)
		}
	} else if len(sets) != 2 || len(sets[0].([]any)) != 2 || len(sets[1].([]any)) != 0 {
		t.Errorf("dimensions %v", sets)
	}
	var names []string
	for _, m := range directive["Metrics"].([]any) {
		definition := m.(map[string]any)
		name := definition["Name"].(string)
		if names = append(names, name); len(definition) != 2 || !cloudWatchUnit.MatchString(definition["Unit"].(string)) {
			t.Errorf("metric %v", definition)
		}
		if value, number := root[name].(float64); !number || value < 0 {
			t.Errorf("metric %s is %v", name, root[name])
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("metrics %v, want %v", names, want)
	}
}

func TestEachEventIsMeasured(t *testing.T) {
	for _, c := range []struct {
		name       string
		there      bool // the share is deployed already
		fail, code string
		times      int
		stack      string
		change     func(*cfn.Event)
		failedIn   string // "" when nothing failed
		proof      float64
		dimensions string
	}{
		{name: "a Create", dimensions: "Custom::SharedBucket Create"},
		{
			name: "an Update", there: true, dimensions: "Custom::SharedBucket Update",
			change: func(e *cfn.Event) { e.RequestType, e.PhysicalResourceID = cfn.RequestUpdate, "account-a-bucket" },
		},
		{
			name: "a step that AWS refuses", fail: "PutBucketPolicy", code: "AccessDenied", times: 1,
			failedIn: "PutBucketPolicy", dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a step that was overtaken and then done", fail: "CreateAlias", code: "AlreadyExistsException", times: 1,
			dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a read that AWS refuses", fail: "Observe", code: "AccessDenied", times: 9,
			failedIn: "plan", dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a proof that comes on its second look", fail: "ReadBack", code: "NoSuchBucket", times: 1,
			dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a proof that never comes", fail: "ReadBack", code: "NoSuchBucket", times: 9,
			failedIn: "prove", proof: 1, dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a stack at rest", stack: "CREATE_COMPLETE", failedIn: "witness",
			dimensions: "Custom::SharedBucket Create",
		},
		{
			name: "a declaration that is none", failedIn: "decode", dimensions: "Custom::SharedBucket Create",
			change: func(e *cfn.Event) { e.ResourceProperties = nil },
		},
		{
			name: "a type that there is not", failedIn: "decode", dimensions: "Other Create",
			change: func(e *cfn.Event) { e.ResourceType = "Custom::" + strings.Repeat("x", 1<<20) },
		},
		{
			name: "a request that there is not", failedIn: "decode", dimensions: "Custom::SharedBucket Other",
			change: func(e *cfn.Event) { e.RequestType = "Drop" },
		},
		{
			name: "names of a megabyte", failedIn: "decode", dimensions: "Custom::SharedBucket Create",
			change: func(e *cfn.Event) { e.LogicalResourceID, e.ResourceProperties = strings.Repeat("x", 1<<20), nil },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			if c.there {
				s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
				s.measured()
			}
			s.aws.failOn(c.fail, c.code, c.times)
			s.aws.stack = c.stack
			e := s.event(cfn.RequestCreate, share.BucketType, "", properties(), properties())
			if c.change != nil {
				c.change(&e)
			}
			_ = s.provider.Handle(t.Context(), Event{Event: e})
			lines := s.measured()
			if len(lines) != 1 {
				t.Fatalf("%d lines", len(lines))
			}
			wantMeasured(t, lines[0], c.failedIn, c.proof, c.dimensions)
		})
	}
}

func wantMeasured(t *testing.T, m map[string]any, failedIn string, proof float64, dimensions string) {
	t.Helper()
	failures := 0.0
	if failedIn != "" {
		failures = 1
	}
	in, _ := m["failedIn"].(string)
	if in != failedIn || m[metric.Failures] != failures || m[metric.ProofFailures] != proof {
		t.Errorf("%v failures, %v of the proof, in %q; want %v, %v, %q",
			m[metric.Failures], m[metric.ProofFailures], in, failures, proof, failedIn)
	}
	if got := m[metric.ResourceType].(string) + " " + m[metric.RequestType].(string); got != dimensions {
		t.Errorf("dimensions %.100s, want %s", got, dimensions)
	}
}

func TestAnswersThatCannotBeDeliveredAreMeasured(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.reply = func(int) int { return 403 }
	if s.provider.Handle(t.Context(),
		Event{Event: s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)}) == nil {
		t.Error("delivered")
	}
	stray := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
	stray.ResponseURL = "https://example.com/?" + secret
	if s.provider.Handle(t.Context(), Event{Event: stray}) == nil {
		t.Error("handled")
	}
	lines := s.measured()
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, m := range lines {
		wantMeasured(t, m, "answer", 0, "Custom::SharedBucket Create")
	}
}

func TestAStepThatHangsIsTheOneThatFailed(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.provider.reserve = time.Millisecond
	s.aws.before = func(_ context.Context, what string) error {
		if what == "PutKeyPolicy" {
			select {} // for good: what goes on behind the answer would write to the log that is looked at
		}
		return nil
	}
	ctx := within(t, 300*time.Millisecond)
	_ = s.provider.Handle(ctx, Event{Event: s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)})
	wantMeasured(t, s.measured()[0], "PutKeyPolicy", 0, "Custom::SharedBucket Create")
}

// Every line of the log names the invocation, the stack and the resource, and every step has a line when it is over.
func TestEveryLineOfTheLogSaysWhatItIsAbout(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.failOn("PutBucketPolicy", "AccessDenied", 1)
	s.reply = func(try int) int { return map[bool]int{true: 500, false: 200}[try == 1] }
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{
		AwsRequestID:       "8d7f6a2e",
		InvokedFunctionArn: "arn:aws:lambda:ap-southeast-2:111111111111:function:sharedbucket-provider",
	})
	_ = s.provider.Handle(ctx, Event{Event: s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)})
	steps := map[string]int{}
	for line := range bytes.Lines(s.log.Bytes()) {
		var l map[string]any
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if l["requestId"] != "8d7f6a2e" || l["eventId"] != "request-1" || l["stack"] != s.stackID ||
			l["logicalId"] != "Share" {
			t.Errorf("whose line is this? %s", line)
		}
		message := l["msg"].(string)
		steps[message]++
		_, timed := l["durationMs"].(float64)
		if strings.HasPrefix(message, "step") && (l["operation"] == nil || timed == (message == "step")) {
			t.Errorf("step without operation or duration: %s", line)
		}
	}
	if steps["step failed"] != 1 || steps["step done"] == 0 || steps["step"] != steps["step done"]+steps["step failed"] ||
		steps["answering"] != 1 || steps["failed"] != 1 {
		t.Errorf("lines by message: %v", steps)
	}
	if m := s.measured()[0]; m["requestId"] != "8d7f6a2e" || m["stack"] != s.stackID || m["logicalId"] != "Share" {
		t.Errorf("whose metrics are these? %v", m)
	}
}
