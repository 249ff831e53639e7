package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"example.com/sharedbucket/internal/share"
)

// Applied is what came of a plan.
type Applied struct {
	KeyARN string // of the key that the plan created, "" when it created none
	Steps  int    // how many steps were carried out
}

// Apply carries out a plan, round by round. It stops at the first round with a failure; what was done until then is
// found again by the next plan. The other steps of that round are not cut off: a CreateKey that was may have worked
// without anybody knowing the key. report is told of every step before it starts.
func (c *Cloud) Apply(ctx context.Context, plan share.Plan, owner share.Owner, report func(share.Step)) (Applied, error) {
	a := &application{Cloud: c, owner: owner}
	for _, round := range plan.Rounds() {
		g := group{&errgroup.Group{}}
		g.SetLimit(atOnce)
		for _, step := range round {
			step = a.resolved(step)
			report(step)
			g.Go(func() error { return a.step(ctx, step) })
		}
		if err := g.Wait(); err != nil {
			return a.applied(), err
		}
	}
	return a.applied(), nil
}

// application is one run of Apply. The key's ARN becomes known on the way.
type application struct {
	*Cloud
	owner share.Owner

	mu     sync.Mutex
	keyARN string
	steps  int
}

func (a *application) applied() Applied {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Applied{KeyARN: a.keyARN, Steps: a.steps}
}

// resolved is the step with the created key in place of the pending one.
func (a *application) resolved(s share.Step) share.Step {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keyARN == "" {
		return s
	}
	return s.WithKey(a.env.PendingKeyARN(), a.keyARN)
}

func (a *application) setKey(arn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keyARN = arn
}

// step carries out one step and says in an error which step it was.
func (a *application) step(ctx context.Context, s share.Step) error {
	do, known := map[share.Operation]func(context.Context, share.Step) error{
		share.CreateBucket:               a.createBucket,
		share.PutPublicAccessBlock:       a.putPublicAccessBlock,
		share.PutBucketOwnershipControls: a.putOwnershipControls,
		share.PutBucketVersioning:        a.putVersioning,
		share.PutBucketEncryption:        a.putEncryption,
		share.TagBucket:                  a.tagBucket,
		share.UntagBucket:                a.untagBucket,
		share.PutBucketPolicy:            a.putBucketPolicy,
		share.DeleteBucketPolicy:         a.deleteBucketPolicy,
		share.DeleteBucket:               a.deleteBucket,
		share.CreateKey:                  a.createKey,
		share.CancelKeyDeletion:          a.cancelKeyDeletion,
		share.EnableKey:                  a.enableKey,
		share.CreateAlias:                a.createAlias,
		share.DeleteAlias:                a.deleteAlias,
		share.EnableKeyRotation:          a.enableKeyRotation,
		share.TagKey:                     a.tagKey,
		share.UntagKey:                   a.untagKey,
		share.PutKeyPolicy:               a.putKeyPolicy,
		share.ScheduleKeyDeletion:        a.scheduleKeyDeletion,
		share.PutInlinePolicy:            a.putInline,
		share.DeleteInlinePolicy:         a.deleteInline,
	}[s.Operation]
	if !known {
		return fmt.Errorf("unknown operation %s", s.Operation)
	}
	err := do(ctx, s)
	if err == nil {
		a.mu.Lock()
		a.steps++
		a.mu.Unlock()
		return nil
	}
	var notEmpty *NotEmptyError
	if errors.As(err, &notEmpty) {
		return err
	}
	return failed(err, "%s %s", s.Operation, s.Resource)
}
