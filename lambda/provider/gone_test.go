package provider

import (
	"context"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/share"
)

// A share and an access were removed from their stack, or replaced, and the stack is at its next update. What comes
// late of their events makes nothing. Where the stack's events say nothing against an event it is served.
func TestDeliveryAfterTheResourceIsGone(t *testing.T) {
	const bucket, policy = "account-a-bucket", "access-s3-account-a-bucket@account-a-bucket"
	for _, c := range []struct {
		name   string
		kind   cfn.RequestType
		last   string // of the resource in its stack's events
		lastID string // "" for that of the event
		status string // of the stack; UPDATE_IN_PROGRESS when it is ""
		stale  bool
	}{
		{name: "a Create, deleted since", kind: cfn.RequestCreate, last: "DELETE_COMPLETE", stale: true},
		{
			name: "a Create, replaced since", kind: cfn.RequestCreate, last: "UPDATE_IN_PROGRESS", lastID: "another",
			stale: true,
		},
		{name: "a Create that is waited for", kind: cfn.RequestCreate, last: "CREATE_IN_PROGRESS", lastID: "none"},
		{name: "a Create once more after it failed", kind: cfn.RequestCreate, last: "CREATE_FAILED", lastID: "unfinished"},
		{name: "a Create, retained since", kind: cfn.RequestCreate, last: "DELETE_SKIPPED"},
		{name: "a Create of which no event tells", kind: cfn.RequestCreate, lastID: "none"},
		{name: "a Create of a new stack", kind: cfn.RequestCreate, last: "DELETE_COMPLETE", status: "CREATE_IN_PROGRESS"},
		{name: "an Update, deleted since", kind: cfn.RequestUpdate, last: "DELETE_COMPLETE", stale: true},
		{
			name: "an Update, replaced since", kind: cfn.RequestUpdate, last: "UPDATE_IN_PROGRESS", lastID: "another",
			stale: true,
		},
		{name: "an Update that is waited for", kind: cfn.RequestUpdate, last: "UPDATE_IN_PROGRESS"},
		{
			name: "an Update, when what it took the place of was deleted", kind: cfn.RequestUpdate, last: "DELETE_COMPLETE",
			lastID: "another",
		},
		{name: "an Update of which no event tells", kind: cfn.RequestUpdate, lastID: "none"},
		{name: "a way back", kind: cfn.RequestUpdate, last: "DELETE_COMPLETE", status: rollingBack},
	} {
		for _, of := range []struct {
			resource, id string
			env          share.Env
			p            map[string]any
		}{
			{resource: share.BucketType, id: bucket, env: ownerEnv, p: properties()},
			{resource: share.AccessType, id: policy, env: consumerEnv, p: accessProperties()},
		} {
			t.Run(c.name+", "+of.resource, func(t *testing.T) {
				s := newFixture(t, of.env)
				e := s.event(c.kind, of.resource, "", of.p, nil)
				if c.kind == cfn.RequestUpdate {
					e = s.event(c.kind, of.resource, of.id, of.p, map[string]any{"Revision": "1"})
					for k, v := range of.p {
						e.OldResourceProperties[k] = v
					}
				}
				s.aws.last = [2]string{c.last, of.id}
				switch c.lastID {
				case "":
				case "none":
					s.aws.last[1] = ""
				default:
					s.aws.last[1] = c.lastID
				}
				s.aws.stackIs(updating)
				if c.status != "" {
					s.aws.stackIs(c.status)
				}
				if c.stale {
					s.wantStale(e)
					s.wantNothing()
					return
				}
				s.want(s.send(e), "SUCCESS", of.id, "")
			})
		}
	}
}

// The first answer may be the one from before the event, and what is not known is no reason to refuse it.
func TestEventsOfAStackMayBeOldOrUnknown(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.stackIs(updating)
	s.aws.last = [2]string{"DELETE_COMPLETE", "account-a-bucket"}
	asked := 0
	s.aws.before = func(_ context.Context, what string) error {
		if what == "StackResourceEvent" {
			if asked++; asked == mostAsks {
				s.aws.last = [2]string{"CREATE_IN_PROGRESS"}
			}
		}
		return nil
	}
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")

	s = newFixture(t, ownerEnv)
	s.aws.stackIs(updating)
	s.aws.last = [2]string{"DELETE_COMPLETE", "account-a-bucket"}
	s.aws.failOn("StackResourceEvent", "AccessDenied", 1000)
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
}

// A stack that is made new has had nothing before, and what is remembered is enough to know an event by.
func TestStackIsNotAskedWithoutNeed(t *testing.T) {
	s := newFixture(t, ownerEnv)
	asked := 0
	s.aws.before = func(_ context.Context, what string) error {
		if what == "StackResourceEvent" {
			asked++
		}
		return nil
	}
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	s.aws.stackIs(updating)
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	s.want(s.update("account-a-bucket", properties("Revision", "2"), properties()), "SUCCESS", "account-a-bucket", "")
	if asked > 0 {
		t.Errorf("asked %d times", asked)
	}
}
