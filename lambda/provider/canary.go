package provider

import (
	"context"
	"fmt"
	"runtime/debug"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// sendCanary begins to write and read one small object through the owner's real bucket policy, key policy and KMS, and
// returns what waits for its end. It is the only proof of what cannot be read from here, and it is one of the road, not
// of a level: an access that only reads has a canary too. Without sight of the owner's key there is nothing to prove
// yet; on the way back of a failed update it would only get the stack stuck.
func (r resource) sendCanary(ctx context.Context, a share.Access, seen *plan.Key) (back func() error) {
	nothing := func() error { return nil }
	switch {
	case !a.Canary || seen == nil:
		return nothing
	case r.rollsBack():
		r.log.Info("no canary: the stack is rolling back")
		return nothing
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- &cloud.PanicError{Value: p, Stack: string(debug.Stack())}
			}
		}()
		key := document.CanaryKey(r.env.Account, document.MarkOf(r.StackID, r.LogicalResourceID))
		done <- r.aws.Canary(ctx, a, seen.ARN, key)
	}()
	return func() error {
		err := <-done
		if err != nil {
			return fmt.Errorf("everything is deployed, and does not work: %w", err)
		}
		r.log.Info("canary written, read and deleted", "bucket", a.Bucket, "owner", a.Owner)
		return nil
	}
}
