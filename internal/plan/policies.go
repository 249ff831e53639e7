package plan

import (
	"errors"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

func (w Wanted) policies(now State) identityPolicies {
	s := w.Share
	return identityPolicies{
		env: s.Env, name: s.PolicyName(), kind: s.PolicyType, owner: w.Owner, mark: w.Owner.mark(),
		buckets: []string{s.Env.BucketARN(s.Bucket)}, now: now.Identities,
	}
}

// check finds identities that do not exist, and policies of somebody else under our names.
func (i identityPolicies) check(to document.Policies) error {
	var all []error
	for _, p := range to.Identities {
		h := i.holder(p.Identity)
		if !h.Exists {
			all = append(all, conflict(h.id.String(), "create it first, or take it out of the declaration",
				"does not exist in this account"))
			continue
		}
		all = append(all, h.checkInline(), h.checkManaged())
	}
	return errors.Join(all...)
}

// left are those of the holders that still have one of our policies, as they are remembered.
func left(holders []holder) []string {
	var names []string
	for _, h := range holders {
		if h.inlineOurs || h.managedOurs {
			names = append(names, h.id.String())
		}
	}
	return names
}

// revoke takes those of our policies away that the holders still have.
func revoke(holders []holder) []Step {
	const reason = "it is no longer declared"
	var steps []Step
	for _, h := range holders {
		if h.inlineOurs {
			steps = append(steps, h.removeInline(1, reason))
		}
		if h.managedOurs {
			steps = append(steps, h.removeManaged(1, reason)...)
		}
	}
	return steps
}

// change are the steps to all identities' policies: those that take away first what somebody is not to have any more,
// and the others.
//
// To narrow first is needed when other steps come before the final policy, or when that is another one than it was;
// otherwise one write, which IAM does as a whole, gives and takes.
func (i identityPolicies) change(to document.Stages, narrowFirst bool) (narrowed, final []Step, err error) {
	var all []error
	for _, p := range to.Final.Identities {
		h := i.holder(p.Identity)
		wants, may := h.measure(p), h.measure(to.Narrowed.Of(h.id))
		steps, err := h.put(wants)
		if len(steps) > 0 && (narrowFirst || writesInForce(steps) > 1) {
			first := h.narrow(may)
			narrowed = append(narrowed, first...)
			h = h.after(first)
			wants = h.measure(p)
			steps, err = h.put(wants)
		}
		final, all = append(final, steps...), append(all, err)
	}
	return narrowed, final, errors.Join(all...)
}

// writesInForce is how many steps change what an identity may do.
func writesInForce(steps []Step) int {
	n := 0
	for _, s := range steps {
		switch s.Operation {
		case PutInlinePolicy, DeleteInlinePolicy, CreatePolicyVersion, AttachPolicy, DetachPolicy:
			n++
		}
	}
	return n
}

const differs = "its access differs"

// put are the steps to the final policy, none when it is there already. What it replaces goes when it is in force,
// never before.
func (h holder) put(to measured) ([]Step, error) {
	switch {
	case to.err != nil:
		return nil, to.err
	case to.kind == share.PolicyManaged:
		return h.toManaged(to), nil
	}
	var steps []Step
	if !to.inInline {
		steps = append(steps, h.putInline(to.Stored, differs))
	}
	if h.managedOurs {
		steps = append(steps, replaced(h.removeManaged(2, "its inline policy takes its place"))...)
	}
	return steps, nil
}

// toManaged are the steps to a managed policy in force, and then to no inline one.
func (h holder) toManaged(to measured) []Step {
	steps := h.putManaged(to, differs)
	if h.inlineOurs {
		steps = append(steps, replaced([]Step{h.removeInline(4, "its managed policy takes its place")})...)
	}
	return steps
}

// replaced are steps that take away what others before them have replaced.
func replaced(steps []Step) []Step {
	for n, s := range steps {
		steps[n].Replaced = s.Operation == DeleteInlinePolicy || s.Operation == DetachPolicy
	}
	return steps
}

// narrow are the steps to policies that give no more than they gave and than they are to give, which may be nothing.
func (h holder) narrow(less measured) []Step {
	const reason = "what it lost must not wait for other steps"
	steps := h.narrowManaged(less, reason)
	switch {
	case h.Policy.Text() == "" || less.Text() != "" && less.inInline:
		return steps
	case less.Text() == "":
		return append(steps, h.removeInline(1, reason))
	case less.fit.Inline == nil:
		return append(steps, h.putInline(less.Stored, reason))
	case h.kind != share.PolicyInline && less.fit.Managed == nil:
		return h.toManaged(less) // less can be longer: folders in place of the whole bucket
	}
	return append(steps, h.removeInline(1, reason))
}
