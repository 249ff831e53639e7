package provider

import (
	"context"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
)

// AWS is what a provider needs of the account and region it works in.
type AWS interface {
	ObserveShare(context.Context, cloud.ShareQuery) (plan.State, error)
	ObserveAccess(context.Context, cloud.AccessQuery) (plan.AccessState, error)
	ReadBack(ctx context.Context, bucket, keyARN string) (plan.State, error)
	Apply(context.Context, plan.Plan, plan.Owner, func(plan.Step)) (cloud.Applied, error)
	Settle(ctx context.Context, look func(context.Context) error) error
	// AwaitStack is the status of a stack, "" when there is none, after waiting for one that is expected.
	AwaitStack(ctx context.Context, id string, expected func(status string) bool) (string, error)
}
