package provider

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
)

// handling is what operators see of an event that is being handled: its log, and what is measured.
type handling struct {
	tally
	log       *slog.Logger
	begun     time.Time
	count     *cloud.Count
	requestID string // Lambda's
}

// begin starts what is written about an event. Every line names the invocation, the stack and the resource. The event
// itself is never logged: its ResponseURL lets whoever has it answer in our place.
func (p *Provider) begin(ctx context.Context, e cfn.Event) (context.Context, *handling) {
	requestID := ""
	if lc, known := lambdacontext.FromContext(ctx); known {
		requestID = lc.AwsRequestID
	}
	log := p.log.With("requestId", requestID, "eventId", loggable(e.RequestID),
		"requestType", loggable(string(e.RequestType)), "resourceType", loggable(e.ResourceType),
		"stack", loggable(e.StackID), "logicalId", loggable(e.LogicalResourceID),
		"physicalId", loggable(e.PhysicalResourceID))
	ctx, h := newHandling(ctx, atAnswer, log)
	h.requestID = requestID
	return ctx, h
}

// newHandling counts calls from here on, which begin at a step.
func newHandling(ctx context.Context, at string, log *slog.Logger) (context.Context, *handling) {
	h := &handling{tally: tally{at: at}, begun: time.Now(), log: log}
	ctx, h.count = cloud.Counting(ctx)
	return ctx, h
}

// end writes what was measured of an event.
func (p *Provider) end(h *handling, e cfn.Event, failed bool) {
	if p.Metrics == nil {
		return
	}
	if err := h.measure(e, time.Now(), failed).write(p.Metrics); err != nil {
		h.log.Warn("not measured", "error", err)
	}
}

// logOutcome logs what came of an event before that is answered.
func (h *handling) logOutcome(o outcome) {
	log := h.log.With("durationMs", time.Since(h.begun).Milliseconds())
	var panicked *cloud.PanicError
	switch {
	case errors.As(o.err, &panicked):
		log.Error("failed", "failedIn", h.where(), "error", loggable(o.err.Error()), "trace", loggable(panicked.Stack))
	case o.err != nil:
		log.Error("failed", "failedIn", h.where(), "error", loggable(o.err.Error()))
	default:
		log.Info("done", "answeredId", o.id)
	}
}

// report logs a step before it is taken, and again with how long it took and what came of it.
func (h *handling) report(s plan.Step) (done func(error)) {
	log := h.log.With("round", s.Round, "operation", s.Operation, "resource", s.Resource)
	log.Info("step", "reason", s.Reason)
	begun, tallied := time.Now(), h.step(s)
	return func(err error) {
		tallied(err)
		took := time.Since(begun).Milliseconds()
		if err != nil {
			log.Warn("step failed", "durationMs", took, "error", loggable(err.Error()))
			return
		}
		log.Info("step done", "durationMs", took)
	}
}
