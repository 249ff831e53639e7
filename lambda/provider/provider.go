// Package provider turns one event of CloudFormation into one answer.
//
// The way of an event, each step in the file of its name:
//
//	decode.go   the event's strings become a checked share or access, all violations reported together
//	share.go    observe what is there, plan, apply: for Custom::SharedBucket
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
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// AWS is what a provider needs of the account and region it works in.
type AWS interface {
	ObserveShare(context.Context, cloud.ShareQuery) (plan.State, error)
	ObserveAccess(context.Context, cloud.AccessQuery) (plan.AccessState, error)
	ReadBack(ctx context.Context, bucket, keyARN string) (plan.State, error)
	Apply(context.Context, plan.Plan, plan.Owner, func(plan.Step)) (cloud.Applied, error)
	Settle(ctx context.Context, look func(context.Context) error) error
}

// Provider handles the events of one account and region.
type Provider struct {
	connect func(share.Env) AWS
	limits  share.Limits
	log     *slog.Logger
	client  *http.Client
	// reserve is the time kept back from the function's deadline for the answer.
	reserve time.Duration
	// pause is the time before an answer is sent again, which grows with the square of the tries.
	pause time.Duration
}

// New is a provider that reaches AWS through connect, and allows shares what lies within limits.
func New(connect func(share.Env) AWS, limits share.Limits, log *slog.Logger) *Provider {
	return &Provider{
		connect: connect, limits: limits, log: log,
		client:  &http.Client{Timeout: 10 * time.Second},
		reserve: 20 * time.Second,
		pause:   200 * time.Millisecond,
	}
}

// outcome is what came of an event.
type outcome struct {
	id   string         // the physical id
	data map[string]any // the attributes
	err  error
}

// Handle answers an event. It returns an error only when the answer could not be delivered: Lambda then delivers the
// event again, and everything that was done is found done.
func (p *Provider) Handle(ctx context.Context, e cfn.Event) error {
	// The event itself is never logged: its ResponseURL lets whoever has it answer in our place.
	log := p.log.With("request", e.RequestType, "type", e.ResourceType, "stack", e.StackID, "logicalId", e.LogicalResourceID, "physicalId", e.PhysicalResourceID)
	log.Info("event received")
	o := p.inTime(ctx, e, log)
	var panicked *cloud.PanicError
	switch {
	case errors.As(o.err, &panicked):
		log.Error("failed", "error", o.err, "stack", panicked.Stack)
	case o.err != nil:
		log.Error("failed", "error", o.err)
	default:
		log.Info("done", "physicalId", o.id)
	}
	return p.answer(ctx, e, o)
}

// inTime runs the event's work and gives up early enough to answer: Lambda ends the process at the deadline, and
// CloudFormation would wait for ServiceTimeout, an hour unless declared.
func (p *Provider) inTime(ctx context.Context, e cfn.Event, log *slog.Logger) outcome {
	work, cancel := p.workContext(ctx)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- outcome{id: fallbackID(e), err: &cloud.PanicError{Value: r, Stack: string(debug.Stack())}}
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
		return outcome{id: fallbackID(e), err: fmt.Errorf("out of time: the function's deadline came before %s was done; deploy again to go on", e.RequestType)}
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

// work leads an event to the code for its resource type.
func (p *Provider) work(ctx context.Context, e cfn.Event, log *slog.Logger) outcome {
	env, err := environment(ctx, e)
	if err != nil {
		return outcome{id: fallbackID(e), err: err}
	}
	r := resource{Event: e, env: env, aws: p.connect(env), limits: p.limits, log: log}
	switch e.ResourceType {
	case share.BucketType:
		return r.bucket(ctx)
	case share.AccessType:
		return r.access(ctx)
	}
	return outcome{id: fallbackID(e), err: fmt.Errorf("unknown resource type %s; known are %s and %s", e.ResourceType, share.BucketType, share.AccessType)}
}

// resource is one event on its way.
type resource struct {
	cfn.Event
	env    share.Env
	aws    AWS
	limits share.Limits
	log    *slog.Logger
}

func (r resource) owner() plan.Owner {
	return plan.Owner{StackID: r.StackID, LogicalID: r.LogicalResourceID}
}

// report logs a step before it is taken.
func (r resource) report(s plan.Step) {
	r.log.Info("step", "round", s.Round, "operation", s.Operation, "resource", s.Resource, "reason", s.Reason)
}

// environment is where the stack is. The function must be of the same account and region: it acts where it runs.
func environment(ctx context.Context, e cfn.Event) (share.Env, error) {
	env, err := share.EnvFromARN(e.StackID)
	if err != nil {
		return env, fmt.Errorf("reading StackId: %w", err)
	}
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return env, nil
	}
	own, err := share.EnvFromARN(lc.InvokedFunctionArn)
	if err != nil {
		return env, fmt.Errorf("reading the function's ARN: %w", err)
	}
	if own != env {
		return env, fmt.Errorf("the provider in account %s, region %s cannot serve a stack in account %s, region %s; use the service token of the stack's own account and region",
			own.Account, own.Region, env.Account, env.Region)
	}
	return env, nil
}
