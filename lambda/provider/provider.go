// Package provider turns one event of CloudFormation into one answer.
//
// The way of an event, each step in the file of its name:
//
//	answer.go   events whose answer would not go to CloudFormation are not handled (see also the end)
//	witness.go  the event's own stack says whether CloudFormation is sending such an event now (statuses.go)
//	decode.go   the event's strings become a checked share or access, all violations reported together
//	share.go    observe what is there, plan, apply: for Custom::SharedBucket
//	emptying.go empty a bucket, in as many invocations as it takes; the last one answers
//	access.go   the same for Custom::SharedBucketAccess
//	prove.go    read back what was applied, and fail when it is not so
//	answer.go   one answer, always: in time, after a panic, within CloudFormation's size
//
// What to do is decided in package plan; every AWS call is in package cloud.
package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

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
	// The event itself is never logged: its ResponseURL lets whoever has it answer in our place.
	log := p.log.With("request", loggable(string(e.RequestType)), "type", loggable(e.ResourceType),
		"stack", loggable(e.StackID), "logicalId", loggable(e.LogicalResourceID), "physicalId", loggable(e.PhysicalResourceID))
	log.Info("event received")
	if err := p.checkResponseURL(ctx, e.Event); err != nil {
		log.Error("not handled", "error", err)
		return err
	}
	o := p.inTime(ctx, e, log)
	var panicked *cloud.PanicError
	switch {
	case errors.Is(o.err, errHandedOver):
		return nil // whoever goes on answers
	case errors.As(o.err, &panicked):
		log.Error("failed", "error", loggable(o.err.Error()), "stack", loggable(panicked.Stack))
	case o.err != nil:
		log.Error("failed", "error", loggable(o.err.Error()))
	default:
		log.Info("done", "physicalId", o.id)
	}
	return p.answer(ctx, e.Event, o)
}

// inTime runs the event's work and gives up early enough to answer: Lambda ends the process at the deadline, and
// CloudFormation would wait for ServiceTimeout, an hour unless declared.
func (p *Provider) inTime(ctx context.Context, e Event, log *slog.Logger) outcome {
	work, cancel := p.workContext(ctx)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- outcome{id: fallbackID(e.Event), err: &cloud.PanicError{Value: r, Stack: string(debug.Stack())}}
			}
		}()
		done <- p.work(work, e, log)
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
		late := fmt.Errorf("out of time: the function's deadline came before %s was done; deploy again to go on", e.RequestType)
		return outcome{id: fallbackID(e.Event), err: late}
	}
}

func (p *Provider) workContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	reserve := min(p.reserve, time.Until(deadline)/2)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// work asks the event's stack and leads the event to the code for its resource type.
func (p *Provider) work(ctx context.Context, e Event, log *slog.Logger) outcome {
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
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	aws := callWitness(ctx, stop, p.Connect(env), e.Event, log)
	o := handle(resource{
		Event: e.Event, emptying: e.Emptying, env: env, aws: aws, rollsBack: aws.rollsBack, limits: p.Limits, log: log,
	}, ctx)
	if err := aws.verdict(); err != nil {
		return outcome{id: fallbackID(e.Event), err: err}
	}
	return o
}

// resource is one event on its way.
type resource struct {
	cfn.Event
	// emptying is where to go on with the emptying of the bucket, nil for the beginning.
	emptying *Emptying
	env      share.Env
	aws      AWS
	limits   share.Limits
	log      *slog.Logger
	// rollsBack says whether the stack is on its way back from an update that failed.
	rollsBack func() bool
}

func (r resource) owner() plan.Owner {
	return plan.Owner{StackID: r.StackID, LogicalID: r.LogicalResourceID}
}

// report logs a step before it is taken.
func (r resource) report(s plan.Step) {
	r.log.Info("step", "round", s.Round, "operation", s.Operation, "resource", s.Resource, "reason", s.Reason)
}
