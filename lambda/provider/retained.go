package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// CloudFormation may have retained what a resource was once (UpdateReplacePolicy), with everybody's access, and an
// Update may lead back there. When its stack rolls back, what it leads back to was not made by that Update, and goes
// back to what it was; CloudFormation asks for its removal all the same.
//
//	what is remembered of it               | then
//	---------------------------------------|-------------------------------------------------------------
//	nothing, or by another writer          | it is removed, as what an update made that is rolled back
//	what it was before                     | it goes back to that, and is retained
//	that it was to go before               | its removal goes on
//	that it is retained                    | nothing: that is done
//	nothing of the Update                  | nothing: the Update did not come to its first write

// retaken is the declaration of a share that this event puts in the place of another, and that was there before; nil
// when there is none.
func (r resource) retaken(w plan.Wanted, now plan.State) *share.Share {
	d := now.Remembered.Declaration
	if w.Replaces == nil || w.Previous != nil || d == nil || r.rollsBack() || !r.isOf(*d) {
		return nil
	}
	properties := d.Properties
	if d.Replaces == w.ReplacedParameter() {
		properties = d.Before // this event has been here before
	}
	if properties == nil {
		return nil
	}
	was, _ := share.ParseShare(properties, r.env)
	return &was
}

// isOf says whether something is remembered of this resource.
func (r resource) isOf(d declaration.Declaration) bool {
	return d.Type == r.ResourceType && d.StackID == r.StackID && d.LogicalID == r.LogicalResourceID
}

// isRolledBack says whether a Delete is that of what an update made that is rolled back.
func (r resource) isRolledBack() bool {
	return r.RequestType == cfn.RequestDelete && strings.Contains(r.status(), "ROLLBACK")
}

// takeBackShare removes what an update made that is rolled back, or puts back what it found there.
func (r resource) takeBackShare(ctx context.Context, w plan.Wanted) error {
	d, stays, err := r.staying(ctx, w.Parameter())
	switch {
	case err != nil:
		return err
	case stays != nil:
		return r.restoreShare(ctx, d, w.Share, stays)
	case d.Before != nil: // which was to go
		w.Share, _ = share.ParseShare(d.Before, r.env)
		w.Properties, w.Removal, w.LastTime = d.Before, plan.Completed, true
	case (d.Replaces != "" || d.Found != nil) && w.Removal == plan.Completed:
		w.Removal = plan.Undone
	}
	return r.cleanUp(ctx, w)
}

// staying is what is remembered of a resource that an update was about which is rolled back, and what it is to declare
// when it stays; that is nil for one that goes. Only what the provider itself wrote down counts.
func (r resource) staying(
	ctx context.Context, parameter string,
) (d declaration.Declaration, stays declaration.Properties, err error) {
	d, is, err := r.written(ctx, parameter)
	switch {
	case err != nil || !is || d.Before != nil && d.Going:
		return d, nil, err
	case d.Before != nil:
		r.log.Warn("it was there before: it goes back to what it was", "parameter", parameter)
		return d, d.Before, nil
	case d.Retained, d.Replaces == "" && r.RequestType == cfn.RequestUpdate:
		return d, d.Properties, nil
	}
	return d, nil, nil
}

// written is what the provider itself wrote down of this resource in a parameter.
func (r resource) written(
	ctx context.Context, parameter string,
) (d declaration.Declaration, is bool, err error) {
	if parameter == "" {
		return d, false, nil
	}
	m, err := r.aws.Memory(ctx, parameter)
	if err != nil || m.Name == "" {
		return d, false, err
	}
	d, env, err := declaration.In(parameter, m.Value)
	if err != nil || env != r.env || !r.isOf(d) || !declaration.WrittenByProvider(m.Writer, r.env) {
		r.log.Warn("not acted upon: it is not what a provider wrote for this resource", "parameter", parameter,
			"writer", loggable(m.Writer))
		return declaration.Declaration{}, false, nil
	}
	return d, true, nil
}

