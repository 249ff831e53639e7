package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

func (h holder) checkManaged() error {
	m := h.Managed
	switch {
	case m == nil || h.managedOurs:
		return nil
	case Owned(m.Tags):
		return conflict(h.arn(), anotherName, "is a managed policy of another SharedBucket resource or bucket for %s", h.id)
	}
	return conflict(h.arn(), "delete that policy first, or give this resource another PolicyName",
		"is a managed policy that was not made by this resource")
}

func (h holder) arn() string { return document.ManagedPolicyARN(h.env, h.name, h.id) }

// step is one on the managed policy.
func (h holder) step(round int, op Operation, reason string) Step {
	arn := h.arn()
	return Step{
		Round: round, Operation: op, Resource: arn, PolicyARN: arn, Identity: h.id,
		PolicyName: document.ManagedPolicyName(h.name, h.id), Reason: reason,
	}
}

// attachment is a step that attaches the managed policy to somebody, or detaches it.
func (h holder) attachment(round int, op Operation, to share.Identity, reason string) Step {
	s := h.step(round, op, reason)
	s.Resource, s.From = to.String(), to
	s.Before = h.Managed.document()
	return s
}

// putManaged are the steps to the managed policy in force. Versions that are not in force go: they would count for the
// quota, and could be put in force again.
func (h holder) putManaged(after measured, reason string) []Step {
	var steps []Step
	switch m := h.Managed; {
	case m == nil:
		create := h.step(2, CreatePolicy, "it has no room for another inline policy, or PolicyType says so")
		create.After, create.Tags = after.Stored, h.tags()
		steps = []Step{create}
	case after.inManaged:
		steps = append(h.detachOthers(1), h.deleteVersions(1, m.Older)...)
	default:
		rest := []string{m.Version}
		if !m.full() {
			rest = append(rest, m.Older...)
		}
		steps = append(h.detachOthers(1), h.newVersion(after.Stored, reason)...)
		steps = append(steps, h.deleteVersions(3, rest)...)
	}
	if h.Managed == nil || !h.Managed.Attached {
		attach := h.attachment(3, AttachPolicy, h.id, reason)
		attach.After = after.Stored
		steps = append(steps, attach)
	}
	return steps
}

// newVersion puts another document in force, which is one write.
func (h holder) newVersion(after policy.Stored, reason string) []Step {
	m := h.Managed
	var steps []Step
	if m.full() {
		steps = h.deleteVersions(1, m.Older)
	}
	version := h.step(1, CreatePolicyVersion, reason)
	if len(steps) > 0 {
		version.Round = 2
	}
	version.Before, version.After = m.Policy, after
	return append(steps, version)
}

func (h holder) deleteVersions(round int, versions []string) []Step {
	var steps []Step
	for _, v := range versions {
		s := h.step(round, DeletePolicyVersion, "it is not in force")
		s.Value = v
		steps = append(steps, s)
	}
	return steps
}

// detachOthers takes the policy from everybody whom somebody else attached it to.
func (h holder) detachOthers(round int) []Step {
	var steps []Step
	for _, other := range h.Managed.AttachedTo {
		steps = append(steps, h.attachment(round, DetachPolicy, other, "the policy is for "+h.id.String()+" alone"))
	}
	return steps
}

// removeManaged takes the managed policy away, beginning in a round: from everybody, then its versions, then itself.
func (h holder) removeManaged(round int, reason string) []Step {
	m := h.Managed
	steps := h.detachOthers(round)
	if m.Attached {
		steps = append(steps, h.attachment(round, DetachPolicy, h.id, reason))
	}
	steps = append(steps, h.deleteVersions(round+1, m.Older)...)
	remove := h.step(round+2, DeletePolicy, reason)
	remove.Before = m.Policy
	return append(steps, remove)
}

// narrowManaged is to a managed policy what narrow is to all.
func (h holder) narrowManaged(less measured, reason string) []Step {
	m := h.Managed
	switch {
	case m == nil || !m.Attached:
		return nil
	case less.Text() == "" || less.fit.Managed != nil:
		return []Step{h.attachment(1, DetachPolicy, h.id, reason)}
	case less.inManaged:
		return nil
	}
	return h.newVersion(less.Stored, reason)
}

// tags say whose a managed policy is. A policy that somebody renders for himself belongs to no stack.
func (h holder) tags() map[string]string {
	if h.owner.StackID == "" {
		return nil
	}
	return h.owner.tags()
}
