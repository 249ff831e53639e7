package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// lateCase is an event of which CloudFormation knows the outcome by another delivery, and goes on without this one.
type lateCase struct {
	name     string
	kind     cfn.RequestType
	resource string
	env      share.Env
	p, old   map[string]any
	id       string
	began    string
	// goesOn is what CloudFormation does, right before a step of the run.
	goesOn func(*fixture)
}

func lateCases() []lateCase {
	more := []any{map[string]any{"User": "ann"}, map[string]any{"User": "dilip"}}
	retired := properties("RemovalPolicy", "Delete")
	wider := properties("RemovalPolicy", "Delete", "Delegates", more, "Consumers",
		[]any{map[string]any{"Account": "222222222222"}, map[string]any{"Account": "333333333333"}})
	other := properties("RemovalPolicy", "Delete", "BucketName", "another-bucket")
	granted, toMore := accessProperties(), accessProperties("Grantees", more)
	renamed := accessProperties("PolicyName", "renamed")
	const ofAccess = "access-s3-account-a-bucket@account-a-bucket"
	deleted := func(resource string, p map[string]any, then string) func(*fixture) {
		return func(s *fixture) {
			s.aws.stackIs("ROLLBACK_IN_PROGRESS")
			a := s.send(s.event(cfn.RequestDelete, resource, "shared-Share-INVENTED", p, nil))
			s.want(a, "SUCCESS", "shared-Share-INVENTED", "")
			s.aws.stackIs(then)
		}
	}
	back := func(resource, id string, p, old map[string]any, then string) func(*fixture) {
		return func(s *fixture) {
			s.aws.stackIs("UPDATE_ROLLBACK_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestUpdate, resource, id, old, p)), "SUCCESS", id, "")
			s.aws.stackIs(then)
		}
	}
	create, update := cfn.RequestCreate, cfn.RequestUpdate
	const creates, updates, rollsBack = "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"
	const bucket = "account-a-bucket"
	return []lateCase{
		{
			name: "Create, deleted", kind: create, resource: share.BucketType, env: ownerEnv, p: wider,
			began:  creates,
			goesOn: deleted(share.BucketType, wider, "ROLLBACK_COMPLETE")},
		{
			name: "Create, while other things are deleted", kind: create, resource: share.BucketType, env: ownerEnv,
			p: wider, began: creates,
			goesOn: deleted(share.BucketType, wider, "ROLLBACK_IN_PROGRESS")},
		{
			name: "Create of an access, deleted", kind: create, resource: share.AccessType, env: consumerEnv, p: toMore,
			began:  creates,
			goesOn: deleted(share.AccessType, toMore, "ROLLBACK_COMPLETE")},
		{
			name: "Update, rolled back", kind: update, resource: share.BucketType, env: ownerEnv, p: wider, old: retired,
			id: bucket, began: updates,
			goesOn: back(share.BucketType, bucket, wider, retired, "UPDATE_ROLLBACK_COMPLETE")},
		{
			name: "Update, while other things roll back", kind: update, resource: share.BucketType, env: ownerEnv,
			p: wider, old: retired, id: bucket, began: updates,
			goesOn: back(share.BucketType, bucket, wider, retired, rollsBack)},
		{
			name: "replacement, rolled back", kind: update, resource: share.BucketType, env: ownerEnv, p: other,
			old: retired, id: bucket, began: updates,
			goesOn: back(share.BucketType, bucket, other, retired, rollsBack)},
		{
			name: "Update of an access, rolled back", kind: update, resource: share.AccessType, env: consumerEnv,
			p: toMore, old: granted, id: ofAccess, began: updates,
			goesOn: back(share.AccessType, ofAccess, toMore, granted, rollsBack)},
		{
			name: "replacement of an access, rolled back", kind: update, resource: share.AccessType, env: consumerEnv,
			p: renamed, old: granted, id: ofAccess,
			began: updates, goesOn: back(share.AccessType, ofAccess, renamed, granted, "UPDATE_ROLLBACK_COMPLETE")},
	}
}

// Whatever a late run wrote is taken back, at whichever step it was overtaken.
func TestLateRunTakesBackWhatItWrote(t *testing.T) {
	for _, c := range lateCases() {
		for _, verify := range []string{"true", "false"} {
			for at := 1; c.overtaken(t, at, verify); at++ {
			}
		}
	}
}

// overtaken plays a case whose run is overtaken right before a step, and says whether there was one.
func (c lateCase) overtaken(t *testing.T, at int, verify string) (came bool) {
	t.Run(fmt.Sprintf("%s, step %d, Verify %s", c.name, at, verify), func(t *testing.T) {
		s := newFixture(t, c.env)
		p := maps.Clone(c.p)
		p["Verify"] = verify
		if c.old != nil {
			s.aws.stackIs("CREATE_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestCreate, c.resource, "", c.old, nil)), "SUCCESS", c.id, "")
		}
		s.aws.stackIs(c.began)
		want, n := s.aws.Clone(), 0
		s.aws.before = func(_ context.Context, what string) error {
			if slices.Contains([]string{"AwaitStack", "StackSince", "Observe", "ReadBack", "Canary"}, what) {
				return nil
			}
			if n++; n == at {
				came = true
				c.goesOn(s)
			}
			return nil
		}
		if err := s.provider.Handle(t.Context(), Event{Event: s.event(c.kind, c.resource, c.id, p, c.old)}); err != nil {
			t.Fatal(err)
		}
		if !came {
			return
		}
		if a := s.answers[len(s.answers)-1]; a.Status != "FAILED" {
			t.Errorf("a run that nobody waits for answers %s", a.body)
		}
		s.wantAs(want.Buckets["account-a-bucket"] != nil, len(want.Buckets), want.Identities, len(want.Parameters))
	})
	return came
}

// wantAs asks that buckets, live keys, identities' policies and parameters are as many as they were.
func (s *fixture) wantAs(
	has bool, buckets int, identities map[share.Identity]map[string]string, parameters int,
) {
	s.t.Helper()
	live := 0
	for _, k := range s.aws.Keys {
		if k.State != plan.KeyPendingDeletion {
			live++
		}
	}
	if len(s.aws.Buckets) != buckets || live != buckets || has != (s.aws.Buckets["account-a-bucket"] != nil) {
		s.t.Errorf("there are %d buckets and %d keys, want %d", len(s.aws.Buckets), live, buckets)
	}
	if len(s.aws.Parameters) != parameters {
		s.t.Errorf("%d declarations are remembered, want %d", len(s.aws.Parameters), parameters)
	}
	for id, policies := range identities {
		if !maps.Equal(policies, s.aws.Identities[id]) {
			s.t.Errorf("%s has %v, want %v", id, s.aws.Identities[id], policies)
		}
	}
	if buckets == 0 {
		s.wantNobody()
	}
}

// A run that another delivery made superfluous takes nothing back. It goes on, to the same end, as long as the stack
// has only completed what it was at; when that has failed in the end, it stops.
func TestLateRunOfWhatWasCompleted(t *testing.T) {
	for status, want := range map[string]string{
		"UPDATE_COMPLETE": "SUCCESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "SUCCESS", "UPDATE_FAILED": "FAILED",
	} {
		s := newFixture(t, ownerEnv)
		s.aws.stackIs("CREATE_IN_PROGRESS")
		s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
		s.aws.stackIs("UPDATE_IN_PROGRESS")
		wider := properties("Delegates", []any{map[string]any{"User": "ann"}, map[string]any{"User": "dilip"}})
		s.overtaken("PutInlinePolicy", status,
			s.event(cfn.RequestUpdate, share.BucketType, "account-a-bucket", wider, properties()))
		reason := ""
		if want == "FAILED" {
			reason = "gone on without"
		}
		s.want(s.answers[len(s.answers)-1], want, "account-a-bucket", reason)
		s.wantLeft(1, 1, 2)
	}
}

// overtaken handles an event twice: the other delivery is done when the first comes to a step, and the stack in a
// status then.
func (s *fixture) overtaken(step, status string, e cfn.Event) {
	s.t.Helper()
	var came atomic.Bool
	s.aws.before = func(_ context.Context, what string) error {
		if what == step && came.CompareAndSwap(false, true) {
			s.want(s.send(e), "SUCCESS", "account-a-bucket", "")
			s.aws.stackIs(status)
		}
		return nil
	}
	if err := s.provider.Handle(s.t.Context(), Event{Event: e}); err != nil {
		s.t.Fatal(err)
	}
}

// Two runs of a Create make a key each. The one that loses gives its own up, although the stack is completed by then.
func TestLateRunGivesItsKeyUp(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.overtaken("CreateKey", "CREATE_COMPLETE", s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil))
	s.want(s.answers[len(s.answers)-1], "SUCCESS", "account-a-bucket", "")
	s.wantLeft(1, 1, 1)
}

// The first answer of a stack that rolls back may be the one from before: such an Update is not late.
func TestFirstAnswerOfAStackMayBeOld(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	s.aws.stackIs("UPDATE_ROLLBACK_IN_PROGRESS")
	s.aws.stack = "UPDATE_IN_PROGRESS" // is what is read, once
	s.aws.before = func(_ context.Context, what string) error {
		if what == "PutBucketPolicy" {
			s.aws.mu.Lock()
			defer s.aws.mu.Unlock()
			s.aws.stack = "UPDATE_ROLLBACK_IN_PROGRESS"
		}
		return nil
	}
	narrower := properties("Consumers", []any{map[string]any{"Account": "222222222222", "Access": "Read"}})
	s.want(s.update("account-a-bucket", narrower, properties()), "SUCCESS", "account-a-bucket", "")
}

// What the stack does not say is no reason to fail.
func TestStackThatDoesNotAnswerAnyMore(t *testing.T) {
	s := newFixture(t, ownerEnv)
	var asked atomic.Int32
	s.aws.before = func(_ context.Context, what string) error {
		if what == "AwaitStack" && asked.Add(1) > 1 {
			return awsError("Throttling")
		}
		return nil
	}
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	if asked.Load() < 3 {
		t.Errorf("the stack was asked %d times", asked.Load())
	}
}

// Two runs move somebody to a managed policy. The one that comes second narrows the inline policy that the other one
// has just deleted: it looks again, and deletes it once more.
func TestRunThatIsOvertakenWhileItMovesToManagedPolicies(t *testing.T) {
	const id = "access-s3-account-a-bucket@account-a-bucket"
	more := []any{map[string]any{"User": "dilip", "Access": "Full"}}
	old := accessProperties("PolicyType", "Inline", "Grantees", more)
	moved := accessProperties("PolicyType", "Managed")
	for _, at := range []string{"PutInlinePolicy", "CreatePolicy", "AttachPolicy", "DeleteInlinePolicy"} {
		t.Run(at, func(t *testing.T) {
			s := newFixture(t, consumerEnv)
			s.want(s.access(cfn.RequestCreate, "", old, nil), "SUCCESS", id, "")
			e := s.event(cfn.RequestUpdate, share.AccessType, id, moved, old)
			var came atomic.Bool
			s.aws.before = func(_ context.Context, what string) error {
				if what == at && came.CompareAndSwap(false, true) {
					s.want(s.send(e), "SUCCESS", id, "")
				}
				return nil
			}
			must(t, s.provider.Handle(t.Context(), Event{Event: e}))
			s.want(s.answers[len(s.answers)-1], "SUCCESS", id, "")
			if inline := s.aws.Identities[dilip]; !came.Load() || len(inline) > 0 || len(s.aws.Policies) != 1 {
				t.Errorf("dilip has the inline policies %v, beside %d managed ones", inline, len(s.aws.Policies))
			}
		})
	}
}
