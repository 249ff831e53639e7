package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
)

// own is what is remembered of the resource that CloudFormation has, after an event about it.
type own struct {
	parameter string
	now       plan.Remembered
	// but is the parameter of what takes the resource's place in this very event.
	but string
	// going is the parameter of what it took the place of, and which is to go still.
	going string
}

// remembering is a plan.Wanted or plan.WantedAccess.
type remembering interface {
	Parameter() string
	ReplacedParameter() string
}

// ownOf is the resource itself, or the one that it replaces.
func ownOf(w remembering, now, replaced plan.Remembered, going string) own {
	if w.ReplacedParameter() != "" {
		return own{parameter: w.ReplacedParameter(), now: replaced, but: w.Parameter(), going: going}
	}
	return own{parameter: w.Parameter(), now: now, going: going}
}

// with is the same, with the jobs that were started since.
func (o own) with(jobs []string) own {
	if d := o.now.Declaration; d != nil && o.but == "" && len(jobs) > 0 {
		after := *d
		after.Jobs = jobs
		o.now.Declaration = &after
	}
	return o
}

// tidyUp gives up what an earlier Update made to take the resource's place, and what CloudFormation has forgotten: that
// Update was rolled back, and the way back failed, too. That CloudFormation sends the resource's own physical id says
// that nothing has taken its place. It takes away, too, what the resource took the place of, when that was to go and
// did not. An event does not fail for it: the next one tries again.
func (r resource) tidyUp(ctx context.Context, is own) {
	d := is.now.Declaration
	if d == nil || len(d.ReplacedBy) == 0 && is.going == "" || r.RequestType != cfn.RequestUpdate || r.undoes ||
		d.PhysicalID() != r.PhysicalResourceID {
		return
	}
	gone, err := r.giveUp(ctx, is.parameter, slices.DeleteFunc(slices.Clone(d.ReplacedBy), func(name string) bool {
		return name == is.but
	}))
	if finishing := r.finish(ctx, is.going); finishing != nil {
		err = errors.Join(err, finishing)
	} else {
		gone = append(gone, is.going)
	}
	steps, forgetting := plan.WithoutOthers(is.parameter, *d, gone)
	if forgetting == nil {
		_, forgetting = r.aws.Apply(ctx, steps, r.report)
	}
	if err = errors.Join(err, forgetting); err != nil {
		r.log.Warn("something is left over from an earlier update; the next one tries again", "error",
			loggable(err.Error()))
	}
}

// giveUpBefore does the same before a resource is deleted with its stack: nothing would lead there any more. In the
// cleanup after an update it is what replaced it that stays.
func (r resource) giveUpBefore(ctx context.Context, parameter string, now plan.Remembered) error {
	d := now.Declaration
	if d == nil || r.RequestType != cfn.RequestDelete || r.isRolledBack() || d.PhysicalID() != r.PhysicalResourceID {
		return nil
	}
	err := r.finish(ctx, d.Replaces)
	if len(d.ReplacedBy) == 0 || r.status() != "DELETE_IN_PROGRESS" {
		return err
	}
	has, asking := r.aws.StackResource(ctx, r.StackID, r.LogicalResourceID)
	if asking != nil || has != r.PhysicalResourceID {
		return errors.Join(err, asking)
	}
	_, giving := r.giveUp(ctx, parameter, d.ReplacedBy)
	return errors.Join(err, giving)
}

// forgets says whether CloudFormation may forget what this Delete is about, whatever comes of it. It tries three times.
// https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
func (r resource) forgets() bool {
	return r.RequestType == cfn.RequestDelete && strings.HasSuffix(r.status(), "_CLEANUP_IN_PROGRESS")
}

// mark writes down that a resource is to go. What is revoked does not wait for that to succeed.
func (r resource) mark(ctx context.Context, steps plan.Plan) {
	if _, err := r.aws.Apply(ctx, steps, r.report); err != nil {
		r.log.Warn("not written down that it is to go: if that fails, too, nobody finds what is left", "error",
			loggable(err.Error()))
	}
}

// going is the parameter of what a resource took the place of, when that is to go and has not gone; "" for nothing. In
// doubt it is not lost sight of.
func (r resource) going(ctx context.Context, now ...plan.Remembered) string {
	if r.RequestType != cfn.RequestUpdate || r.undoes || r.rollsBack() {
		return ""
	}
	for _, one := range now {
		if d := one.Declaration; d != nil && d.Replaces != "" && d.PhysicalID() == r.PhysicalResourceID {
			old, is, err := r.written(ctx, d.Replaces)
			if err != nil || is && old.Outlived(r.PhysicalResourceID) {
				return d.Replaces
			}
		}
	}
	return ""
}

