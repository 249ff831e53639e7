package share

import (
	"errors"
	"slices"

	"example.com/sharedbucket/policy"
)

// checkIdentities finds identities that do not exist, and inline policies of somebody else under our name.
func checkIdentities(grants []Grant, now map[Identity]IdentityState, policyName string, bucketARNs ...string) error {
	var all []error
	for _, id := range Identities(grants) {
		state := now[id]
		if !state.Exists {
			all = append(all, conflict(id.String(), "create it first, or take it out of the declaration", "does not exist in this account"))
			continue
		}
		ours := func(arn string) bool { return OursInline(state.Policy, arn) }
		if state.Policy != "" && !slices.ContainsFunc(bucketARNs, ours) {
			all = append(all, conflict(id.String(), "delete or rename that policy first",
				"has an inline policy %s that was not made for this bucket here", policyName))
		}
	}
	return errors.Join(all...)
}

// planInline are the inline policies to write, all in one round.
func planInline(grants []Grant, policyName string, now map[Identity]IdentityState, text func(Identity) string) ([]Step, error) {
	var steps []Step
	var all []error
	for _, id := range Identities(grants) {
		before, after := now[id].Policy, text(id)
		if same, err := policy.Equal(before, after); err == nil && same {
			continue
		}
		if err := inlineSize(id, after, now[id].OtherCharacters); err != nil {
			all = append(all, err)
			continue
		}
		steps = append(steps, Step{
			Round: 1, Operation: PutInlinePolicy, Resource: id.String(), Identity: id, PolicyName: policyName,
			Before: before, After: after, Reason: "its access differs",
		})
	}
	return steps, errors.Join(all...)
}

func (p *planner) inlineText(id Identity) string { return p.want.InlinePolicy(id, p.keyARN).Text() }

// revokeInline takes the inline policy from delegates that are no longer declared.
func (p *planner) revokeInline() []Step {
	if p.previous == nil {
		return nil
	}
	left := withoutGrants(p.previous.Delegates, p.want.Delegates)
	return revokeInline(left, p.want.PolicyName(), p.now.Identities, p.want.Env.BucketARN(p.want.Bucket))
}

// revokeInline deletes inline policies that were made here for the bucket.
func revokeInline(left []Identity, policyName string, now map[Identity]IdentityState, bucketARN string) []Step {
	var steps []Step
	for _, id := range left {
		if document := now[id].Policy; OursInline(document, bucketARN) {
			steps = append(steps, Step{
				Round: 1, Operation: DeleteInlinePolicy, Resource: id.String(), Identity: id, PolicyName: policyName,
				Before: document, Reason: "it is no longer declared",
			})
		}
	}
	return steps
}

// withoutGrants are the identities of before that after does not have.
func withoutGrants(before, after []Grant) []Identity {
	stay := Identities(after)
	return slices.DeleteFunc(Identities(before), func(id Identity) bool { return slices.Contains(stay, id) })
}
