package plan

import (
	"errors"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// checkIdentities finds identities that do not exist, and inline policies of somebody else under our name.
func checkIdentities(grantees []share.Grantee, now map[share.Identity]IdentityState, policyName string, bucketARNs ...string) error {
	var all []error
	for _, id := range share.Identities(grantees) {
		state := now[id]
		if !state.Exists {
			all = append(all, conflict(id.String(), "create it first, or take it out of the declaration", "does not exist in this account"))
			continue
		}
		ours := func(arn string) bool { return document.OursInline(state.Policy, arn) }
		if state.Policy != "" && !slices.ContainsFunc(bucketARNs, ours) {
			all = append(all, conflict(id.String(), "delete or rename that policy first",
				"has an inline policy %s that was not made for this bucket here", policyName))
		}
	}
	return errors.Join(all...)
}

// planInline are the inline policies to write, all in one round.
func planInline(grantees []share.Grantee, policyName string, now map[share.Identity]IdentityState, text func(share.Identity) string) ([]Step, error) {
	var steps []Step
	var all []error
	for _, id := range share.Identities(grantees) {
		before, after := now[id].Policy, text(id)
		if same, err := policy.Equal(before, after); err == nil && same {
			continue
		}
		if err := document.InlinePolicySize(id, after, now[id].OtherCharacters); err != nil {
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

func (p *planner) inlineText(id share.Identity) string {
	return document.DelegatePolicy(p.want, id, p.keyARN).Text()
}

// revokeInline takes the inline policy from delegates that are no longer declared.
func (p *planner) revokeInline() []Step {
	if p.previous == nil {
		return nil
	}
	left := withoutGrants(p.previous.Delegates, p.want.Delegates)
	return revokeInline(left, p.want.PolicyName(), p.now.Identities, p.want.Env.BucketARN(p.want.Bucket))
}

// revokeInline deletes inline policies that were made here for the bucket.
func revokeInline(left []share.Identity, policyName string, now map[share.Identity]IdentityState, bucketARN string) []Step {
	var steps []Step
	for _, id := range left {
		if text := now[id].Policy; document.OursInline(text, bucketARN) {
			steps = append(steps, Step{
				Round: 1, Operation: DeleteInlinePolicy, Resource: id.String(), Identity: id, PolicyName: policyName,
				Before: text, Reason: "it is no longer declared",
			})
		}
	}
	return steps
}

// withoutGrants are the identities of before that after does not have.
func withoutGrants(before, after []share.Grantee) []share.Identity {
	stay := share.Identities(after)
	return slices.DeleteFunc(share.Identities(before), func(id share.Identity) bool { return slices.Contains(stay, id) })
}
