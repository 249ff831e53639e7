package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/sharedbucket/internal/plan"
)

// Applied is what came of a plan.
type Applied struct {
	KeyARN string // of the key that the plan created, "" when it created none
	Steps  int    // how many steps were carried out
}

// Report is told of every step before it starts. What it returns is told what came of the step.
type Report func(plan.Step) (done func(error))

// Apply carries out a plan, round by round. It stops at the first round with a failure; what was done until then is
// found again by the next plan. The other steps of that round are not cut off: a CreateKey that was may have worked
// without anybody knowing the key.
func (c *Cloud) Apply(ctx context.Context, steps plan.Plan, report Report) (Applied, error) {
	a := &application{Cloud: c}
	for _, round := range steps.Rounds() {
		var g group
		g.SetLimit(atOnce)
		for _, step := range round {
			step = a.resolved(step)
			done := report(step)
			g.Go(func() error {
				err := a.step(ctx, step)
				done(err)
				return err
			})
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
func (a *application) resolved(s plan.Step) plan.Step {
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

func (a *application) done() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.steps++
}

// step carries out one step and says in an error which step it was.
func (a *application) step(ctx context.Context, s plan.Step) error {
	do, known := map[plan.Operation]func(context.Context, plan.Step) error{
		plan.CreateBucket:        a.createBucket,
		plan.TagBucket:           a.tagBucket,
		plan.UntagBucket:         a.untagBucket,
		plan.PutBucketPolicy:     a.putBucketPolicy,
		plan.DeleteBucketPolicy:  a.deleteBucketPolicy,
		plan.DeleteBucket:        a.deleteBucket,
		plan.CreateKey:           a.createKey,
		plan.CancelKeyDeletion:   a.cancelKeyDeletion,
		plan.EnableKey:           a.enableKey,
		plan.CreateAlias:         a.createAlias,
		plan.DeleteAlias:         a.deleteAlias,
		plan.TagKey:              a.tagKey,
		plan.UntagKey:            a.untagKey,
		plan.PutKeyPolicy:        a.putKeyPolicy,
		plan.ScheduleKeyDeletion: a.scheduleKeyDeletion,
		plan.PutInlinePolicy:     a.putInline,
		plan.DeleteInlinePolicy:  a.deleteInline,
		plan.PutParameter:        a.putParameter,
		plan.DeleteParameter:     a.deleteParameter,
		plan.CreatePolicy:        a.createPolicy,
		plan.CreatePolicyVersion: a.createPolicyVersion,
		plan.DeletePolicyVersion: a.deletePolicyVersion,
		plan.AttachPolicy:        a.attachPolicy,
		plan.DetachPolicy:        a.detachPolicy,
		plan.DeletePolicy:        a.deletePolicy,
		plan.CancelJob:           a.cancelJob,
	}[s.Operation]
	if s.Setting != nil {
		do, known = a.putSetting, true
	}
	if !known {
		return fmt.Errorf("unknown operation %s", s.Operation)
	}
	err := do(ctx, s)
	if err == nil {
		a.done()
		return nil
	}
	var notEmpty *NotEmptyError
	var changed *plan.Changed
	if errors.As(err, &notEmpty) || errors.As(err, &changed) {
		return err
	}
	return failed(err, "%s %s", s.Operation, s.Resource)
}
