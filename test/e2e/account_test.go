package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// accounts hands out account ids and buckets numbers, so that tests do not meet.
var accounts, buckets atomic.Int64

// account is an account with the provider in it.
type account struct {
	t *testing.T
	*local.Account
	role     string // the provider's, as synthesized
	provider *local.Function
	noted    int // the last call that forgetCalls has seen
}

func newAccount(t *testing.T) *account {
	t.Helper()
	if aws == nil {
		t.Skip("-short: no local AWS")
	}
	aws.KeepEvidence(t)
	made, err := aws.Account(t.Context(), fmt.Sprint(300000000000+accounts.Add(1)))
	must(t, err)
	role := newRole(t, made)
	provider, err := made.CreateFunction(t.Context(), local.FunctionSpec{
		Name: "sharedbucket-provider", Zip: code, Role: role, Environment: limits(made, nil),
	})
	must(t, err)
	return &account{t: t, Account: made, role: role, provider: provider}
}

func newBucket() string { return fmt.Sprintf("e2e-bucket-%d", buckets.Add(1)) }

// stack is one custom resource of an account, as CloudFormation would know it.
type stack struct {
	*account
	resourceType string
	logicalID    string
	stackID      string
	physicalID   string
	properties   map[string]any
}

func (s *account) newStack(resourceType string) *stack {
	n := buckets.Add(1)
	return &stack{
		account: s, resourceType: resourceType, logicalID: "Resource",
		stackID: fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/test/%08d-0000-4000-8000-000000000000", aws.Region, s.ID, n),
	}
}

func (s *stack) event(requestType string, properties, old map[string]any) local.Event {
	return local.Event{
		RequestType: requestType, StackID: s.stackID, LogicalResourceID: s.logicalID, ResourceType: s.resourceType,
		PhysicalResourceID: s.physicalID, ResourceProperties: properties, OldResourceProperties: old,
	}
}

// send delivers an event and returns the answer.
func (s *stack) send(e local.Event) local.Response {
	s.t.Helper()
	return s.sendIn(map[string]string{
		"Create": "CREATE_IN_PROGRESS", "Update": "UPDATE_IN_PROGRESS", "Delete": "DELETE_IN_PROGRESS",
	}[e.RequestType], e)
}

// sendIn delivers an event of a stack in some status.
func (s *stack) sendIn(status string, e local.Event) local.Response {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	must(s.t, aws.ShowStack(ctx, e.StackID, status))
	answer, err := s.provider.Send(ctx, e)
	must(s.t, err)
	return answer
}

// create, update and remove do what CloudFormation does, and remember what it would remember.
func (s *stack) create(properties map[string]any) local.Response {
	s.t.Helper()
	answer := s.send(s.event("Create", properties, nil))
	s.physicalID, s.properties = answer.PhysicalResourceID, properties
	return answer
}

func (s *stack) update(properties map[string]any) local.Response {
	s.t.Helper()
	answer := s.send(s.event("Update", properties, s.properties))
	if answer.Status == "SUCCESS" {
		s.physicalID = answer.PhysicalResourceID
	}
	s.properties = properties
	return answer
}

func (s *stack) remove() local.Response {
	s.t.Helper()
	return s.send(s.event("Delete", s.properties, nil))
}

func succeeded(t *testing.T, answer local.Response) local.Response {
	t.Helper()
	if answer.Status != "SUCCESS" {
		t.Fatalf("answer is %s: %s", answer.Status, answer.Reason)
	}
	return answer
}

// failedWith checks that the Reason holds every text.
func failedWith(t *testing.T, answer local.Response, texts ...string) {
	t.Helper()
	if answer.Status != "FAILED" {
		t.Fatalf("answer is %s, want FAILED", answer.Status)
	}
	for _, text := range texts {
		if !strings.Contains(answer.Reason, text) {
			t.Errorf("reason lacks %q: %s", text, answer.Reason)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// writes are the calls of the provider that changed something, since forgetCalls.
func (s *account) writes() []string {
	s.t.Helper()
	var names []string
	for _, c := range s.calls() {
		if !isRead(c.Operation) {
			names = append(names, c.Operation)
		}
	}
	return names
}

// calls are the provider's calls since forgetCalls, in the order in which they ended.
func (s *account) calls() []local.Call {
	s.t.Helper()
	all, err := aws.Calls(s.t.Context(), local.CallFilter{After: s.noted, Account: s.ID})
	must(s.t, err)
	return slices.DeleteFunc(all, func(c local.Call) bool {
		return !strings.Contains(c.Principal, "sharedbucket-provider")
	})
}

// forgetCalls begins the record of calls and writes anew, for this test alone.
func (s *account) forgetCalls() {
	s.t.Helper()
	s.noted = max(s.noted, local.LastCall(s.calls()))
}

func isRead(operation string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Head", "Lookup"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// with is properties with some of them changed.
func with(properties map[string]any, changes map[string]any) map[string]any {
	changed := maps.Clone(properties)
	maps.Copy(changed, changes)
	return changed
}

// env is where the account's resources live.
func (s *account) env() share.Env {
	return share.Env{Partition: "aws", Region: aws.Region, Account: s.ID}
}
