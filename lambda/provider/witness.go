package provider

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// witness is AWS as the work of one event has it: reads pass at once, and writes once the event's own stack has said
// that CloudFormation is sending such an event now. Whoever deploys a stack may call the function directly
// (CloudFormation calls it with the deployer's rights), so an event may be forged; Lambda may deliver one twice or
// late. None of these finds the stack at work.
//
// The stack is asked while the event's work reads what is there, so that it costs no time; what was read is thrown
// away when the stack denies. As everything passes through here, the tally of the event is kept here, and the stack is
// asked again beside the rounds of writes (see watch).
type witness struct {
	AWS
	tally *tally
	heard chan struct{} // closed when verdict is there
	err   error         // the verdict
	// status is the stack's, when it has borne witness.
	status string
	// watch is nil where nobody is to look whether the run is late.
	watch      *watch
	pendingKey string // stands for the key that a plan is about to create
	wrote      bool   // anything, as far as is known
}

// callWitness asks the event's stack, and calls deny when that denies.
func callWitness(ctx context.Context, deny context.CancelCauseFunc, aws AWS, e cfn.Event, h *handling) *witness {
	w := &witness{
		AWS: aws, tally: &h.tally, heard: make(chan struct{}), watch: &watch{aws: aws, event: e, begun: h.begun, stop: deny},
	}
	if env, err := share.EnvFromARN(e.StackID); err == nil {
		w.pendingKey = env.PendingKeyARN()
	}
	go func() {
		defer close(w.heard)
		defer func() {
			if r := recover(); r != nil {
				w.err = &cloud.PanicError{Value: r, Stack: string(debug.Stack())}
			}
			if w.err != nil {
				deny(w.err)
			}
		}()
		w.status, w.err = bearsWitness(ctx, aws, e, h.log)
		w.watch.status = w.status
	}()
	return w
}

// bearsWitness answers whoever sent the event, who may be a stranger: the stack's status is for the log only.
func bearsWitness(ctx context.Context, aws AWS, e cfn.Event, log *slog.Logger) (status string, err error) {
	status, err = aws.AwaitStack(ctx, e.StackID, func(s string) bool { return sends(e.RequestType, s) })
	switch {
	case err != nil:
		return "", fmt.Errorf("nothing was changed, as it is not known whether this event is CloudFormation's: %w", err)
	case sends(e.RequestType, status):
		return status, nil
	}
	log.Warn("refused: CloudFormation sends no such event to a stack in this status", "status", status)
	return "", fmt.Errorf("refused, nothing was changed: the stack is not at work on anything that makes CloudFormation "+
		"send a %s; the function's log has its status", e.RequestType)
}

// stackStatus is the stack's status, "" when it has not borne witness.
func (w *witness) stackStatus() string {
	if w.verdict() != nil {
		return ""
	}
	return w.status
}

// applyRounds carries out a plan and asks the stack beside each round but the first, which its verdict came before.
func (w *witness) applyRounds(ctx context.Context, steps plan.Plan, report cloud.Report) (cloud.Applied, error) {
	var all cloud.Applied
	for i, round := range steps.Rounds() {
		if err := w.watch.wanted(); err != nil {
			return all, err
		}
		if i > 0 {
			w.watch.ask(ctx, true)
		}
		w.wrote = true
		done, err := w.AWS.Apply(ctx, plan.Plan(round).WithKey(w.pendingKey, all.KeyARN), report)
		all.Steps += done.Steps
		if done.KeyARN != "" {
			all.KeyARN = done.KeyARN
		}
		if err != nil {
			w.watch.ask(ctx, false)
			return all, err
		}
	}
	if len(steps) > 0 {
		w.watch.ask(ctx, false)
	}
	return all, nil
}

// unwatched is the same for what takes back what a late run wrote.
func (w *witness) unwatched() *witness {
	return &witness{
		AWS: w.AWS, tally: w.tally, heard: w.heard, err: w.err, status: w.status, pendingKey: w.pendingKey,
	}
}

// verdict waits for the stack's word.
func (w *witness) verdict() error {
	<-w.heard
	return w.err
}

func (w *witness) ObserveShare(ctx context.Context, want plan.Wanted) (plan.State, error) {
	w.tally.enter(atObserve)
	now, err := w.AWS.ObserveShare(ctx, want)
	w.tally.leave(atPlan, err)
	return now, w.before(err)
}

func (w *witness) ObserveAccess(ctx context.Context, want plan.WantedAccess) (plan.AccessState, error) {
	w.tally.enter(atObserve)
	now, err := w.AWS.ObserveAccess(ctx, want)
	w.tally.leave(atPlan, err)
	return now, w.before(err)
}

func (w *witness) Apply(ctx context.Context, steps plan.Plan, report cloud.Report) (cloud.Applied, error) {
	if err := w.verdict(); err != nil {
		return cloud.Applied{}, err
	}
	return w.applyRounds(ctx, steps, report)
}

func (w *witness) Canary(ctx context.Context, a share.Access, keyARN, key string) error {
	if err := w.verdict(); err != nil {
		return err
	}
	done := w.tally.step(plan.Step{Operation: atCanary})
	err := w.AWS.Canary(ctx, a, keyARN, key)
	done(err)
	return err
}

func (w *witness) ReadBack(
	ctx context.Context, want plan.Wanted, after plan.State, steps plan.Plan,
) (plan.State, proof.World, error) {
	w.tally.enter(atProve)
	return w.AWS.ReadBack(ctx, want, after, steps)
}

func (w *witness) ReadBackAccess(
	ctx context.Context, want plan.WantedAccess, after plan.AccessState, steps plan.Plan,
) (plan.AccessState, proof.World, error) {
	w.tally.enter(atProve)
	return w.AWS.ReadBackAccess(ctx, want, after, steps)
}

func (w *witness) Settle(ctx context.Context, look func(context.Context) error) error {
	w.tally.prove(true)
	err := w.AWS.Settle(ctx, look)
	w.tally.prove(false)
	w.tally.leave(atProve, err)
	return err
}

func (w *witness) Pause(ctx context.Context, tries int) bool {
	again := w.AWS.Pause(ctx, tries)
	if again {
		w.tally.restart(atObserve)
	}
	return again
}

func (w *witness) Empty(
	ctx, stop context.Context, bucket string, from empty.Checkpoint,
) (empty.Checkpoint, error) {
	if err := w.verdict(); err != nil {
		return from, err
	}
	return w.AWS.Empty(ctx, stop, bucket, from)
}

func (w *witness) Expire(ctx context.Context, bucket string) error {
	if err := w.verdict(); err != nil {
		return err
	}
	return w.AWS.Expire(ctx, bucket)
}

func (w *witness) ReEncrypt(
	ctx, stop context.Context, bucket, keyARN string, objects []existing.Object,
) (existing.Done, error) {
	if err := w.verdict(); err != nil {
		return existing.Done{}, err
	}
	return w.AWS.ReEncrypt(ctx, stop, bucket, keyARN, objects)
}

func (w *witness) StartJob(ctx context.Context, job existing.Job) (id string, err error) {
	if err := w.verdict(); err != nil {
		return "", err
	}
	return w.AWS.StartJob(ctx, job)
}

func (w *witness) Again(ctx context.Context, function string, event []byte) error {
	if err := w.verdict(); err != nil {
		return err
	}
	return w.AWS.Again(ctx, function, event)
}

// before is the verdict if it denies, else err: a denial cuts off what is being read.
func (w *witness) before(err error) error {
	if denied := w.verdict(); denied != nil {
		return denied
	}
	return err
}
