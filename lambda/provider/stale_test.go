package provider

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// rolledBack is an Update whose stack goes the way back.
type rolledBack struct {
	name     string
	resource string
	env      share.Env
	p, old   map[string]any
	id       string // of the resource before
}

func updatesToRollBack() []rolledBack {
	more := []any{map[string]any{"User": "ann"}, map[string]any{"User": "dilip"}}
	retired := properties("RemovalPolicy", "Delete")
	wider := properties("RemovalPolicy", "Delete", "Delegates", more, "Versioning", "Suspended", "Consumers",
		[]any{map[string]any{"Account": "222222222222"}, map[string]any{"Account": "333333333333"}})
	other := properties("RemovalPolicy", "Delete", "BucketName", "another-bucket")
	const ofAccess = "access-s3-account-a-bucket@account-a-bucket"
	granted := accessProperties()
	return []rolledBack{
		{name: "Update", resource: share.BucketType, env: ownerEnv, p: wider, old: retired, id: "account-a-bucket"},
		{name: "replacement", resource: share.BucketType, env: ownerEnv, p: other, old: retired, id: "account-a-bucket"},
		{
			name: "Update of an access", resource: share.AccessType, env: consumerEnv, id: ofAccess,
			p: accessProperties("Grantees", more), old: granted,
		},
		{
			name: "replacement of an access", resource: share.AccessType, env: consumerEnv, id: ofAccess,
			p: accessProperties("PolicyName", "renamed"), old: granted,
		},
	}
}

// begin creates the resource and sends its Update, of which the first delivery breaks at a call, if any. It returns the
// Update, its way back, and what there was before.
func (c rolledBack) begin(t *testing.T, breaks string) (s *fixture, update, back cfn.Event, before *sharetest.Account) {
	t.Helper()
	s = newFixture(t, c.env)
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.want(s.send(s.event(cfn.RequestCreate, c.resource, "", c.old, nil)), "SUCCESS", c.id, "")
	s.aws.stackIs("UPDATE_IN_PROGRESS")
	before = s.aws.Clone()
	update = s.event(cfn.RequestUpdate, c.resource, c.id, c.p, c.old)
	if breaks != "" {
		s.aws.failOn(breaks, "InternalError", 1000)
	}
	a := s.send(update)
	s.aws.works()
	s.aws.stackIs(rollingBack)
	return s, update, s.event(cfn.RequestUpdate, c.resource, a.PhysicalResourceId, c.old, c.p), before
}

