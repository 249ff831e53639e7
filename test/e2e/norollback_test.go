package e2e

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"example.com/sharedbucket/internal/share"
)

// staying is a real stack of one share, deployed as `cdk deploy --no-rollback` does: what fails stays.
type staying struct {
	*stack
	client *cloudformation.Client
	fault  *fault
}

func newStaying(t *testing.T) staying {
	t.Helper()
	owner, f := newFaultyAccount(t)
	return staying{owner.newStack(share.BucketType), cloudformation.NewFromConfig(owner.Config()), f}
}

func (s staying) body(p map[string]any) *string {
	text, err := json.Marshal(map[string]any{"Resources": map[string]any{s.logicalID: map[string]any{
		"Type": s.resourceType, "Properties": with(p, map[string]any{"ServiceToken": s.provider.ARN}),
	}}})
	must(s.t, err)
	return ptr(string(text))
}

func (s staying) wantStatus(want string) {
	s.t.Helper()
	out, err := s.client.DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: &s.stackID})
	must(s.t, err)
	if status := string(out.Stacks[0].StackStatus); status != want {
		s.t.Fatalf("the stack is %s, not %s: %v", status, want, failures(s.t, s.Account, s.stackID))
	}
}

func (s staying) create(p map[string]any, want string) staying {
	s.t.Helper()
	out, err := s.client.CreateStack(s.t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("staying"), TemplateBody: s.body(p), DisableRollback: ptr(true),
	})
	must(s.t, err)
	s.stackID = *out.StackId
	s.wantStatus(want)
	return s
}

func (s staying) update(p map[string]any, want string) {
	s.t.Helper()
	_, err := s.client.UpdateStack(s.t.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.stackID, TemplateBody: s.body(p), DisableRollback: ptr(true),
	})
	must(s.t, err)
	s.wantStatus(want)
}

// remove removes the stack, after which nobody is let in any more.
func (s staying) remove(p map[string]any, withBucket bool) {
	s.t.Helper()
	_, err := s.client.DeleteStack(s.t.Context(), &cloudformation.DeleteStackInput{StackName: &s.stackID})
	must(s.t, err)
	s.wantStatus("DELETE_COMPLETE")
	if now := s.wantNoTrace(p); (now.Bucket == nil) != withBucket {
		s.t.Errorf("the bucket under the policy %v: %+v", p["RemovalPolicy"], now.Bucket)
	}
	if left := s.parameters(); len(left) > 0 {
		s.t.Errorf("still remembered: %+v", left)
	}
}

// A share that failed in a stack without roll-back is finished by the next update, and goes like any other.
func TestShareWithoutRollback(t *testing.T) {
	for _, policy := range []string{"Retain", "Delete"} {
		t.Run("a Create, "+policy, func(t *testing.T) {
			s := newStaying(t)
			p := with(three(t, s.account), map[string]any{"RemovalPolicy": policy})
			s.fault.refuse("policy")
			s = s.create(p, "CREATE_FAILED")
			s.update(p, "UPDATE_FAILED")
			s.fault.heal()
			s.update(p, "UPDATE_COMPLETE")
			s.wantShared(p)
			s.remove(p, policy == "Delete")
		})
		t.Run("an Update, "+policy, func(t *testing.T) {
			s := newStaying(t)
			p := with(three(t, s.account), map[string]any{"RemovalPolicy": policy})
			s = s.create(p, "CREATE_COMPLETE")
			next := with(p, map[string]any{
				"Consumers": []any{map[string]any{"Account": "444444444444", "Access": "Full"}},
				"Delegates": []any{map[string]any{"User": "ann", "Access": "Read"}},
			})
			s.fault.refuse("policy")
			s.update(next, "UPDATE_FAILED")
			s.fault.heal()
			s.update(next, "UPDATE_COMPLETE")
			s.wantShared(next)
			s.fault.refuse("policy")
			s.update(p, "UPDATE_FAILED")
			s.remove(next, policy == "Delete")
		})
		t.Run("a Create that is given up, "+policy, func(t *testing.T) {
			s := newStaying(t)
			p := with(three(t, s.account), map[string]any{"RemovalPolicy": policy})
			s.fault.refuse("policy")
			s = s.create(p, "CREATE_FAILED")
			s.fault.heal()
			s.remove(p, true) // it is empty, and nobody has ever had it
		})
	}
}
