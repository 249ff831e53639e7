package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// access handles an event of Custom::SharedBucketAccess.
func (r resource) access(ctx context.Context) outcome {
	if r.RequestType == cfn.RequestDelete {
		return outcome{id: r.PhysicalResourceID, err: r.removeAccess(ctx)}
	}
	want, previous, err := r.wantedAccess()
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	data, own, err := r.makeAccess(ctx, want, previous)
	if err == nil && previous != nil && previous.ID() != want.ID() && r.PhysicalResourceID == want.ID() {
		// The way back from a replacement that failed: CloudFormation never heard of the other id.
		err = r.takeBackAccess(ctx, *previous, r.before(), plan.Unfinished)
	}
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	r.tidyUp(ctx, own)
	return outcome{id: r.idOf(want, previous), data: data}
}

// idOf is the physical id of an access: another policy name or bucket is another resource. An Update that finishes
// a failed Create keeps the id that one had, or the Delete for it would revoke what the Update has just granted.
func (r resource) idOf(want share.Access, previous *share.Access) string {
	if previous != nil && previous.ID() == want.ID() {
		return r.PhysicalResourceID
	}
	return want.ID()
}

// makeAccess goes from what is there to the wanted access and proves it. It looks again when another run of the event
// was faster: what this one wrote may be what that one has just deleted.
func (r resource) makeAccess(
	ctx context.Context, want share.Access, previous *share.Access,
) (data map[string]any, is own, err error) {
	w := plan.WantedAccess{
		Access: want, Previous: previous, Owner: r.owner(), Properties: r.declared(), Event: r.event(),
	}
	if previous != nil && previous.ID() != want.ID() && r.PhysicalResourceID != want.ID() {
		w.Replaces = previous
	}
	for try := 1; ; try++ {
		data, is, err = r.applyAccess(ctx, w, try)
		if !r.overtaken(err) || try == tries {
			return data, is, err
		}
		r.log.Warn("overtaken, looking again", "error", err)
		if !r.aws.Pause(ctx, try) {
			return data, is, err
		}
	}
}

// applyAccess looks, plans, applies and proves once.
func (r resource) applyAccess(
	ctx context.Context, w plan.WantedAccess, try int,
) (data map[string]any, is own, err error) {
	want := w.Access
	now, err := r.aws.ObserveAccess(ctx, w)
	if err != nil {
		return nil, is, err
	}
	w.Event = r.on(ctx, w.Event, now.Remembered, now.Replaced)
	steps, err := plan.ForAccess(w, now)
	if err != nil {
		return nil, is, err
	}
	r.log.Info("planned", "steps", len(steps))
	if _, err := r.apply(ctx, w, ownOf(w, now.Remembered, now.Replaced, w.Event.Going), steps, try); err != nil {
		return nil, is, err
	}
	if now.Key == nil {
		r.log.Warn("the owner's key cannot be seen from here; access begins when the owner's side is deployed",
			"lookedUp", want.Lookup())
	}
	canary := r.sendCanary(ctx, want, now.Key)
	after := w.After(now, steps)
	verified, err := r.proveAccess(ctx, w, after, steps)
	if err = errors.Join(err, canary()); err != nil {
		return nil, is, err
	}
	is = ownOf(w, after.Remembered, after.Replaced, w.Event.Going)
	return map[string]any{
		"BucketArn":  want.Env.BucketARN(want.Bucket),
		"KeyArn":     w.KeyARN(now),
		"PolicyName": want.PolicyName,
		"Verified":   verified,
	}, is, nil
}

// removeAccess handles a Delete. A physical id that is not that of a finished access is that of a Create that failed,
// or that CloudFormation made up.
func (r resource) removeAccess(ctx context.Context) error {
	a, _ := share.ParseAccess(r.ResourceProperties, r.env) // reads what can be read
	how := plan.Unfinished
	if r.PhysicalResourceID == a.ID() {
		how = plan.Completed
		if r.isRolledBack() {
			return r.takeBackAccess(ctx, a, r.declared(), how)
		}
	}
	return r.revokeAccess(ctx, plan.WantedAccess{
		Access: a, Owner: r.owner(), Properties: r.declared(), Removal: how, LastTime: r.forgets(),
	})
}

// revokeAccess takes an access away. What cannot be reached fails it, but only when all the rest is done.
func (r resource) revokeAccess(ctx context.Context, w plan.WantedAccess) error {
	if w.Access.Bucket == "" {
		return nil // nothing can have been made without a name
	}
	now, err := r.aws.ObserveAccess(ctx, w)
	if err != nil {
		return err
	}
	if err := r.giveUpBefore(ctx, w.Parameter(), now.Remembered); err != nil {
		now.Unread = append(now.Unread, plan.Unread{Err: err})
	}
	steps, rest := plan.AccessRemoval(w, now)
	r.mark(ctx, w.Going(now, steps))
	_, err = r.aws.Apply(ctx, steps, r.report)
	if err = errors.Join(err, rest); err != nil {
		return fmt.Errorf("removing access to %s: %w", w.Access.Bucket, err)
	}
	return nil
}
