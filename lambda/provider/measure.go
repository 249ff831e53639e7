package provider

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// Where an event can be on its way, besides the operations of its steps.
const (
	atWitness = "witness"
	atDecode  = "decode"
	atObserve = "observe"
	atPlan    = "plan"
	atProve   = "prove"
	atCanary  = "canary"
	atAnswer  = "answer"
)

// tally knows where an event is on its way, and where the first thing went wrong that was not tried again.
type tally struct {
	mu      sync.Mutex
	at      string
	running []string // the operations of steps under way
	failed  string
	proving bool // what is read now is part of the proof, which reads until it is right
}

// where is the place that a failure is blamed on. When time is up, it is where the event hangs.
func (t *tally) where() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed == "" && len(t.running) > 0 {
		return t.running[0]
	}
	return cmp.Or(t.failed, t.at)
}

func (t *tally) enter(where string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.proving {
		t.at = where
	}
}

// leave goes on to the next place, or notes the failure.
func (t *tally) leave(next string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.proving:
	case err != nil:
		t.failed = cmp.Or(t.failed, t.at)
	default:
		t.at = next
	}
}

// restart forgets failures: all that was before is done, or is tried again.
func (t *tally) restart(where string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.failed, t.running, t.proving = where, "", nil, false
}

func (t *tally) prove(proving bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.proving = atProve, proving
}

// step notes that a step begins, and with what is returned what came of it.
func (t *tally) step(s plan.Step) (done func(error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	operation := string(s.Operation)
	t.running = append(t.running, operation)
	return func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if i := slices.Index(t.running, operation); i >= 0 {
			t.running = slices.Delete(t.running, i, i+1)
		}
		if err != nil {
			t.failed = cmp.Or(t.failed, operation)
		}
	}
}

// tallied is AWS, with a tally kept of what is asked of it.
type tallied struct {
	AWS
	tally *tally
}

func (a tallied) ObserveShare(ctx context.Context, w plan.Wanted) (plan.State, error) {
	a.tally.enter(atObserve)
	now, err := a.AWS.ObserveShare(ctx, w)
	a.tally.leave(atPlan, err)
	return now, err
}

func (a tallied) ObserveAccess(ctx context.Context, w plan.WantedAccess) (plan.AccessState, error) {
	a.tally.enter(atObserve)
	now, err := a.AWS.ObserveAccess(ctx, w)
	a.tally.leave(atPlan, err)
	return now, err
}

func (a tallied) Settle(ctx context.Context, look func(context.Context) error) error {
	a.tally.prove(true)
	err := a.AWS.Settle(ctx, look)
	a.tally.prove(false)
	a.tally.leave(atProve, err)
	return err
}

func (a tallied) Canary(ctx context.Context, access share.Access, keyARN, key string) error {
	done := a.tally.step(plan.Step{Operation: atCanary})
	err := a.AWS.Canary(ctx, access, keyARN, key)
	done(err)
	return err
}

func (a tallied) Pause(ctx context.Context, tries int) bool {
	again := a.AWS.Pause(ctx, tries)
	if again {
		a.tally.restart(atObserve)
	}
	return again
}

func (a tallied) ReadBack(
	ctx context.Context, w plan.Wanted, after plan.State, steps plan.Plan,
) (plan.State, proof.World, error) {
	a.tally.enter(atProve)
	return a.AWS.ReadBack(ctx, w, after, steps)
}

func (a tallied) ReadBackAccess(
	ctx context.Context, w plan.WantedAccess, after plan.AccessState, steps plan.Plan,
) (plan.AccessState, proof.World, error) {
	a.tally.enter(atProve)
	return a.AWS.ReadBackAccess(ctx, w, after, steps)
}
