package provider

import (
	"context"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// resource is one event on its way.
type resource struct {
	cfn.Event
	*handling
	// emptying is where to go on with the emptying of the bucket, nil for the beginning.
	emptying *Emptying
	env      share.Env
	aws      AWS
	limits   share.Limits
	// status is the stack's, as it was when the event came; "" when no event did.
	status func() string
	// undoes says that it is no delivery of the event: what one wrote is taken back.
	undoes bool
	// who knows who changed something; only a look asks.
	who *asker
}

// rollsBack says whether the stack is on its way back from an update that failed.
func (r resource) rollsBack() bool { return r.status() == rollingBack }

// event is the event as a plan has it, which is the same for all of its deliveries.
func (r resource) event() plan.Event {
	e := plan.Event{ID: declaration.EventID(r.RequestID), Undone: r.undoes}
	if r.RequestType == cfn.RequestUpdate {
		e.From = r.before()
	}
	return e
}

// on is the event with where its stack is, once that has borne witness. Since when it is on the way back is asked only
// where something depends on it.
func (r resource) on(ctx context.Context, e plan.Event, own, from plan.Remembered) plan.Event {
	if e.Back = r.rollsBack(); e.ComesAgain(own) || e.ComesAgain(from) {
		since, err := r.aws.StackSince(ctx, r.StackID, rollingBack)
		if err != nil {
			r.log.Warn("taken for a delivery that is late: it is not known since when the stack rolls back", "error", err)
		}
		e.Since = since
	}
	e.Going = r.going(ctx, own, from)
	return e
}

// passing is a plan.Wanted or plan.WantedAccess.
type passing interface {
	remembering
	Passed(from plan.Remembered) error
}

// passedBy is an error when the way back was put down while a delivery of the Update that failed was writing: two runs
// may look at the same time, and then neither sees what the other writes. Only on the way back is it asked, after the
// last write, and in doubt the event is served.
func (r resource) passedBy(ctx context.Context, w passing) error {
	if r.RequestType != cfn.RequestUpdate || r.undoes || !r.rollsBack() {
		return nil
	}
	m, err := r.aws.Memory(ctx, ownParameter(w))
	if err != nil || m.Name == "" {
		return nil
	}
	return w.Passed(plan.ReadRemembered(m.Value, r.env))
}

// apply carries out a plan for what is wanted. That another event went by meanwhile goes before what failed.
func (r resource) apply(ctx context.Context, w passing, steps plan.Plan) (cloud.Applied, error) {
	done, err := r.aws.Apply(ctx, steps, r.report)
	if len(steps) > 0 {
		if passed := r.passedBy(ctx, w); passed != nil {
			return done, passed
		}
	}
	return done, err
}
