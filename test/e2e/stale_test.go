package e2e

import (
	"testing"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// Lambda may deliver an Update a second time when its stack is on the way back from it already: before the way back's
// own Update, beside it, and after it.
func TestSecondDeliveryOnTheWayBack(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	wider := with(p, map[string]any{"Versioning": "Suspended", "Consumers": []any{
		map[string]any{"Account": []any{"222222222222", "444444444444"}, "Access": "Full"},
	}})
	update, back := s.event("Update", wider, p), s.event("Update", p, wider)
	update.RequestID, back.RequestID = "the update", "the way back"
	succeeded(t, s.send(update))

	const rollsBack = "UPDATE_ROLLBACK_IN_PROGRESS"
	failedWith(t, s.sendIn(rollsBack, update), "delivered once more")
	second := make(chan local.Response, 1)
	go func() {
		answer, err := owner.provider.Send(t.Context(), update)
		if err != nil {
			answer.Reason = err.Error()
		}
		second <- answer
	}()
	succeeded(t, s.sendIn(rollsBack, back))
	failedWith(t, <-second, "delivered once more")
	owner.forgetCalls()
	failedWith(t, s.sendIn(rollsBack, update), "delivered once more")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("a delivery that is stale wrote %v", w)
	}
	s.wantShared(p)
}
