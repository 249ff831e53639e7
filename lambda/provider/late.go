package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

// watch tells whether CloudFormation has gone on without a run: another delivery of the same event was answered, or it
// has stopped waiting. What such a run writes, nobody takes back who has looked before. So the stack is asked beside
// every round of writes, and once more after the last, beside what proves it: an event that takes back is only sent
// when the stack has another status, so either it finds that write, or the run finds that status.
type watch struct {
	aws    AWS
	event  cfn.Event
	begun  time.Time
	stop   context.CancelCauseFunc // ends what is only read
	status string                  // the stack's, when the run began
	asked  chan error
	late   error // once known it stays so
}

// patience is how long one question to the stack may take. An answer that does not come says nothing.
const patience = 2 * time.Second

// lateError is the end of a run that is not wanted any more. The stack's status is for the log only.
type lateError struct{ status string }

func (e *lateError) Error() string {
	return "CloudFormation has gone on without this run of the event"
}

// ask begins to ask the stack. A removal takes nothing that could be wanted later. When nothing is being written, a run
// that is late is stopped at once: a proof would wait for what is gone.
func (w *watch) ask(ctx context.Context, writing bool) {
	if w == nil || w.event.RequestType == cfn.RequestDelete {
		return
	}
	_ = w.wanted()
	asked := make(chan error, 1)
	w.asked = asked
	go func() {
		defer func() {
			if recover() != nil {
				asked <- nil
			}
		}()
		err := w.look(ctx)
		asked <- err
		if err != nil && !writing {
			w.stop(err)
		}
	}()
}

// wanted waits for the stack's answer, and is an error when the run is late.
func (w *watch) wanted() error {
	if w == nil {
		return nil
	}
	if w.asked != nil {
		if err := <-w.asked; w.late == nil {
			w.late = err
		}
		w.asked = nil
	}
	return w.late
}

// look asks once, and asks again before it calls the run late: an answer may be older than what it is about.
func (w *watch) look(ctx context.Context) error {
	once, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	status, err := w.aws.AwaitStack(once, w.event.StackID, func(string) bool { return true })
	if err != nil || !w.passed(ctx, status) {
		return nil
	}
	status, err = w.aws.AwaitStack(ctx, w.event.StackID, func(s string) bool { return !w.passed(ctx, s) })
	if err != nil || !w.passed(ctx, status) {
		return nil
	}
	return &lateError{status}
}

// passed says whether the stack has come to a status that tells of something after this event. Where the status is one
// that sends such an event, too, the first answer may have been the old one: then it counts when that status came. That
// the stack has just completed what it was at is no reason to stop: another delivery was answered, and whoever came
// second has still to give up the key that it made beside.
func (w *watch) passed(ctx context.Context, status string) bool {
	if strings.HasPrefix(status, strings.TrimSuffix(w.status, "_IN_PROGRESS")+"_COMPLETE") {
		return false
	}
	if status == w.status || !sends(w.event.RequestType, status) {
		return status != w.status
	}
	since, err := w.aws.StackSince(ctx, w.event.StackID, status)
	return err == nil && since.After(w.begun)
}

// undone is the event by which CloudFormation takes back what a late one wrote, and whether it does: the removal of
// what was not created, the way back of an Update. A run that belongs to a way back itself, or to what was completed,
// wrote nothing that is to go.
func undone(e cfn.Event, began, status string) (cfn.Event, bool) {
	if strings.Contains(began, "ROLLBACK") {
		return e, false
	}
	deleted, back := strings.HasPrefix(status, "DELETE_"), strings.Contains(status, "ROLLBACK")
	switch {
	case deleted, back && e.RequestType == cfn.RequestCreate:
		e.PhysicalResourceID = fallbackID(e)
		e.RequestType = cfn.RequestDelete
	case back:
		return wayBack(e), true
	default:
		return e, false
	}
	return e, true
}

// errPassed is the end of a second delivery of an Update that ran side by side with its way back.
var errPassed = errors.New("this event was delivered once more than CloudFormation waits for, and ran beside its way " +
	"back: what it wrote was taken back")

// wayBack is the event by which CloudFormation takes an Update back.
func wayBack(e cfn.Event) cfn.Event {
	e.ResourceProperties, e.OldResourceProperties = e.OldResourceProperties, e.ResourceProperties
	return e
}

// takeBack does what CloudFormation has done while the run was writing: a second time, for what came after it.
func (r resource) takeBack(
	ctx context.Context, why error, undo cfn.Event, unwatched AWS, handle func(resource, context.Context) outcome,
) outcome {
	back := r
	back.Event, back.aws, back.status, back.undoes = undo, unwatched, func() string { return rollingBack }, true
	if o := handle(back, ctx); o.err != nil {
		why = fmt.Errorf("%w, and what it wrote could not be taken back: %w", why, o.err)
	}
	return outcome{id: fallbackID(r.Event), err: why}
}
