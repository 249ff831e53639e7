package provider

import (
	"context"

	"example.com/sharedbucket/internal/plan"
)

// proveShare reads back what lets somebody in and what protects the bucket, until a plan from there has nothing left to
// do. It fails when it does not come so far, and when somebody else has written a document in the meantime.
func (r resource) proveShare(ctx context.Context, w plan.Wanted, after plan.State) error {
	if !w.Share.Verify {
		return nil
	}
	var seen plan.State
	err := r.aws.Settle(ctx, func(ctx context.Context) (err error) {
		if seen, err = r.aws.ReadBack(ctx, w, after); err != nil {
			return err
		}
		return plan.Unproven(plan.ForShare(w, seen))
	})
	if err != nil {
		return err
	}
	return w.OthersChanged(after, seen)
}

func (r resource) proveAccess(ctx context.Context, w plan.WantedAccess) error {
	if !w.Access.Verify {
		return nil
	}
	return r.aws.Settle(ctx, func(ctx context.Context) error {
		now, err := r.aws.ObserveAccess(ctx, w)
		if err != nil {
			return err
		}
		return plan.Unproven(plan.ForAccess(w, now))
	})
}