// finish takes away what was replaced, and whose own Delete did not come to its end. A bucket that holds objects stays,
// without anybody's access, also where it was to be emptied: that may take longer than an Update has.
func (r resource) finish(ctx context.Context, name string) error {
	d, is, err := r.written(ctx, name)
	if err != nil || !is || !d.Outlived(r.PhysicalResourceID) {
		return err
	}
	r.log.Warn("left over from an update that replaced it: its removal goes on", "parameter", name)
	if d.Type == share.AccessType {
		a, _ := share.ParseAccess(d.Properties, r.env)
		return r.revokeAccess(ctx, plan.WantedAccess{
			Access: a, Owner: r.owner(), Properties: d.Properties, Removal: plan.Completed, LastTime: true,
		})
	}
	s, _ := share.ParseShare(d.Properties, r.env)
	if s.Removal == share.Empty {
		s.Removal = share.Delete
	}
	return r.cleanUp(ctx, plan.Wanted{
		Share: s, Owner: r.owner(), Properties: d.Properties, Removal: plan.Completed, LastTime: true,
	})
}

// giveUp takes away what is left over, as a roll-back does: nothing that holds objects. Only what the provider itself
// wrote down as made for this resource's place is taken for that. gone are those of which nothing is remembered any
// more, or that are something else.
func (r resource) giveUp(ctx context.Context, parameter string, names []string) (gone []string, err error) {
	for _, name := range names {
		d, is, reading := r.leftOver(ctx, parameter, name)
		if reading == nil && is {
			r.log.Warn("left over from an update that was rolled back: it is given up", "parameter", name)
			reading = r.removeLeftOver(ctx, d)
		}
		if reading != nil {
			err = errors.Join(err, reading)
			continue
		}
		gone = append(gone, name)
	}
	return gone, err
}

// leftOver reads what is remembered of something that was to take the place of this resource, and whether it is that.
func (r resource) leftOver(
	ctx context.Context, parameter, name string,
) (d declaration.Declaration, is bool, err error) {
	d, is, err = r.written(ctx, name)
	return d, is && d.Replaces == parameter && name != parameter, err
}

func (r resource) removeLeftOver(ctx context.Context, d declaration.Declaration) error {
	if d.Type == share.AccessType {
		a, _ := share.ParseAccess(d.Properties, r.env)
		return r.takeBackAccess(ctx, a, d.Properties, plan.Unfinished)
	}
	s, _ := share.ParseShare(d.Properties, r.env)
	err := r.takeBackShare(ctx, plan.Wanted{
		Share: s, Owner: r.owner(), Properties: d.Properties, Removal: plan.Unfinished,
	})
	if err != nil {
		return fmt.Errorf("giving up what was to take the place of this share: %w", err)
	}
	return nil
}

// isLeftOver says in the log of what a look finds that CloudFormation has forgotten it: it was to take the place of the
// resource which its stack still has, or was to go itself. Only one that may be that is asked about.
func (r resource) isLeftOver(ctx context.Context, d declaration.Declaration) bool {
	if d.Replaces == "" && !d.Going {
		return false
	}
	has, err := r.aws.StackResource(ctx, d.StackID, d.LogicalID)
	if err != nil {
		r.log.Warn("it is not known whether this is left over from an update", "error", loggable(err.Error()))
		return false
	}
	difference, why := "", "it is for a deployment: deploy the stack with another Revision, and it is given up"
	switch {
	case d.LeftOver(has):
		difference = fmt.Sprintf("%s is left over: an update was to put it in the place of %s, and was rolled back",
			d.PhysicalID(), has)
	case d.Outlived(has) && has != "":
		difference = fmt.Sprintf("%s is left over: %s took its place, and its own removal failed", d.PhysicalID(), has)
	case d.Outlived(has):
		difference = d.PhysicalID() + " is left over: it left its template, and its removal failed"
		why = "it is for a person: nothing of its stack leads here any more"
	default:
		return false
	}
	r.drifted(ctx, trail.Question{}, "difference", difference, "repaired", false, "why", why)
	return true
}
