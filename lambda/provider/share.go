package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// bucket handles an event of Custom::SharedBucket. The physical id of a finished share is its bucket's name.
func (r resource) bucket(ctx context.Context) outcome {
	if r.RequestType == cfn.RequestDelete {
		return outcome{id: r.PhysicalResourceID, err: r.removeShare(ctx)}
	}
	want, previous, err := r.wantedShare()
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	done, err := r.makeShare(ctx, r.wanted(want, previous))
	switch {
	case err != nil:
	case rollsBackReplacement(r.Event, want, previous):
		err = r.takeBackShare(ctx, plan.Wanted{
			Share: *previous, Owner: r.owner(), Properties: r.before(), Removal: plan.Unfinished,
		})
	case finishesCreate(r.Event, want, previous):
		err = r.handOver(ctx, want, done)
	}
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	r.tidyUp(ctx, done.own)
	return outcome{id: want.Bucket, data: done.data}
}

func (r resource) handOver(ctx context.Context, want share.Share, done made) error {
	steps, err := plan.HandOver(plan.Wanted{
		Share: want, Owner: r.owner(), Properties: r.declared(), Jobs: done.jobs,
	}, done.remembered)
	if err != nil {
		return err
	}
	_, err = r.aws.Apply(ctx, steps, r.report)
	return err
}

// wanted says what kind of change this is. An Update to another bucket is a replacement: the new share is created, and
// CloudFormation deletes the old one afterwards.
//
// The way back from a replacement that failed looks like one too, but the bucket is the resource's own: then what the
// failed Update left behind in the other bucket is cleaned up, and nobody of the old declaration needs revoking here.
func (r resource) wanted(want share.Share, previous *share.Share) plan.Wanted {
	w := plan.Wanted{
		Share: want, Owner: r.owner(), Limits: r.limits, Properties: r.declared(), Event: r.event(),
	}
	switch {
	case finishesCreate(r.Event, want, previous):
		w.Previous = previous
	case r.RequestType == cfn.RequestUpdate && r.PhysicalResourceID == want.Bucket && previous.Bucket != want.Bucket:
		w.Previous = &want
	case r.RequestType == cfn.RequestUpdate && r.PhysicalResourceID == want.Bucket:
		w.Previous = previous
	case r.RequestType == cfn.RequestUpdate && previous.Bucket != want.Bucket:
		w.Replaces = previous
	}
	return w
}

func rollsBackReplacement(e cfn.Event, want share.Share, previous *share.Share) bool {
	return previous != nil && previous.Bucket != "" && previous.Bucket != want.Bucket &&
		e.PhysicalResourceID == want.Bucket
}

// finishesCreate says whether an Update finishes what a failed Create of the same bucket began, which happens when a
// stack is kept after a failure. Answering with the bucket's name makes CloudFormation delete the failed Create.
func finishesCreate(e cfn.Event, want share.Share, previous *share.Share) bool {
	return previous != nil && previous.Bucket == want.Bucket && e.PhysicalResourceID != want.Bucket
}

// tries is how often an event that was overtaken, by its own duplicate or by another share, looks again.
const tries = 5

// made is what came of making a share.
type made struct {
	data       map[string]any // the attributes
	jobs       []string       // for what its bucket held
	remembered plan.Remembered
	own        own
}

// makeShare goes from what is there to the wanted share and proves it.
func (r resource) makeShare(ctx context.Context, w plan.Wanted) (made, error) {
	var overtaken error
	for try := 1; ; try++ {
		done, err := r.applyShare(ctx, w, overtaken, try)
		if err != nil {
			w.Made = cmp.Or(done.keyARN, w.Made)
		}
		if done.stopped {
			err = errors.Join(err, r.dropOrphan(ctx, w, done.remembered.Declaration != nil))
		}
		switch {
		case err == nil:
			holds, err := r.existingObjects(ctx, w, done)
			own := ownOf(w, done.remembered, done.replaced, done.going).with(holds.jobs)
			return made{r.shareData(w.Share, done, holds.text()), holds.jobs, done.remembered, own}, err
		case errors.Is(err, errDeleted) || !r.overtaken(err) || try == tries:
			return made{}, err
		}
		r.log.Warn("overtaken, looking again", "error", err)
		if overtaken = err; !r.aws.Pause(ctx, try) {
			return made{}, overtaken
		}
	}
}

var errDeleted = errors.New("the share was deleted at the same time")

// applied is what came of applying a share once.
type applied struct {
	keyARN     string // that of the share's key; with an error, that of the key that was created all the same
	verified   proof.Verified
	remembered plan.Remembered
	replaced   plan.Remembered // of what this share takes the place of
	going      string          // see plan.Event
	stopped    bool            // before everything was applied: what is there may belong to nothing any more
}

