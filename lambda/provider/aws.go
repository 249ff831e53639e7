package provider

import (
	"context"
	"time"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
	"example.com/sharedbucket/policy"
)

// AWS is what a provider needs of the account and region it works in.
type AWS interface {
	ObserveShare(context.Context, plan.Wanted) (plan.State, error)
	ObserveAccess(context.Context, plan.WantedAccess) (plan.AccessState, error)
	// ReadBack reads once what a proof needs after steps: what they wrote or protect, over the state that they led to, and
	// what else decides who can do what. ReadBackAccess does so for an access.
	ReadBack(context.Context, plan.Wanted, plan.State, plan.Plan) (plan.State, proof.World, error)
	ReadBackAccess(
		context.Context, plan.WantedAccess, plan.AccessState, plan.Plan,
	) (plan.AccessState, proof.World, error)
	// Documents are the policies of buckets and keys that steps wrote, as they are there now.
	Documents(context.Context, []plan.Step) ([]policy.Stored, error)
	// Canary writes, reads and deletes one object under a key in another account's bucket.
	Canary(ctx context.Context, a share.Access, keyARN, key string) error
	Apply(context.Context, plan.Plan, cloud.Report) (cloud.Applied, error)
	Settle(ctx context.Context, look func(context.Context) error) error
	// Pause is the wait before what was overtaken is tried again. It says whether the time was there.
	Pause(ctx context.Context, tries int) bool
	// Empty empties a bucket until it is done or stop is, and returns what is left.
	Empty(ctx, stop context.Context, bucket string, from empty.Checkpoint) (empty.Checkpoint, error)
	// Count counts what is left of a bucket, up to a number, and says whether that was all.
	Count(ctx, stop context.Context, bucket string, from empty.Checkpoint, upTo int) (int, bool, error)
	// Expire leaves what is in a bucket to a lifecycle rule.
	Expire(ctx context.Context, bucket string) error
	// Again calls a function with an event and does not wait for it.
	Again(ctx context.Context, function string, event []byte) error
	// Existing looks at object versions of a bucket, up to a number and until stop is done. ReEncrypt puts some of them
	// under a key.
	Existing(ctx, stop context.Context, bucket, keyARN string, upTo int) (existing.Found, error)
	ReEncrypt(ctx, stop context.Context, bucket, keyARN string, objects []existing.Object) (existing.Done, error)
	// StartJob has S3 Batch Operations do that for all of a bucket, Job is how far that has come.
	StartJob(context.Context, existing.Job) (id string, err error)
	Job(ctx context.Context, id string) (existing.Course, error)
	// Memories are the names of the parameters in which shares are remembered; Memory is one of them, and who wrote it.
	// MemoriesSince are the versions that one had after another version, 0 for all.
	Memories(ctx context.Context) ([]string, error)
	Memory(ctx context.Context, name string) (cloud.Memory, error)
	MemoriesSince(ctx context.Context, name string, version int64) ([]cloud.Memory, error)
	// Events are the newest events that CloudTrail recorded of a call, and whether there are older ones.
	Events(ctx context.Context, call trail.Call) (events []trail.Event, older bool, err error)
	// AwaitStack is the status of a stack, "" when there is none, after waiting for one that is expected.
	AwaitStack(ctx context.Context, id string, expected func(status string) bool) (string, error)
	// StackSince is when a stack last came to a status.
	StackSince(ctx context.Context, id, status string) (time.Time, error)
	// StackResourceEvent is what came last of a resource in its stack: a status, and the physical id that had it.
	StackResourceEvent(ctx context.Context, id, logicalID string) (status, physicalID string, err error)
	// StackResource is the physical id that a stack has for a resource.
	StackResource(ctx context.Context, id, logicalID string) (string, error)
}
