package provider

import (
	"context"
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// proveShare reads back what was applied until it is as declared, and fails when it does not become so.
func (r resource) proveShare(ctx context.Context, s share.Share, keyARN string) error {
	if !s.Verify {
		return nil
	}
	return r.aws.Settle(ctx, func(ctx context.Context) error {
		now, err := r.aws.ReadBack(ctx, s.Bucket, keyARN)
		if err != nil {
			return err
		}
		return unproven(plan.ShareNotAsApplied(s, keyARN, now))
	})
}

func (r resource) proveAccess(ctx context.Context, a share.Access, keyARN string) error {
	if !a.Verify {
		return nil
	}
	return r.aws.Settle(ctx, func(ctx context.Context) error {
		now, err := r.aws.ObserveAccess(ctx, cloud.AccessQuery{Access: a, WithoutKey: true})
		if err != nil {
			return err
		}
		return unproven(plan.AccessNotAsApplied(a, keyARN, now))
	})
}

func unproven(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("applied, but not there when read back: %s; something else changes it at the same time", strings.Join(wrong, "; "))
}
