package plan

import (
	"errors"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// inlinePolicies are the inline policies of one name that one owner writes.
type inlinePolicies struct {
	name    string
	mark    document.Mark
	buckets []string // ARNs of the buckets that they may be for: during a change there are two
	now     map[share.Identity]IdentityState
}

func (p *planner) delegatePolicies() inlinePolicies {
	return inlinePolicies{
		name: p.want.PolicyName(), mark: p.owner.mark(), buckets: []string{p.want.Env.BucketARN(p.want.Bucket)},
		now: p.now.Identities,
	}
}

// owner is the mark of the policy that an identity has under our name, and whether this project wrote it for one of the
// buckets.
func (i inlinePolicies) owner(id share.Identity) (mark document.Mark, written bool) {
	for _, arn := range i.buckets {
		if mark, written = document.InlineOwner(i.now[id].Policy, arn); written {
			return mark, true
		}
	}
	return "", false
}

func (i inlinePolicies) ours(id share.Identity) bool {
	mark, written := i.owner(id)
	return written && mark == i.mark
}

// check finds identities that do not exist, and inline policies of somebody else under our name.
func (i inlinePolicies) check(grantees []share.Grantee) error {
	var all []error
	for _, id := range share.Identities(grantees) {
		state := i.now[id]
		if !state.Exists {
			all = append(all, conflict(id.String(), "create it first, or take it out of the declaration",
				"does not exist in this account"))
			continue
		}
		if state.Policy.Text() == "" || i.ours(id) {
			continue
		}
		if _, written := i.owner(id); written {
			all = append(all, conflict(id.String(), "let one resource name it, or give one of them another PolicyName",
				"has an inline policy %s of another SharedBucket resource for this bucket", i.name))
			continue
		}
		all = append(all, conflict(id.String(), "delete or rename that policy first",
			"has an inline policy %s that was not made for this bucket here", i.name))
	}
	return errors.Join(all...)
}

// put is the step that writes an identity's inline policy.
func (i inlinePolicies) put(id share.Identity, before, after policy.Stored, reason string) Step {
	return Step{
		Round: 1, Operation: PutInlinePolicy, Resource: id.String(), Identity: id, PolicyName: i.name,
		Before: before.Text(), After: after.Text(), Reason: reason,
	}
}

// remove is the step that deletes an identity's inline policy.
func (i inlinePolicies) remove(id share.Identity, reason string) Step {
	return Step{
		Round: 1, Operation: DeleteInlinePolicy, Resource: id.String(), Identity: id, PolicyName: i.name,
		Before: i.now[id].Policy.Text(), Reason: reason,
	}
}

// revoke deletes those of our inline policies that the identities still have.
func (i inlinePolicies) revoke(left []share.Identity) []Step {
	var steps []Step
	for _, id := range left {
		if i.ours(id) {
			steps = append(steps, i.remove(id, "it is no longer declared"))
		}
	}
	return steps
}

// left are those of the identities that still have one of our inline policies, as they are remembered.
func (i inlinePolicies) left(ids []share.Identity) []string {
	var names []string
	for _, id := range ids {
		if i.ours(id) {
			names = append(names, id.String())
		}
	}
	return names
}

// grant is the policy of one identity and a step to it, none when it is there already.
func (i inlinePolicies) grant(id share.Identity, d policy.Document) ([]Step, error) {
	before, after := i.now[id].Policy, stored(d)
	if before.Equal(after) {
		return nil, nil
	}
	if err := document.InlinePolicySize(id, after.Text(), i.now[id].otherCharacters()); err != nil {
		return nil, err
	}
	return []Step{i.put(id, before, after, "its access differs")}, nil
}

// narrow is the step to a policy that gives no more than it gave and than it is to give, when other steps come before
// the final policy. A nil document is nothing at all.
func (i inlinePolicies) narrow(id share.Identity, less *policy.Document) []Step {
	const reason = "what it lost must not wait for other steps"
	before := i.now[id].Policy
	if before.Text() == "" {
		return nil
	}
	if less == nil || document.InlinePolicySize(id, less.Text(), i.now[id].otherCharacters()) != nil {
		return []Step{i.remove(id, reason)}
	}
	after := stored(*less)
	if before.Equal(after) {
		return nil
	}
	return []Step{i.put(id, before, after, reason)}
}

// stored is a document as AWS will have it.
func stored(d policy.Document) policy.Stored {
	return policy.Stored{}.Merged(d.Statements, func(string) bool { return false })
}

// delegates are the steps that narrow inline policies before anything else is done, and those that write the final
// ones when all is done.
func (p *planner) delegates(othersFirst bool) (narrowed, final []Step, err error) {
	inline := p.delegatePolicies()
	less := p.lessDelegates()
	var all []error
	for _, id := range share.Identities(p.want.Delegates) {
		steps, err := inline.grant(id, document.DelegatePolicy(p.want, id, p.keyARN, p.owner.mark()))
		if err != nil || len(steps) == 0 {
			all = append(all, err)
			continue
		}
		if othersFirst {
			first := inline.narrow(id, p.lessPolicy(less, id))
			narrowed = append(narrowed, first...)
			if len(first) > 0 && first[0].After == steps[0].After {
				continue // to narrow it was all there was to do
			}
		}
		final = append(final, steps...)
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

// lessPolicy is the inline policy of an identity in the narrowed share, nil for none, with the key as it is now.
func (p *planner) lessPolicy(less share.Share, id share.Identity) *policy.Document {
	key := p.keyInUse()
	if key == "" || !slices.Contains(share.Identities(less.Delegates), id) {
		return nil
	}
	d := document.DelegatePolicy(less, id, key, p.owner.mark())
	return &d
}

// former are identities that are no longer declared and may still have the inline policy.
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
