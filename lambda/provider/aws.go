package provider

import (
	"context"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// AWS is what a provider needs of the account and region it works in.
type AWS interface {
	ObserveShare(context.Context, plan.Wanted) (plan.State, error)
	ObserveAccess(context.Context, plan.WantedAccess) (plan.AccessState, error)
	ReadBack(ctx context.Context, want plan.Wanted, after plan.State) (plan.State, error)
	Apply(context.Context, plan.Plan, cloud.Report) (cloud.Applied, error)
	Settle(ctx context.Context, look func(context.Context) error) error
	// Pause is the wait before what was overtaken is tried again. It says whether the time was there.
	Pause(ctx context.Context, tries int) bool
	// InForce is what is in force for a bucket, "" for none, and for identities.
	InForce(ctx context.Context, bucket string, ids []share.Identity) proof.World
	// Empty empties a bucket until it is done or stop is, and returns what is left.
	Empty(ctx, stop context.Context, bucket string, from empty.Checkpoint) (empty.Checkpoint, error)
	// Count counts what is left of a bucket, up to a number, and says whether that was all.
	Count(ctx, stop context.Context, bucket string, from empty.Checkpoint, upTo int) (int, bool, error)
	// Expire leaves what is in a bucket to a lifecycle rule.
	Expire(ctx context.Context, bucket string) error
	// Again calls a function with an event and does not wait for it.
	Again(ctx context.Context, function string, event []byte) error
	// AwaitStack is the status of a stack, "" when there is none, after waiting for one that is expected.
	AwaitStack(ctx context.Context, id string, expected func(status string) bool) (string, error)
}
