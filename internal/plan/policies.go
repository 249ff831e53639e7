package plan

import (
	"errors"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

func (w Wanted) policies(now State) identityPolicies {
	s := w.Share
	return identityPolicies{
		env: s.Env, name: s.PolicyName(), kind: s.PolicyType, owner: w.Owner, mark: w.Owner.mark(),
		buckets: []string{s.Env.BucketARN(s.Bucket)}, now: now.Identities,
	}.owning()
}

// check finds identities that do not exist, and policies of somebody else under our names.
func (i identityPolicies) check(grantees []share.Grantee) error {
	var all []error
	for _, id := range share.Identities(grantees) {
		if !i.now[id].Exists {
			all = append(all, conflict(id.String(), "create it first, or take it out of the declaration",
				"does not exist in this account"))
			continue
		}
		all = append(all, i.checkInline(id), i.checkManaged(id))
	}
	return errors.Join(all...)
}

// left are those of the identities that still have one of our policies, as they are remembered.
func (i identityPolicies) left(ids []share.Identity) []string {
	var names []string
	for _, id := range ids {
		if i.ours[id].inline || i.ours[id].managed {
			names = append(names, id.String())
		}
	}
	return names
}

// revoke takes those of our policies away that the identities still have.
func (i identityPolicies) revoke(left []share.Identity) []Step {
	const reason = "it is no longer declared"
	var steps []Step
	for _, id := range left {
		if i.ours[id].inline {
			steps = append(steps, i.remove(id, reason))
		}
		if i.ours[id].managed {
			steps = append(steps, i.drop(id, 1, reason)...)
		}
	}
	return steps
}

// change are the steps to all identities' policies: those that take away first what somebody is not to have any more,
// and the others. less is what each had and is to have.
func (i identityPolicies) change(to, less document.Policies, narrowFirst bool) (narrowed, final []Step, err error) {
	var all []error
	for _, p := range to.Identities {
		first, then, err := i.changeOne(p.Identity, i.fitted(p), i.fitted(less.Of(p.Identity)), narrowFirst)
		narrowed, final, all = append(narrowed, first...), append(final, then...), append(all, err)
	}
	return narrowed, final, errors.Join(all...)
}

// changeOne are those to one identity's policy. To narrow first is needed when other steps come before the final
// policy, or when that is another one than it was; otherwise one write, which IAM does as a whole, gives and takes.
func (i identityPolicies) changeOne(
	id share.Identity, to, less fitted, narrowFirst bool,
) (narrowed, final []Step, err error) {
	final, err = i.grant(id, to)
	if err != nil || len(final) == 0 || !narrowFirst && writesInForce(final) < 2 {
		return nil, final, err
	}
	narrowed = i.narrow(id, less)
	final, err = i.after(narrowed).grant(id, to)
	return narrowed, final, err
}

// after is the same once steps are carried out.
func (i identityPolicies) after(steps []Step) identityPolicies {
	now := map[share.Identity]IdentityState{}
	for id, state := range i.now {
		for _, s := range steps {
			if s.Identity == id {
				state = state.Do(s)
			}
		}
		now[id] = state
	}
	i.now = now
	return i.owning()
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

// grant are the steps to the final policy of one identity, none when it is there already. What it replaces goes when it
// is in force, never before.
func (i identityPolicies) grant(id share.Identity, after fitted) ([]Step, error) {
	kind, err := i.kindFor(id, after)
	if err != nil {
		return nil, err
	}
	if kind == share.PolicyManaged {
		return i.grantManaged(id, after.Stored), nil
	}
	var steps []Step
	if !i.now[id].Policy.Equal(after.Stored) {
		steps = append(steps, i.put(id, after.Stored, differs))
	}
	if i.ours[id].managed {
		steps = append(steps, replaced(i.drop(id, 2, "its inline policy takes its place"))...)
	}
	return steps, nil
}

// kindFor is the type of policy that a document gets. Auto leaves what is in force as it is: which type that is would
// otherwise change with policies that are none of the share's.
func (i identityPolicies) kindFor(id share.Identity, after fitted) (string, error) {
	s := i.now[id]
	auto := i.kind == share.PolicyAuto || i.kind == ""
	switch {
	case (auto || i.kind == share.PolicyInline) && s.Policy.Text() != "" && s.Policy.Equal(after.Stored):
		return share.PolicyInline, nil
	case auto && s.Managed != nil && s.Managed.Attached && after.fit.Managed == nil:
		return share.PolicyManaged, nil
	}
	return after.fit.Type(i.kind)
}

// narrow are the steps to policies that give no more than they gave and than they are to give, which may be nothing.
func (i identityPolicies) narrow(id share.Identity, less fitted) []Step {
	const reason = "what it lost must not wait for other steps"
	steps := i.narrowManaged(id, less, reason)
	before := i.now[id].Policy
	switch {
	case before.Text() == "" || less.Text() != "" && before.Equal(less.Stored):
		return steps
	case less.Text() == "":
		return append(steps, i.remove(id, reason))
	case less.fit.Inline == nil:
		return append(steps, i.put(id, less.Stored, reason))
	case i.kind != share.PolicyInline && less.fit.Managed == nil:
		return i.grantManaged(id, less.Stored) // less can be longer: folders in place of the whole bucket
	}
	return append(steps, i.remove(id, reason))
}

// former are identities that are no longer declared and may still have a policy.
func (p *planner) former() []share.Identity {
	all := slices.Clone(p.now.Remembered.Identities)
	if p.previous != nil {
		all = append(all, share.Identities(p.previous.Delegates)...)
	}
	return without(all, share.Identities(p.want.Delegates))
}

// without are the identities of before that after does not have, each once.
func without(before, after []share.Identity) []share.Identity {
	return slices.DeleteFunc(share.Each(before), func(id share.Identity) bool { return slices.Contains(after, id) })
}
