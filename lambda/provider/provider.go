// Package provider turns one event of CloudFormation into one answer.
//
// The way of an event, each step in the file of its name:
//
//	answer.go   events whose answer would not go to CloudFormation are not handled (see also the end)
//	witness.go  the event's own stack says whether CloudFormation is sending such an event now (statuses.go)
//	decode.go   the event's strings become a checked share or access, all violations reported together
//	share.go    observe what is there, plan, apply: for Custom::SharedBucket
//	existing.go count and re-encrypt what an adopted bucket holds
//	emptying.go empty a bucket, in as many invocations as it takes; the last one answers
//	access.go   the same for Custom::SharedBucketAccess
//	leftover.go give up what was to take the resource's place, or had it, and which CloudFormation has forgotten
//	retained.go put back what CloudFormation had retained, when an update that led back there is rolled back
//	late.go     a run without which CloudFormation has gone on notices, and takes back what it wrote
//	gone.go     an event whose resource the stack has no more makes nothing
//	prove.go    read back what was applied, and fail when it is not so (verify.go asks the evaluator, of world.go)
//	canary.go   write and read one small object through all of it, from a consumer's account
//	answer.go   one answer, always: in time, after a panic, within CloudFormation's size
//	look.go     instead of an event: the schedule has every share of the account looked at; drift.go looks at one
//	metrics.go  one line of metrics about all of it; handling.go has the log, measure.go what is counted on the way
//
// What to do is decided in package plan; every AWS call is in package cloud.
package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// Provider handles the events of one account and region.
type Provider struct {
	Settings
	log    *slog.Logger
	client *http.Client
	// reserve is the time kept back from the function's deadline for the answer.
	reserve time.Duration
	// pause is the time before an answer is sent again, which grows with the square of the tries.
	pause time.Duration
}

// Settings are what a provider gets from where it runs.
type Settings struct {
	// Connect reaches AWS where a stack is.
	Connect func(share.Env) AWS
	// AnswersTo says whether a ResponseURL is CloudFormation's in that account and region.
	AnswersTo func(share.Env, *url.URL) bool
	// Limits are what the account's administrator allows shares.
	Limits share.Limits
	// WhoDrifted has CloudTrail asked who changed what a look finds otherwise than declared.
	WhoDrifted bool
	// Metrics gets a line of metrics for each event, which belongs on standard output. Default: none are written.
	Metrics io.Writer
}

// New is a provider with these settings.
func New(settings Settings, log *slog.Logger) *Provider {
	return &Provider{
		Settings: settings, log: log,
		client:  &http.Client{Timeout: 10 * time.Second, CheckRedirect: noRedirect},
		reserve: 20 * time.Second,
		pause:   200 * time.Millisecond,
	}
}

// Handle answers an event. It returns an error only when the answer could not be delivered: Lambda then delivers the
// event again, and everything that was done is found done; after the last try the event is in the dead-letter queue,
// which has an alarm.
func (p *Provider) Handle(ctx context.Context, e Event) error {
	if e.Look != nil {
		p.look(ctx, *e.Look)
		return nil
	}
	ctx, h := p.begin(ctx, e.Event)
	h.log.Info("event received")
	if err := p.checkResponseURL(ctx, e.Event); err != nil {
		h.log.Error("not handled", "error", err)
		p.end(h, e.Event, true)
		return err
	}
	h.restart(atDecode)
	o := p.inTime(ctx, e, h)
	if errors.Is(o.err, errHandedOver) {
		p.end(h, e.Event, false)
		return nil // whoever goes on answers
	}
	h.logOutcome(o)
	if o.err == nil {
		h.restart(atAnswer)
	}
	err := p.answer(ctx, e.Event, o, h.log)
	p.end(h, e.Event, o.err != nil || err != nil)
	return err
}

// inTime runs the event's work and gives up early enough to answer: Lambda ends the process at the deadline, and
// CloudFormation would wait for ServiceTimeout, an hour unless declared.
func (p *Provider) inTime(ctx context.Context, e Event, h *handling) outcome {
	work, cancel := p.workContext(ctx)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- outcome{id: fallbackID(e.Event), err: &cloud.PanicError{Value: r, Stack: string(debug.Stack())}}
			}
		}()
		done <- p.work(work, e, h)
	}()
	select {
	case o := <-done:
		return o
	case <-work.Done():
	}
	// The work stops at its next call; it is given a moment, so that nothing goes on behind the answer.
	select {
	case o := <-done:
		return o
	case <-time.After(p.reserve / 4):
		late := fmt.Errorf("out of time: the function's deadline came before %s was done; deploy again to go on",
			e.RequestType)
		return outcome{id: fallbackID(e.Event), err: late}
	}
}

func (p *Provider) workContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	reserve := min(p.reserve, time.Until(deadline)/4)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// work asks the event's stack and leads the event to the code for its resource type.
func (p *Provider) work(ctx context.Context, e Event, h *handling) outcome {
	handle, known := map[string]func(resource, context.Context) outcome{
		share.BucketType: resource.bucket, share.AccessType: resource.access,
	}[e.ResourceType]
	env, err := environment(ctx, e.Event)
	switch {
	case err != nil:
	case statuses[e.RequestType] == nil:
		err = fmt.Errorf("unknown RequestType %.100q; known are Create, Update and Delete", e.RequestType)
	case !known:
		err = fmt.Errorf("unknown resource type %.100q; known are %s and %s",
			e.ResourceType, share.BucketType, share.AccessType)
	}
	if err != nil {
		return outcome{id: fallbackID(e.Event), err: err}
	}
	asLongAsWanted, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	aws := callWitness(asLongAsWanted, stop, p.Connect(env), e.Event, h)
	r := resource{
		Event: e.Event, handling: h, emptying: e.Emptying, env: env, aws: aws, status: aws.stackStatus, limits: p.Limits,
	}
	o := handle(r, asLongAsWanted)
	if err := aws.verdict(); err != nil {
		h.restart(atWitness)
		return outcome{id: fallbackID(e.Event), err: err}
	}
	if late := (*lateError)(nil); errors.As(aws.watch.wanted(), &late) {
		undo, does := undone(r.Event, aws.status, late.status)
		r.log.Warn("late: CloudFormation has gone on without this run", "status", late.status, "takesBack", does)
		if !does {
			return outcome{id: fallbackID(r.Event), err: late}
		}
		return r.takeBack(ctx, late, undo, aws.unwatched(), handle)
	}
	if stale := (*plan.StaleError)(nil); errors.As(o.err, &stale) && stale.Undo && aws.wrote {
		r.log.Warn("late: the way back came while this delivery was writing", "takesBack", true)
		return r.takeBack(ctx, errPassed, wayBack(r.Event), aws.unwatched(), handle)
	}
	return o
}

func (r resource) owner() plan.Owner {
	return plan.Owner{StackID: r.StackID, LogicalID: r.LogicalResourceID}
}
