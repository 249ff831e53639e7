package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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
}

// remembering is a plan.Wanted or plan.WantedAccess.
type remembering interface {
	Parameter() string
	ReplacedParameter() string
}

// ownParameter is that of the resource itself, or of the one that it replaces.
func ownParameter(w remembering) string { return cmp.Or(w.ReplacedParameter(), w.Parameter()) }

// ownOf is the resource itself, or the one that it replaces.
func ownOf(w remembering, now, replaced plan.Remembered) own {
	is := own{parameter: ownParameter(w), now: now}
	if w.ReplacedParameter() != "" {
		is.now, is.but = replaced, w.Parameter()
	}
	return is
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
// that nothing has taken its place. An event does not fail for it: the next one tries again.
func (r resource) tidyUp(ctx context.Context, is own) {
	d := is.now.Declaration
	if d == nil || len(d.ReplacedBy) == 0 || r.RequestType != cfn.RequestUpdate || r.undoes ||
		d.PhysicalID() != r.PhysicalResourceID {
		return
	}
	gone, err := r.giveUp(ctx, is.parameter, slices.DeleteFunc(slices.Clone(d.ReplacedBy), func(name string) bool {
		return name == is.but
	}))
	steps, forgetting := plan.NotReplaced(is.parameter, *d, gone)
	if err = errors.Join(err, forgetting); err == nil {
		_, err = r.aws.Apply(ctx, steps, r.report)
	}
	if err != nil {
		r.log.Warn("left over from an update that was rolled back; the next one tries again", "error", loggable(err.Error()))
	}
}

// giveUpBefore does the same before a resource is deleted with its stack: nothing would lead there any more. In the
// cleanup after an update it is the other one that stays.
func (r resource) giveUpBefore(ctx context.Context, parameter string, now plan.Remembered) error {
	d := now.Declaration
	if d == nil || len(d.ReplacedBy) == 0 || r.RequestType != cfn.RequestDelete || r.status() != "DELETE_IN_PROGRESS" ||
		d.PhysicalID() != r.PhysicalResourceID {
		return nil
	}
	if has, err := r.aws.StackResource(ctx, r.StackID, r.LogicalResourceID); err != nil || has != r.PhysicalResourceID {
		return err
	}
	_, err := r.giveUp(ctx, parameter, d.ReplacedBy)
	return err
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
	m, err := r.aws.Memory(ctx, name)
	if err != nil || m.Name == "" {
		return d, false, err
	}
	d, env, err := declaration.In(name, m.Value)
	if err != nil || env != r.env || d.Type != r.ResourceType || d.StackID != r.StackID ||
		d.LogicalID != r.LogicalResourceID || d.Replaces != parameter || name == parameter ||
		!declaration.WrittenByProvider(m.Writer, r.env) {
		r.log.Warn("not given up: it is not what a provider wrote for this resource", "parameter", name,
			"writer", loggable(m.Writer))
		return d, false, nil
	}
	return d, true, nil
}

func (r resource) removeLeftOver(ctx context.Context, d declaration.Declaration) error {
	if d.Type == share.AccessType {
		a, _ := share.ParseAccess(d.Properties, r.env)
		return r.revokeAccess(ctx, a, d.Properties, plan.Unfinished)
	}
	s, _ := share.ParseShare(d.Properties, r.env)
	err := r.cleanUp(ctx, plan.Wanted{
		Share: s, Owner: r.owner(), Properties: d.Properties, Removal: plan.Unfinished,
	})
	if err != nil {
		return fmt.Errorf("giving up what was to take the place of this share: %w", err)
	}
	return nil
}

// isLeftOver says in the log of what a look finds that it was to take the place of the resource which its stack still
// has. Only one that was made for that, and has never had an event of its own, is asked about.
func (r resource) isLeftOver(ctx context.Context, d declaration.Declaration) bool {
	if d.Replaces == "" {
		return false
	}
	has, err := r.aws.StackResource(ctx, d.StackID, d.LogicalID)
	if err != nil {
		r.log.Warn("it is not known whether this is left over from an update", "error", loggable(err.Error()))
		return false
	}
	if !d.LeftOver(has) {
		return false
	}
	difference := fmt.Sprintf("%s is left over: an update was to put it in the place of %s, and was rolled back",
		d.PhysicalID(), has)
	r.drifted(ctx, trail.Question{}, "difference", difference, "repaired", false,
		"why", "it is for a deployment: deploy the stack with another Revision, and it is given up")
	return true
}