// applyShare looks, plans, applies and proves once. After it was overtaken, a bucket that is gone means that a Delete
// came in between: then the share is not made again.
func (r resource) applyShare(ctx context.Context, w plan.Wanted, overtaken error, try int) (applied, error) {
	now, err := r.aws.ObserveShare(ctx, w)
	if err != nil {
		return applied{}, err
	}
	if overtaken != nil && now.Bucket == nil {
		return applied{remembered: now.Remembered, stopped: true}, errors.Join(errDeleted, overtaken)
	}
	if was := r.retaken(w, now); was != nil {
		w.Previous = was
		if now, err = r.aws.ObserveShare(ctx, w); err != nil {
			return applied{}, err
		}
	}
	w.Event = r.on(ctx, w.Event, now.Remembered, now.Replaced)
	steps, err := plan.ForShare(w, now)
	if err != nil {
		return applied{}, err
	}
	r.log.Info("planned", "steps", len(steps), "rounds", len(steps.Rounds()))
	done, err := r.apply(ctx, w, ownOf(w, now.Remembered, now.Replaced, w.Event.Going), steps, try)
	if err != nil {
		return applied{keyARN: done.KeyARN, stopped: true}, err
	}
	steps = steps.WithKey(r.env.PendingKeyARN(), done.KeyARN)
	after := w.After(now, steps)
	verified, err := r.proveShare(ctx, w, after, steps)
	return applied{
		keyARN: after.Named.ARN, verified: verified, remembered: after.Remembered, replaced: after.Replaced,
		going: w.Event.Going,
	}, err
}

// dropOrphan gives up the key that a failed attempt created when its bucket is gone again: a Delete may come while a
// Create is still running, and would not have seen the key. Nothing is done as long as the bucket is there, because
// then a Delete will find the key, or a duplicate of the event has succeeded with it. A declaration that was remembered
// behind the Delete's back goes with it.
func (r resource) dropOrphan(ctx context.Context, w plan.Wanted, remembered bool) error {
	if w.Made == "" && !remembered {
		return nil
	}
	w.Removal, w.Previous, w.Replaces = plan.Unfinished, nil, nil
	now, err := r.aws.ObserveShare(ctx, w)
	if err != nil || now.Bucket != nil {
		return err
	}
	return r.cleanUp(ctx, w)
}

// shareData are the attributes of Custom::SharedBucket.
func (r resource) shareData(s share.Share, done applied, existing string) map[string]any {
	return map[string]any{
		"BucketName": s.Bucket,
		"BucketArn":  s.Env.BucketARN(s.Bucket),
		"KeyArn":     done.keyARN,
		"KeyId":      done.keyARN[strings.LastIndex(done.keyARN, "/")+1:],
		"AliasName":  s.Alias,
		"AccountId":  s.Env.Account,
		"Region":     s.Env.Region,
		"PolicyName": s.PolicyName(),
		"Verified":   done.verified,

		"ExistingObjects": existing,
	}
}

// removeShare handles a Delete. A physical id that is not the bucket's name is that of a Create that failed, or that
// CloudFormation stopped waiting for and made up itself: what tags prove to be ours is then cleaned up, RemovalPolicy
// or not.
func (r resource) removeShare(ctx context.Context) error {
	s, _ := share.ParseShare(r.ResourceProperties, r.env) // reads what can be read
	w := plan.Wanted{
		Share: s, Owner: r.owner(), Properties: r.declared(), Removal: plan.Unfinished, LastTime: r.forgets(),
	}
	if r.PhysicalResourceID == s.Bucket {
		w.Removal = plan.Completed
		if r.isRolledBack() {
			return r.takeBackShare(ctx, w)
		}
	}
	return r.cleanUp(ctx, w)
}

// cleanUp removes a share. What cannot be reached fails the removal, but only when all the rest is done.
func (r resource) cleanUp(ctx context.Context, w plan.Wanted) error {
	if w.Share.Bucket == "" {
		return nil // nothing can have been made without a name
	}
	for try := 1; ; try++ {
		now, err := r.aws.ObserveShare(ctx, w)
		if err != nil {
			return err
		}
		if err := r.giveUpBefore(ctx, w.Parameter(), now.Remembered); err != nil {
			now.Unread = append(now.Unread, plan.Unread{Err: err})
		}
		if now, err = r.knowing(ctx, w, now); err != nil {
			return err
		}
		steps, rest := plan.Removal(w, now)
		r.mark(ctx, w.Going(now, steps))
		err = r.carryOut(ctx, steps)
		if err = errors.Join(err, rest); err == nil {
			err = r.proveRevoked(ctx, steps)
		}
		if err == nil {
			return nil
		}
		if !cloud.Overtaken(err) || try == tries || !r.aws.Pause(ctx, try) {
			return fmt.Errorf("removing the share of %s: %w", w.Share.Bucket, err)
		}
	}
}