// wantRolledBack finishes as CloudFormation does, and asks that there is what there was.
func (c rolledBack) wantRolledBack(s *fixture, back cfn.Event, before *sharetest.Account) {
	s.t.Helper()
	if back.PhysicalResourceID != c.id { // what a replacement made that had come to its end
		s.aws.stackIs("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
		gone := s.event(cfn.RequestDelete, c.resource, back.PhysicalResourceID, c.p, nil)
		s.want(s.send(gone), "SUCCESS", gone.PhysicalResourceID, "")
	}
	s.wantAs(before.Buckets["account-a-bucket"] != nil, len(before.Buckets), before.Identities, len(before.Parameters))
	for name, b := range before.Buckets {
		if is := s.aws.Buckets[name]; is == nil || !same(s.t, is.Policy.Text(), b.Policy.Text()) ||
			is.Versioning != b.Versioning {
			s.t.Errorf("%s is not as it was", name)
		}
	}
}

// wantStale delivers an event that nobody waits for.
func (s *fixture) wantStale(e cfn.Event) {
	s.t.Helper()
	writes := len(s.aws.Steps)
	if a := s.send(e); a.Status != "FAILED" || !strings.Contains(a.Reason, "delivered once more") {
		s.t.Errorf("answered %s", a.body)
	}
	if n := len(s.aws.Steps) - writes; n > 0 {
		s.t.Errorf("a delivery that is stale wrote %v", s.aws.Steps[writes:])
	}
}

// atCall does something at a call from now on, those apart that ask the stack.
func (s *fixture) atCall(at int, do func()) {
	var n atomic.Int32
	s.aws.before = func(_ context.Context, what string) error {
		if what != "AwaitStack" && what != "StackSince" && n.Add(1) == int32(at) {
			do()
		}
		return nil
	}
}

// An Update that wrote is known: its second delivery writes nothing on the way back, whenever it comes.
func TestSecondDeliveryOnTheWayBack(t *testing.T) {
	for _, c := range updatesToRollBack() {
		for _, breaks := range []string{"", "PutBucketVersioning", "PutBucketPolicy", "PutInlinePolicy", "ReadBack"} {
			for at := 0; c.twice(t, breaks, at); at++ {
			}
		}
	}
}

// twice delivers the Update again at a call of its way back, 0 for before it, and says whether there was such a call.
func (c rolledBack) twice(t *testing.T, breaks string, at int) (came bool) {
	t.Run(fmt.Sprintf("%s, breaks at %q, again at call %d", c.name, breaks, at), func(t *testing.T) {
		s, update, back, before := c.begin(t, breaks)
		again := func() {
			came = true
			s.wantStale(update)
		}
		if at == 0 {
			again()
		} else {
			s.atCall(at, again)
		}
		must(t, s.provider.Handle(t.Context(), Event{Event: back}))
		s.aws.works()
		s.want(s.answers[len(s.answers)-1], "SUCCESS", c.id, "")
		s.wantStale(update)
		c.wantRolledBack(s, back, before)
	})
	return came
}

// An Update whose first delivery wrote nothing is known by the way back that was served since.
func TestSecondDeliveryOfAnUpdateThatHadWrittenNothing(t *testing.T) {
	for _, c := range updatesToRollBack() {
		t.Run(c.name, func(t *testing.T) {
			s, update, back, before := c.begin(t, "Observe")
			s.want(s.send(back), "SUCCESS", c.id, "")
			s.wantStale(update)
			c.wantRolledBack(s, back, before)
		})
	}
}

// One that comes before its way back is not known, and the way back takes back what it wrote.
func TestSecondDeliveryBeforeItsWayBack(t *testing.T) {
	for _, c := range updatesToRollBack() {
		t.Run(c.name, func(t *testing.T) {
			s, update, back, before := c.begin(t, "Observe")
			s.send(update)
			s.want(s.send(back), "SUCCESS", c.id, "")
			s.wantStale(update)
			c.wantRolledBack(s, back, before)
		})
	}
}

// What Lambda delivers again, because a process died, goes on, on the way there and back.
func TestWayBackThatIsDeliveredAgain(t *testing.T) {
	for _, c := range updatesToRollBack() {
		for _, old := range []bool{false, true} { // the status that the stack had at first
			t.Run(fmt.Sprint(c.name, old), func(t *testing.T) {
				s, update, back, before := c.begin(t, "")
				if old {
					s.aws.stack = "UPDATE_IN_PROGRESS"
				}
				s.aws.failOn("ReadBack", "InternalError", 1000)
				s.want(s.send(back), "FAILED", back.PhysicalResourceID, "InternalError")
				s.aws.works()
				s.aws.stack = rollingBack
				s.want(s.send(back), "SUCCESS", c.id, "")
				s.wantStale(update)
				c.wantRolledBack(s, back, before)
			})
		}
	}
}

// continue-update-rollback sends the way back as another event.
func TestWayBackThatIsContinued(t *testing.T) {
	for _, c := range updatesToRollBack() {
		t.Run(c.name, func(t *testing.T) {
			s, update, back, before := c.begin(t, "ReadBack")
			s.aws.failOn("ReadBack", "InternalError", 1000)
			s.want(s.send(back), "FAILED", c.id, "InternalError")
			s.aws.works()
			s.wantStale(update)
			back.RequestID = "continued"
			s.want(s.send(back), "SUCCESS", c.id, "")
			s.wantStale(update)
			c.wantRolledBack(s, back, before)
		})
	}
}

// A run that was late and took back what it wrote is not served: its third delivery is stale, and its way back is not.
func TestDeliveryAfterALateRun(t *testing.T) {
	c := updatesToRollBack()[0]
	s, _, back, before := c.begin(t, "Observe")
	s.aws.stack = "UPDATE_IN_PROGRESS"
	late := s.event(cfn.RequestUpdate, c.resource, c.id, c.p, c.old)
	s.aws.before = func(_ context.Context, what string) error {
		if what == "PutBucketPolicy" {
			s.aws.stackIs(rollingBack)
		}
		return nil
	}
	s.want(s.send(late), "FAILED", c.id, "gone on without")
	s.aws.works()
	s.wantStale(late)
	s.want(s.send(back), "SUCCESS", c.id, "")
	c.wantRolledBack(s, back, before)
}

// Between two Updates, a delivery of the first one is stale as soon as the second one has written.
func TestDeliveryOfAnEarlierUpdate(t *testing.T) {
	s := newFixture(t, ownerEnv)
	create := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
	s.want(s.send(create), "SUCCESS", "account-a-bucket", "")
	more := properties("Consumers", []any{map[string]any{"Account": "333333333333"}})
	s.want(s.update("account-a-bucket", more, properties()), "SUCCESS", "account-a-bucket", "")
	s.wantStale(create)
}

// What an older version remembers says nothing of events.
func TestOlderDeclarationsHaveNoEvents(t *testing.T) {
	for _, c := range updatesToRollBack() {
		t.Run(c.name, func(t *testing.T) {
			s, _, back, before := c.begin(t, "")
			for name, text := range s.aws.Parameters {
				d, err := declaration.Read(text)
				if err != nil || d.Events.Served == "" {
					t.Fatalf("remembered is %s", text)
				}
				d.Events = declaration.Events{}
				s.aws.Parameters[name], _ = d.Text()
			}
			s.want(s.send(back), "SUCCESS", c.id, "")
			c.wantRolledBack(s, back, before)
		})
	}
}

// An Update that changes nothing that lasts writes nothing, whichever event it is.
func TestUpdateWithoutADifferenceIsNotPutDown(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties())
	writes := len(s.aws.Steps)
	s.want(s.update("account-a-bucket", properties("Revision", "2"), properties("Revision", "1")), "SUCCESS",
		"account-a-bucket", "")
	s.wantWrites(writes)
	a := s.update("account-a-bucket", properties(), properties("Tags", map[string]any{"a": "b"}))
	s.want(a, "SUCCESS", "account-a-bucket", "")
	s.wantWrites(writes, plan.PutParameter) // it changes the declaration
}
