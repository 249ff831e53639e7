package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// Whoever may deploy stacks may call the function. A hand-made Delete names the victim's stack and asks for more than
// the stack would.
func TestForgedDelete(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	before := owner.writes()
	for _, c := range []struct{ status, id string }{
		{status: "CREATE_COMPLETE", id: p["BucketName"].(string)},
		{status: "UPDATE_COMPLETE", id: "made-up"},
	} {
		e := s.event("Delete", with(p, map[string]any{"RemovalPolicy": "Delete"}), nil)
		e.PhysicalResourceID = c.id
		failedWith(t, s.sendIn(c.status, e), "refused, nothing was changed")
	}
	e := s.event("Update", with(p, map[string]any{"Consumers": []any{map[string]any{"Account": "999999999999"}}}), p)
	failedWith(t, s.sendIn("UPDATE_COMPLETE", e), "refused")
	if w := owner.writes(); len(w) != len(before) {
		t.Errorf("forged events wrote %v", w[len(before):])
	}
	s.wantShared(p)
}

// Of a stack that does not exist nobody can bear witness.
func TestForgedCreateOfNoStack(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	e := owner.newStack(share.BucketType).event("Create", three(t, owner), nil)
	answer, err := owner.provider.Send(t.Context(), e)
	must(t, err)
	failedWith(t, answer, "refused")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("it wrote %v", w)
	}
}

// Lambda may deliver a Create once more when its share is long gone: nothing would ever delete what that made.
func TestDuplicateCreateAfterTheDelete(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Delete"})
	succeeded(t, s.create(p))
	succeeded(t, s.remove())
	e := s.event("Create", p, nil)
	e.PhysicalResourceID = ""
	failedWith(t, s.sendIn("DELETE_COMPLETE", e), "refused")
	if now := owner.wantNoTrace(p); now.Bucket != nil || len(owner.keys()) > 0 {
		t.Error("the share was made again")
	}
}

// The local AWS plays CloudFormation: its stacks bear witness at every event of their life, and of nothing else.
func TestForgedDeleteOfADeployedStack(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	name, client := newBucket(), cloudformation.NewFromConfig(owner.Config())
	body, err := json.Marshal(map[string]any{"Resources": map[string]any{"Share": map[string]any{
		"Type":       share.BucketType,
		"Properties": map[string]any{"ServiceToken": owner.provider.ARN, "BucketName": name},
	}}})
	must(t, err)
	made, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("victim"), TemplateBody: ptr(string(body)),
	})
	must(t, err)
	wantStatus := func(want string) {
		t.Helper()
		out, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: made.StackId})
		must(t, err)
		if got := string(out.Stacks[0].StackStatus); got != want {
			t.Fatalf("the stack is %s, want %s: %v", got, want, failures(t, owner.Account, "victim"))
		}
	}
	wantStatus("CREATE_COMPLETE")
	answer, err := owner.provider.Send(t.Context(), local.Event{
		RequestType: "Delete", StackID: *made.StackId, LogicalResourceID: "Share", ResourceType: share.BucketType,
		PhysicalResourceID: name, ResourceProperties: map[string]any{"BucketName": name, "RemovalPolicy": "Delete"},
	})
	must(t, err)
	failedWith(t, answer, "refused")
	if owner.state(map[string]any{"BucketName": name}).Bucket == nil {
		t.Error("the victim's bucket is gone")
	}
	_, err = client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: made.StackId})
	must(t, err)
	wantStatus("DELETE_COMPLETE")
}

// An emulator takes answers at its own address; without one the function answers to CloudFormation's bucket only. The
// function learns where it is from AWS_ENDPOINT_URL, which this one lacks: it has no AWS, and gets no further.
func TestFunctionOutsideAnEmulatorAnswersOnlyCloudFormation(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	real, err := owner.CreateFunction(t.Context(), local.FunctionSpec{
		Name: "sharedbucket-provider-real", Zip: code, Role: owner.role,
		Environment: limits(owner.Account, map[string]string{"AWS_ENDPOINT_URL": ""}),
	})
	must(t, err)
	receiver, err := aws.NewReceiver(t.Context(), 0)
	must(t, err)
	e := real.Complete(owner.newStack(share.BucketType).event("Create", map[string]any{"BucketName": newBucket()}, nil))
	e.ResponseURL = receiver.URL
	_, err = real.Invoke(t.Context(), e)
	if err == nil || !strings.Contains(fmt.Sprint(err), "not where CloudFormation") {
		t.Errorf("error %v", err)
	}
	received, err := receiver.Received(t.Context(), time.Millisecond)
	must(t, err)
	if received.Body != nil || len(received.Refused) > 0 {
		t.Errorf("it answered: %+v", received)
	}
}
