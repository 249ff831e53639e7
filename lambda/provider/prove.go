package provider

import (
	"context"
	"fmt"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// proveShare reads once what the steps wrote and what else decides who can do what. Nothing may be left to do from
// there, nobody else may have written a document in the meantime, and those declared must be able to do what their
// level says, and nobody else more.
func (r resource) proveShare(
	ctx context.Context, w plan.Wanted, after plan.State, steps plan.Plan,
) (proof.Verified, error) {
	if !w.Share.Verify {
		return proof.False, nil
	}
	var seen plan.State
	var world proof.World
	look := func(ctx context.Context) (err error) {
		seen, world, err = r.aws.ReadBack(ctx, w, after, steps)
		if err != nil || len(steps) == 0 {
			return err // what was observed is what is wanted
		}
		return plan.Unproven(plan.ForShare(w, seen))
	}
	if err := r.aws.Settle(ctx, look); err != nil {
		return proof.False, err
	}
	if err := w.OthersChanged(after, seen); err != nil {
		return proof.False, err
	}
	return r.verify(ctx, look, func() proof.Report { return proof.ForShare(w.Share, nil, shareWorld(w, seen, world)) })
}

// proveRevoked reads what a removal took ours out of, and what others write, too: another share that has the key may
// have written what it had read before. What cannot be read is taken for done: who may not read here, may still leave.
func (r resource) proveRevoked(ctx context.Context, steps plan.Plan) error {
	revocations := steps.Revocations()
	if len(revocations) == 0 {
		return nil
	}
	return r.aws.Settle(ctx, func(ctx context.Context) error {
		now, err := r.aws.Documents(ctx, revocations)
		if err != nil {
			r.log.Warn("it is not proven that everything was revoked", "error", loggable(err.Error()))
			return nil
		}
		return plan.Revoked(revocations, now)
	})
}

// proveAccess does the same for the consumer's half. The owner's half cannot be read from here, so this proves a part
// at most; without sight of the key it proves nothing yet.
func (r resource) proveAccess(
	ctx context.Context, w plan.WantedAccess, after plan.AccessState, steps plan.Plan,
) (proof.Verified, error) {
	if !w.Access.Verify || after.Key == nil && len(steps) == 0 {
		return proof.False, nil
	}
	var seen plan.AccessState
	var world proof.World
	look := func(ctx context.Context) (err error) {
		seen, world, err = r.aws.ReadBackAccess(ctx, w, after, steps)
		if err != nil || len(steps) == 0 {
			return err
		}
		return plan.Unproven(plan.ForAccess(w, seen))
	}
	if err := r.aws.Settle(ctx, look); err != nil {
		return proof.False, err
	}
	if after.Key == nil {
		return proof.False, nil
	}
	key, err := share.EnvFromARN(after.Key.ARN)
	if err != nil {
		return proof.False, fmt.Errorf("reading the key's ARN: %w", err)
	}
	return r.verify(ctx, look, func() proof.Report {
		return proof.ForAccess(w.Access, accessWorld(w, key.Region, seen, world))
	})
}
