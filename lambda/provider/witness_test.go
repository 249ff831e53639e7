package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"example.com/sharedbucket/internal/share"
)

func TestStacksAtRestSendNothing(t *testing.T) {
	for _, status := range types.StackStatus("").Values() {
		var sent []cfn.RequestType
		for _, kind := range []cfn.RequestType{cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete} {
			if sends(kind, string(status)) {
				sent = append(sent, kind)
			}
		}
		atWork := strings.HasSuffix(string(status), "_IN_PROGRESS") && status != types.StackStatusReviewInProgress
		if atWork != (len(sent) > 0) {
			t.Errorf("a stack in %s sends %v", status, sent)
		}
	}
	for _, status := range []string{"", "CREATE_IN_PROGRESS "} {
		if sends(cfn.RequestCreate, status) {
			t.Errorf("a stack in %q sends events", status)
		}
	}
	if sends(cfn.RequestDelete, "CREATE_IN_PROGRESS") || sends(cfn.RequestCreate, "DELETE_IN_PROGRESS") {
		t.Error("a stack that is created deletes, or one that is deleted creates")
	}
}

func TestForgedAndLateEventsChangeNothing(t *testing.T) {
	gone := properties("RemovalPolicy", "Delete")
	for _, c := range []struct {
		name   string
		status string
		kind   cfn.RequestType
		id     string
		code   string // with which CloudFormation refuses to say
		reason string
	}{
		{
			name:   "a Delete of a stack at rest",
			status: "CREATE_COMPLETE",
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			reason: "refused, nothing was changed",
		},
		{
			name:   "a Delete of an unknown id",
			status: "UPDATE_COMPLETE",
			kind:   cfn.RequestDelete,
			id:     "made-up",
			reason: "refused",
		},
		{
			name:   "a Delete while the stack is created",
			status: "CREATE_IN_PROGRESS",
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			reason: "refused",
		},
		{
			name:   "a Delete of no stack",
			status: noStack,
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			reason: "refused",
		},
		{
			name:   "a Delete twice",
			status: "DELETE_COMPLETE",
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			reason: "refused",
		},
		{
			name:   "an Update of a stack at rest",
			status: "UPDATE_ROLLBACK_COMPLETE",
			kind:   cfn.RequestUpdate,
			id:     "account-a-bucket",
			reason: "refused",
		},
		{
			name:   "a Create in a stack under review",
			status: "REVIEW_IN_PROGRESS",
			kind:   cfn.RequestCreate,
			reason: "refused",
		},
		{
			name:   "a Create that CloudFormation gave up",
			status: "ROLLBACK_IN_PROGRESS",
			kind:   cfn.RequestCreate,
			reason: "refused",
		},
		{
			name:   "nobody may ask",
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			code:   "AccessDenied",
			reason: "not known whether this event",
		},
		{
			name:   "the witness panics",
			kind:   cfn.RequestDelete,
			id:     "account-a-bucket",
			code:   "panic",
			reason: "internal error",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
			writes := s.aws.writes
			s.aws.stack = c.status
			s.aws.failOn("AwaitStack", c.code, 1)
			if c.code == "panic" {
				s.aws.before = func(_ context.Context, what string) error {
					if what == "AwaitStack" {
						panic("lost")
					}
					return nil
				}
			} else if c.code == "" {
				s.aws.works()
			}
			wider := properties("Consumers", []any{map[string]any{"Account": "333333333333"}})
			next := map[cfn.RequestType]map[string]any{cfn.RequestDelete: gone}[c.kind]
			if next == nil {
				next = wider
			}
			a := s.send(s.event(c.kind, share.BucketType, c.id, next, properties()))
			s.want(a, "FAILED", a.PhysicalResourceId, c.reason)
			if c.status != "" && c.status != noStack && strings.Contains(a.Reason, c.status) {
				t.Errorf("the stack's status is told to whoever sent the event: %s", a.Reason)
			}
			if s.aws.writes != writes {
				t.Errorf("%d writes", s.aws.writes-writes)
			}
			s.wantLeft(1, 1, 1)
		})
	}
}

// A Create that Lambda delivers twice may come back when its Delete is long done.
func TestDuplicateCreateAfterTheDelete(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties("RemovalPolicy", "Delete"))
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "SUCCESS", "account-a-bucket", "")
	s.aws.stack = "DELETE_COMPLETE"
	a := s.create(properties("RemovalPolicy", "Delete"))
	s.want(a, "FAILED", a.PhysicalResourceId, "refused")
	s.wantNothing()
}

func TestAccessEventsNeedAWitnessToo(t *testing.T) {
	s := newFixture(t, consumerEnv)
	s.aws.stack = "UPDATE_COMPLETE"
	a := s.send(s.event(cfn.RequestCreate, share.AccessType, "", accessProperties(), nil))
	s.want(a, "FAILED", a.PhysicalResourceId, "refused")
	s.wantNothing()
}

// What is there is read while the stack is asked; the first step waits for its word.
func TestNothingIsWrittenBeforeTheStackHasSpoken(t *testing.T) {
	for kind, env := range map[string]share.Env{share.BucketType: ownerEnv, share.AccessType: consumerEnv} {
		s := newFixture(t, env)
		observed, spoken := make(chan struct{}), make(chan struct{})
		s.aws.before = func(ctx context.Context, what string) error {
			switch what {
			case "Observe":
				select {
				case <-observed:
				default:
					close(observed)
				}
			case "AwaitStack":
				select {
				case <-observed:
				case <-time.After(time.Minute):
					t.Error("nothing is read while the stack is asked")
				}
				time.Sleep(20 * time.Millisecond) // time in which a step would be taken
				close(spoken)
			default:
				select {
				case <-spoken:
				default:
					t.Errorf("%s before the stack has spoken", what)
				}
			}
			return nil
		}
		p := properties()
		if kind == share.AccessType {
			p = accessProperties("Grantees", []any{map[string]any{"User": "ann"}})
		}
		if a := s.send(s.event(cfn.RequestCreate, kind, "", p, nil)); a.Status != "SUCCESS" {
			t.Error(a.Reason)
		}
	}
}
