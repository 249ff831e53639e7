package plan

import (
	"errors"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

func (p *planner) delegatePolicies() identityPolicies {
	return identityPolicies{
		env: p.want.Env, name: p.want.PolicyName(), kind: p.want.PolicyType, owner: p.owner,
		mark: p.owner.mark(), buckets: []string{p.want.Env.BucketARN(p.want.Bucket)}, now: p.now.Identities,
	}
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
		if i.ownInline(id) || i.ownManaged(id) {
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
		if i.ownInline(id) {
			steps = append(steps, i.remove(id, reason))
		}
		if i.ownManaged(id) {
			steps = append(steps, i.drop(id, 1, reason)...)
		}
	}
	return steps
}

// change are the steps to an identity's policy: those that take away first what it is not to have any more, and the
// others. To narrow first is needed when other steps come before the final policy, or when that is another one than it
// was; otherwise one write, which IAM does as a whole, both gives and takes. less is what it had and is to have, nil
// for nothing.
func (i identityPolicies) change(
	id share.Identity, d policy.Document, less *policy.Document, narrowFirst bool,
) (narrowed, final []Step, err error) {
	final, err = i.grant(id, d)
	if err != nil || len(final) == 0 || !narrowFirst && writesInForce(final) < 2 {
		return nil, final, err
	}
	narrowed = i.narrow(id, less)
	final, err = i.after(narrowed).grant(id, d)
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
	return i
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
func (i identityPolicies) grant(id share.Identity, d policy.Document) ([]Step, error) {
	after := stored(d)
	kind, err := i.kindFor(id, after)
	if err != nil {
		return nil, err
	}
	if kind == share.PolicyManaged {
		return i.grantManaged(id, after), nil
	}
	var steps []Step
	if !i.now[id].Policy.Equal(after) {
		steps = append(steps, i.put(id, after, differs))
	}
	if i.ownManaged(id) {
		steps = append(steps, replaced(i.drop(id, 2, "its inline policy takes its place"))...)
	}
	return steps, nil
}

// kindFor is the type of policy that a document gets. Auto leaves what is in force as it is: which type that is would
// otherwise change with policies that are none of the share's.
func (i identityPolicies) kindFor(id share.Identity, after policy.Stored) (string, error) {
	s := i.now[id]
	if i.kind == share.PolicyAuto || i.kind == "" {
		switch m := s.Managed; {
		case s.Policy.Text() != "" && s.Policy.Equal(after):
			return share.PolicyInline, nil
		case m != nil && m.Attached && document.ManagedPolicySize(id, after.Text()) == nil:
			return share.PolicyManaged, nil
		}
	}
	if i.kind == share.PolicyInline && s.Policy.Equal(after) {
		return share.PolicyInline, nil
	}
	return document.PolicyType(i.kind, id, after.Text(), s.otherCharacters())
}

// narrow are the steps to policies that give no more than they gave and than they are to give. A nil document is
// nothing at all.
func (i identityPolicies) narrow(id share.Identity, less *policy.Document) []Step {
	const reason = "what it lost must not wait for other steps"
	steps := i.narrowManaged(id, less, reason)
	before := i.now[id].Policy
	if before.Text() == "" {
		return steps
	}
	if less == nil {
		return append(steps, i.remove(id, reason))
	}
	after := stored(*less)
	switch {
	case before.Equal(after):
		return steps
	case document.InlinePolicySize(id, after.Text(), i.now[id].otherCharacters()) == nil:
		return append(steps, i.put(id, after, reason))
	case i.kind != share.PolicyInline && document.ManagedPolicySize(id, after.Text()) == nil:
		return i.grantManaged(id, after) // less can be longer: folders in place of the whole bucket
	}
	return append(steps, i.remove(id, reason))
}

// delegates are the steps that narrow policies before anything else is done, and those to the final ones when all is
// done.
func (p *planner) delegates(othersFirst bool) (narrowed, final []Step, err error) {
	policies := p.delegatePolicies()
	less := p.lessDelegates()
	var all []error
	for _, id := range share.Identities(p.want.Delegates) {
		d := document.DelegatePolicy(p.want, id, p.keyARN, p.owner.mark())
		first, then, err := policies.change(id, d, p.lessPolicy(less, id), othersFirst)
		narrowed, final, all = append(narrowed, first...), append(final, then...), append(all, err)
	}
	return narrowed, final, errors.Join(all...)
}

// lessDelegates is the share with what its delegates had before and are to have.
func (p *planner) lessDelegates() share.Share {
	less := p.want
	less.Delegates, less.DirectUse = nil, false
	if p.previous != nil {
		less.Delegates = commonGrantees(p.want.Delegates, p.previous.Delegates)
		less.DirectUse = p.want.DirectUse && p.previous.DirectUse
	}
	return less
}

// lessPolicy is the policy of an identity in the narrowed share, nil for none, with the key as it is now.
func (p *planner) lessPolicy(less share.Share, id share.Identity) *policy.Document {
	key := p.keyInUse()
	if key == "" || !slices.Contains(share.Identities(less.Delegates), id) {
		return nil
	}
	d := document.DelegatePolicy(less, id, key, p.owner.mark())
	return &d
}

// former are identities that are no longer declared and may still have a policy.
func (p *planner) former() []share.Identity {
	all := p.now.Remembered.identities(p.want.Env)
	if p.previous != nil {
		all = append(all, share.Identities(p.previous.Delegates)...)
	}
	return without(all, share.Identities(p.want.Delegates))
}

// without are the identities of before that after does not have, each once.
func without(before, after []share.Identity) []share.Identity {
	return slices.DeleteFunc(share.Each(before), func(id share.Identity) bool { return slices.Contains(after, id) })
}
