package plan

import (
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// ownsManaged says whether tags, or the mark where only that is known, prove that an identity's managed policy is ours,
// and its document is for one of the buckets. Another's mark in it outweighs tags.
func (i identityPolicies) ownsManaged(id share.Identity) bool {
	m := i.now[id].Managed
	if m == nil || !slices.ContainsFunc(i.buckets, func(arn string) bool { return document.Names(m.Policy, arn) }) {
		return false
	}
	mark := document.MarkIn(m.Policy)
	if i.owner.StackID == "" {
		return mark == i.mark
	}
	return i.owner.Owns(m.Tags) && (mark == i.mark || mark == "")
}

func (i identityPolicies) checkManaged(id share.Identity) error {
	m := i.now[id].Managed
	switch {
	case m == nil || i.ours[id].managed:
		return nil
	case Owned(m.Tags):
		return conflict(i.arn(id), anotherName, "is a managed policy of another SharedBucket resource or bucket for %s", id)
	}
	return conflict(i.arn(id), "delete that policy first, or give this resource another PolicyName",
		"is a managed policy that was not made by this resource")
}

func (i identityPolicies) arn(id share.Identity) string {
	return document.ManagedPolicyARN(i.env, i.name, id)
}

// step is one on the managed policy that was made for an identity.
func (i identityPolicies) step(round int, op Operation, of share.Identity, reason string) Step {
	return Step{
		Round: round, Operation: op, Resource: i.arn(of), PolicyARN: i.arn(of), Identity: of,
		PolicyName: document.ManagedPolicyName(i.name, of), Reason: reason,
	}
}

// attachment is a step that attaches a managed policy to somebody, or detaches it.
func (i identityPolicies) attachment(round int, op Operation, of, to share.Identity, reason string) Step {
	s := i.step(round, op, of, reason)
	s.Resource, s.From = to.String(), to
	s.Before = i.now[of].Managed.document()
	if op == AttachPolicy {
		s.After = s.Before.Text()
	}
	return s
}

// grantManaged are the steps to a managed policy in force, and then to no inline one.
func (i identityPolicies) grantManaged(id share.Identity, after policy.Stored) []Step {
	steps := i.write(id, after, differs)
	m := i.now[id].Managed
	if m == nil || !m.Attached {
		attach := i.attachment(3, AttachPolicy, id, id, differs)
		attach.After = after.Text()
		steps = append(steps, attach)
	}
	if i.ours[id].inline {
		remove := i.remove(id, "its managed policy takes its place")
		remove.Round = 4
		steps = append(steps, replaced([]Step{remove})...)
	}
	return steps
}

// write are the steps to the document of a managed policy. Versions that are not in force go: they would count for the
// quota, and could be put in force again.
func (i identityPolicies) write(id share.Identity, after policy.Stored, reason string) []Step {
	m := i.now[id].Managed
	if m == nil {
		create := i.step(2, CreatePolicy, id, "it has no room for another inline policy, or PolicyType says so")
		create.After, create.Tags = after.Text(), i.tags()
		return []Step{create}
	}
	steps := i.detachOthers(id)
	if m.Policy.Equal(after) {
		return append(steps, i.deleteVersions(1, id, m.Older)...)
	}
	steps = append(steps, i.newVersion(id, after, reason)...)
	rest := []string{m.Version}
	if !m.full() {
		rest = append(rest, m.Older...)
	}
	return append(steps, i.deleteVersions(3, id, rest)...)
}

// newVersion puts another document in force, which is one write.
func (i identityPolicies) newVersion(id share.Identity, after policy.Stored, reason string) []Step {
	m := i.now[id].Managed
	var steps []Step
	if m.full() {
		steps = i.deleteVersions(1, id, m.Older)
	}
	version := i.step(1, CreatePolicyVersion, id, reason)
	if len(steps) > 0 {
		version.Round = 2
	}
	version.Before, version.After = m.Policy, after.Text()
	return append(steps, version)
}

func (i identityPolicies) deleteVersions(round int, id share.Identity, versions []string) []Step {
	var steps []Step
	for _, v := range versions {
		s := i.step(round, DeletePolicyVersion, id, "it is not in force")
		s.Value = v
		steps = append(steps, s)
	}
	return steps
}

// detachOthers takes a policy from everybody whom somebody else attached it to.
func (i identityPolicies) detachOthers(id share.Identity) []Step {
	var steps []Step
	for _, other := range i.now[id].Managed.AttachedTo {
		steps = append(steps, i.attachment(1, DetachPolicy, id, other, "the policy is for "+id.String()+" alone"))
	}
	return steps
}

// drop takes a managed policy away, beginning in a round: from everybody, then its versions, then itself.
func (i identityPolicies) drop(id share.Identity, round int, reason string) []Step {
	m := i.now[id].Managed
	steps := i.detachOthers(id)
	for n := range steps {
		steps[n].Round = round
	}
	if m.Attached {
		steps = append(steps, i.attachment(round, DetachPolicy, id, id, reason))
	}
	steps = append(steps, i.deleteVersions(round+1, id, m.Older)...)
	remove := i.step(round+2, DeletePolicy, id, reason)
	remove.Before = m.Policy
	return append(steps, remove)
}

// narrowManaged is to a managed policy what narrow is to all.
func (i identityPolicies) narrowManaged(id share.Identity, less fitted, reason string) []Step {
	m := i.now[id].Managed
	switch {
	case m == nil || !m.Attached:
		return nil
	case less.Text() == "" || less.fit.Managed != nil:
		return []Step{i.attachment(1, DetachPolicy, id, id, reason)}
	case m.Policy.Equal(less.Stored):
		return nil
	}
	return i.newVersion(id, less.Stored, reason)
}

// tags say whose a managed policy is. A policy that somebody renders for himself belongs to no stack.
func (i identityPolicies) tags() map[string]string {
	if i.owner.StackID == "" {
		return nil
	}
	return i.owner.tags()
}

// replaced are steps that take away what others before them have replaced.
func replaced(steps []Step) []Step {
	for n, s := range steps {
		steps[n].Replaced = s.Operation == DeleteInlinePolicy || s.Operation == DetachPolicy
	}
	return steps
}
