package provider

import (
	"context"
	"errors"

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
	e.Gone = r.isGone(ctx, e, own, from)
	return e
}

// planned is a plan.Wanted or plan.WantedAccess.
type planned interface {
	remembering
	Meanwhile(read plan.Remembered, since []plan.Remembered) error
}

// meanwhile is an error when another run was at work beside this one, which made its plan from what was remembered of
// the resource. Only on the way back is it asked, after the last write, and in doubt the event is served.
func (r resource) meanwhile(ctx context.Context, w planned, from own) error {
	if r.RequestType != cfn.RequestUpdate || r.undoes || !r.rollsBack() {
		return nil
	}
	versions, err := r.aws.MemoriesSince(ctx, from.parameter, from.now.Version)
	if err != nil {
		r.log.Warn("it is not known whether another run was at work", "error", loggable(err.Error()))
		return nil
	}
	var since []plan.Remembered
	for _, m := range versions {
		since = append(since, plan.ReadRemembered(m.Value, r.env))
	}
	return w.Meanwhile(from.now, since)
}

// apply carries out a plan for what is wanted. That the way back went by meanwhile goes before what failed. That there
// is something to look at again does not, and in the last try it is nothing: the way back must come to an end.
func (r resource) apply(ctx context.Context, w planned, from own, steps plan.Plan, try int) (cloud.Applied, error) {
	done, err := r.aws.Apply(ctx, steps, r.report)
	if len(steps) == 0 {
		return done, err
	}
	met := r.meanwhile(ctx, w, from)
	if stale := (*plan.StaleError)(nil); errors.As(met, &stale) || err == nil && try < tries {
		return done, met
	}
	return done, err
}

// overtaken says whether an error means that everything has to be looked at again. On the way back that is so, too,
// when what was applied is not there: a second delivery of the Update that failed may write, and goes away again.
func (r resource) overtaken(err error) bool {
	var unproven *plan.UnprovenError
	return cloud.Overtaken(err) || r.rollsBack() && errors.As(err, &unproven)
}
