package provider

import (
	"cmp"
	"slices"
	"sync"

	"example.com/sharedbucket/internal/plan"
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
