package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/plan"
)

const (
	// mostHops is how many times the function calls itself: Lambda ends a chain of about 16 invocations as a loop.
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
	mostHops = 14
	// serviceTimeout is how long CloudFormation waits for the answer at most. The constructs and templates say so where a
	// bucket is to be emptied; whether an event tells what a resource says is not documented.
	serviceTimeout = time.Hour
	// toAnswer is the time kept back from it.
	toAnswer = time.Minute
	// toHandOver is the time for calling the function again. It is less than what is waited for the end of the work when
	// its time is up (Provider.inTime).
	toHandOver = 4 * time.Second
	// firstLook is how long emptying goes on before it is estimated whether the time will do.
	firstLook = time.Minute
	// rounds is how often a bucket is emptied that is not empty afterwards, as somebody still writes to it.
	rounds = 3
	// mostPayload is somewhat less than Lambda takes of an event that is delivered asynchronously.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	mostPayload = 900 << 10
)

// errLeftToS3 is no failure either: the bucket stays until S3 has emptied it.
var errLeftToS3 = errors.New("left to a lifecycle rule")

// carryOut carries out a removal. Emptying a bucket stands in its middle, goes on for as long as it takes, and over
// invocations.
func (r resource) carryOut(ctx context.Context, steps plan.Plan) error {
	before, step, after := steps.Around(plan.EmptyBucket)
	if _, err := r.aws.Apply(ctx, before, r.report); err != nil || step == nil {
		return err
	}
	r.report(*step)
	e := emptier{resource: r, bucket: step.Resource, Emptying: Emptying{Began: time.Now(), Left: empty.Everything()}}
	if r.emptying != nil {
		e.Emptying = *r.emptying
	}
	for round := 1; ; round++ {
		if err := e.empty(ctx); errors.Is(err, errLeftToS3) {
			return nil
		} else if err != nil {
			return err
		}
		_, err := r.aws.Apply(ctx, after, r.report)
		var notEmpty *cloud.NotEmptyError
		if !errors.As(err, &notEmpty) {
			return err
		}
		if round == rounds {
			return fmt.Errorf("%s was emptied %d times and is not empty: somebody goes on writing to it: %w", e.bucket, rounds,
				err)
		}
		r.log.Warn("not empty yet, emptying again", "versions", notEmpty.Objects)
		e.restart()
	}
}

// emptier is the emptying of one bucket.
type emptier struct {
	resource
	bucket string
	Emptying
}

// restart begins from the start of the bucket, and keeps what was counted, except for what could not be deleted.
func (e *emptier) restart() {
	so := e.Left.Report
	e.Left = empty.Everything()
	e.Left.Report = empty.Report{Deleted: so.Deleted, Aborted: so.Aborted, Calls: so.Calls}
}

// empty empties the bucket as far as the time goes. Its error says what else became of it. What could not be deleted is
// tried a second time: the bucket's policy, which lets the provider in, is not known everywhere at once.
func (e *emptier) empty(ctx context.Context) error {
	for {
		done, err := e.inTime(ctx)
		if err != nil {
			return err
		}
		if !done {
			return e.goOnElsewhere(ctx)
		}
		e.log.Info("emptied", "deleted", e.Left.Report.Deleted, "aborted", e.Left.Report.Aborted,
			"undeletable", e.Left.Report.Failed, "calls", e.Left.Report.Calls, "hop", e.Hop)
		if e.Left.Report.Failed == 0 {
			return nil
		}
		if e.Again {
			return e.undeletable()
		}
		e.Again = true
		e.restart()
	}
}

// undeletable says what could not be deleted. What was deleted by a call that was cut off, or by a process that died,
// has not been counted.
func (e *emptier) undeletable() error {
	return fmt.Errorf(
		"at least %d object versions of %s were deleted, but %s; end their retention or legal hold, or see who denies "+
			"it, and delete again", e.Left.Report.Deleted, e.bucket, e.Left.Report.Undeletable())
}