// knowing is what a removal starts from, without what an adopted bucket was before when another than the provider wrote
// that down: its default encryption would be somebody else's to choose.
func (r resource) knowing(ctx context.Context, w plan.Wanted, now plan.State) (plan.State, error) {
	d := now.Remembered.Declaration
	if d == nil || d.Found == nil || w.Removal == plan.Completed {
		return now, nil
	}
	_, is, err := r.written(ctx, w.Parameter())
	if !is {
		without := *d
		without.Found, now.Remembered.Declaration = nil, &without
	}
	return now, err
}

// untouched says whether nothing can have been written to what stays, by this event's update.
func (r resource) untouched(d declaration.Declaration) bool { return d.Before == nil && !r.undoes }

// restoreShare brings a share from what the update declared to what is to stay of it.
func (r resource) restoreShare(
	ctx context.Context, d declaration.Declaration, update share.Share, stays declaration.Properties,
) error {
	if r.untouched(d) {
		return nil
	}
	was, err := share.ParseShare(stays, r.env, share.Within(r.limits))
	if err == nil {
		err = document.CheckShare(was)
	}
	if err != nil {
		return fmt.Errorf("putting the share of %s back: %w", was.Bucket, err)
	}
	was.Verify = false // it was proven when it was declared
	w := plan.Wanted{
		Share: was, Previous: &update, Owner: r.owner(), Limits: r.limits, Properties: stays,
		Event: plan.Event{Restores: true},
	}
	return r.unlessOvertaken(ctx, "putting the share of "+was.Bucket+" back", func() error {
		_, err := r.applyShare(ctx, w, nil, 1)
		return err
	})
}

// unlessOvertaken does something again as long as somebody else was faster.
func (r resource) unlessOvertaken(ctx context.Context, doing string, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		switch {
		case err == nil:
			return nil
		case !cloud.Overtaken(err) || try == tries || !r.aws.Pause(ctx, try):
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
}

// takeBackAccess is to an access what takeBackShare is to a share.
func (r resource) takeBackAccess(
	ctx context.Context, a share.Access, properties declaration.Properties, how plan.Completion,
) error {
	w := plan.WantedAccess{Access: a, Owner: r.owner(), Properties: properties, Removal: how}
	d, stays, err := r.staying(ctx, w.Parameter())
	if err == nil {
		err = r.restoreNamesake(ctx, a, d, &stays)
	}
	switch {
	case err != nil:
		return err
	case stays == nil:
		return r.revokeAccess(ctx, w)
	case r.untouched(d):
		return nil
	}
	return r.restoreAccess(ctx, a, stays, plan.Event{Restores: true})
}

// restoreNamesake gives the policies of an access back to the one that it took the place of, when they have one name:
// then only one of the two can be in force, and nothing stays of the other.
func (r resource) restoreNamesake(
	ctx context.Context, a share.Access, d declaration.Declaration, stays *declaration.Properties,
) error {
	other, is, err := r.written(ctx, d.Replaces)
	if err != nil || !is {
		return err
	}
	if was, _ := share.ParseAccess(other.Properties, r.env); was.PolicyName != a.PolicyName {
		return nil
	}
	*stays = nil
	return r.restoreAccess(ctx, a, other.Properties, plan.Event{})
}

// restoreAccess brings an access from what the update declared to what is to stay of it.
func (r resource) restoreAccess(
	ctx context.Context, update share.Access, stays declaration.Properties, e plan.Event,
) error {
	was, err := share.ParseAccess(stays, r.env, share.Within(r.limits))
	if err == nil {
		err = document.CheckAccess(was)
	}
	if err != nil {
		return fmt.Errorf("putting access to %s back: %w", was.Bucket, err)
	}
	was.Verify, was.Canary = false, false
	w := plan.WantedAccess{Access: was, Previous: &update, Owner: r.owner(), Properties: stays, Event: e}
	return r.unlessOvertaken(ctx, "putting access to "+was.Bucket+" back", func() error {
		_, _, err := r.applyAccess(ctx, w, 1)
		return err
	})
}
