package local_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/test/local"
)

// props are the properties of a custom resource.
type props = map[string]any

// custom is a template's custom resource.
func custom(f *local.Function, properties props) props {
	all := props{"ServiceToken": f.ARN}
	for key, value := range properties {
		all[key] = value
	}
	return props{"Type": "Custom::Thing", "Properties": all}
}

// stackClient deploys templates in one account.
type stackClient struct {
	*testing.T
	*cloudformation.Client
	name string
}

func stack(t *testing.T, a *local.Account, name string) stackClient {
	return stackClient{T: t, Client: cloudformation.NewFromConfig(a.Config()), name: name}
}

func body(t *testing.T, template props) *string {
	t.Helper()
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	return aws.String(string(text))
}

func resources(of props) props { return props{"Resources": of} }

var anything = []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}

// create creates the stack and returns its final status.
func (s stackClient) create(template props) string {
	s.Helper()
	if _, err := s.CreateStack(s.Context(), &cloudformation.CreateStackInput{
		StackName: &s.name, TemplateBody: body(s.T, template), Capabilities: anything,
	}); err != nil {
		s.Fatal(err)
	}
	return s.settled()
}

func (s stackClient) update(template props) string {
	s.Helper()
	if _, err := s.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: body(s.T, template), Capabilities: anything,
	}); err != nil {
		s.Fatal(err)
	}
	return s.settled()
}

func (s stackClient) delete(retain ...string) string {
	s.Helper()
	id := *s.describe().StackId
	if _, err := s.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{
		StackName: &s.name, RetainResources: retain,
	}); err != nil {
		s.Fatal(err)
	}
	s.name = id
	return s.settled()
}

func (s stackClient) describe() cfntypes.Stack {
	s.Helper()
	found, err := s.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: &s.name})
	if err != nil {
		s.Fatal(err)
	}
	return found.Stacks[0]
}

// settled waits until nothing is in progress.
func (s stackClient) settled() string {
	s.Helper()
	for {
		status := string(s.describe().StackStatus)
		if !strings.HasSuffix(status, "_IN_PROGRESS") {
			return status
		}
		select {
		case <-s.Context().Done():
			s.Fatalf("still %s", status)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// events are the stack's, oldest first, as "LogicalId STATUS".
func (s stackClient) events() []cfntypes.StackEvent {
	s.Helper()
	found, err := s.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: &s.name})
	if err != nil {
		s.Fatal(err)
	}
	slices.Reverse(found.StackEvents)
	return found.StackEvents
}

// reason is the first event's of a resource in a status.
func (s stackClient) reason(logicalID, status string) string {
	s.Helper()
	for _, event := range s.events() {
		if *event.LogicalResourceId == logicalID && string(event.ResourceStatus) == status {
			return aws.ToString(event.ResourceStatusReason)
		}
	}
	return "no such event"
}

func (s stackClient) statuses(logicalID string) []string {
	s.Helper()
	var found []string
	for _, event := range s.events() {
		if *event.LogicalResourceId == logicalID &&
			aws.ToString(event.ResourceStatusReason) != "Resource creation Initiated" {
			found = append(found, string(event.ResourceStatus))
		}
	}
	return found
}

func (s stackClient) outputs() map[string]string {
	s.Helper()
	found := map[string]string{}
	for _, output := range s.describe().Outputs {
		found[*output.OutputKey] = *output.OutputValue
	}
	return found
}

// received is what the function got, as "Create thing-a → b" with the property Value before and after.
func received(t *testing.T, f *local.Function) []local.Event {
	t.Helper()
	invocations, err := f.Invocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var events []local.Event
	for _, invocation := range invocations {
		for _, line := range invocation.Lines {
			if text, ok := strings.CutPrefix(line, "EVENT "); ok {
				events = append(events, decode[local.Event](t, []byte(text)))
			}
		}
	}
	return events
}

// requests are the events in short: type, logical id, physical id, and the property Value.
func requests(t *testing.T, f *local.Function) []string {
	t.Helper()
	var short []string
	for _, e := range received(t, f) {
		text := fmt.Sprintf("%s %s %s %v", e.RequestType, e.LogicalResourceID, e.PhysicalResourceID,
			e.ResourceProperties["Value"])
		if e.OldResourceProperties != nil {
			text += fmt.Sprintf(" from %v", e.OldResourceProperties["Value"])
		}
		short = append(short, text)
	}
	return short
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