// inTime empties until there is just enough time left to hand over, or to see after a first look that it is hopeless.
func (e *emptier) inTime(ctx context.Context) (done bool, err error) {
	end := e.end(ctx)
	if first := time.Now().Add(firstLook); e.Hop == 0 && first.Before(end) {
		began, deleted := time.Now(), e.Left.Report.Deleted
		if done, err := e.until(ctx, first); done || err != nil {
			return done, err
		}
		if err := e.estimate(ctx, time.Since(began), e.Left.Report.Deleted-deleted); err != nil {
			return false, err
		}
	}
	return e.until(ctx, end)
}

func (e *emptier) until(ctx context.Context, end time.Time) (done bool, err error) {
	stop, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		// A call that hangs is cut off, so that there is time to hand over.
		ctx, cancel = context.WithDeadline(ctx, end.Add(deadline.Sub(end)/3))
		defer cancel()
	}
	e.Left, err = e.aws.Empty(ctx, stop, e.bucket, e.Left)
	return e.Left.Done(), err
}

// end is when emptying stops: early enough before the function's deadline to wait for the calls under way and hand
// over.
func (e *emptier) end(ctx context.Context) time.Time {
	end := e.lastMoment()
	if deadline, ok := ctx.Deadline(); ok {
		reserve := min(30*time.Second, time.Until(deadline)/2)
		if d := deadline.Add(-reserve); d.Before(end) {
			end = d
		}
	}
	return end
}

// lastMoment is when CloudFormation has to be answered at the latest.
func (e *emptier) lastMoment() time.Time { return e.Began.Add(serviceTimeout - toAnswer) }

// estimate counts what is left, and gives up when it cannot be deleted in time at the rate that was seen.
func (e *emptier) estimate(ctx context.Context, took time.Duration, deleted int) error {
	rest := time.Until(e.lastMoment())
	most := int(float64(deleted) / took.Seconds() * rest.Seconds())
	stop, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	n, all, err := e.aws.Count(ctx, stop, e.bucket, e.Left, most+1)
	if err != nil {
		return err
	}
	e.log.Info("estimated", "left", n, "counted to the end", all, "most in time", most)
	if n <= most {
		return nil
	}
	return e.leaveToS3(ctx,
		fmt.Sprintf("it holds at least %d versions more, and about %d can be deleted in time", n, most))
}

// goOnElsewhere calls the function again with what is left, as long as another invocation has time to do something.
func (e *emptier) goOnElsewhere(ctx context.Context) error {
	if e.Hop >= mostHops || time.Until(e.lastMoment()) < toAnswer {
		return e.leaveToS3(ctx, fmt.Sprintf("it could not be emptied in %s", time.Since(e.Began).Round(time.Second)))
	}
	lc, known := lambdacontext.FromContext(ctx)
	if !known {
		return errors.New("out of time, and the function's own name is not known: delete again to go on")
	}
	next := e.Emptying
	next.Hop++
	event, err := json.Marshal(Event{Event: e.Event, Emptying: &next})
	if err == nil && len(event) > mostPayload {
		e.restart()
		next.Left = e.Left
		event, err = json.Marshal(Event{Event: e.Event, Emptying: &next})
	}
	if err != nil {
		return fmt.Errorf("writing down what is left of %s: %w", e.bucket, err)
	}
	// The time that is kept back for the answer is there for this too: whoever goes on answers.
	handing, cancel := context.WithTimeout(context.WithoutCancel(ctx), toHandOver)
	defer cancel()
	if err := e.aws.Again(handing, lc.InvokedFunctionArn, event); err != nil {
		return err
	}
	e.log.Info("handed over", "hop", next.Hop, "deleted", e.Left.Report.Deleted, "ranges", len(e.Left.Ranges))
	return errHandedOver
}

// leaveToS3 leaves what is in the bucket to S3's own engine. Bucket and key stay, without anybody who may use them.
func (e *emptier) leaveToS3(ctx context.Context, why string) error {
	if err := e.aws.Expire(ctx, e.bucket); err != nil {
		return err
	}
	e.log.Warn("left to S3: the bucket is not empty, a lifecycle rule expires everything in it within days; "+
		"delete the bucket then, and its key", "bucket", e.bucket, "why", why,
		"deleted", e.Left.Report.Deleted, "undeletable", e.Left.Report.Failed)
	return errLeftToS3
}
