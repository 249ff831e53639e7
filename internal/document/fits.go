package document

import (
	"cmp"
	"fmt"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

const identityRemedy = "use fewer prefixes, or a role in place of a user"

// InlinePolicySize checks an inline policy together with others bytes of the identity's other inline policies.
func InlinePolicySize(id share.Identity, document string, others int) error {
	return tooLarge("inline policies of "+id.String()+" together", policy.CharactersIAMCounts(document)+others,
		id.Kind.InlineLimit(), "leave PolicyType out or set it to Managed, "+identityRemedy)
}

// ManagedPolicySize checks the managed policy of an identity, which does not count among its inline ones.
func ManagedPolicySize(id share.Identity, document string) error {
	return tooLarge("the managed policy of "+id.String(), policy.CharactersIAMCounts(document),
		policy.ManagedPolicyLimit, identityRemedy)
}

// PolicyType is the type of policy that a document of an identity gets, with others bytes of its other inline policies:
// the declared one, or for Auto the first that it fits into. An error says how many bytes are over.
func PolicyType(declared string, id share.Identity, document string, others int) (string, error) {
	inline, managed := InlinePolicySize(id, document, others), ManagedPolicySize(id, document)
	switch cmp.Or(declared, share.PolicyAuto) {
	case share.PolicyInline:
		return share.PolicyInline, inline
	case share.PolicyManaged:
		return share.PolicyManaged, managed
	}
	switch {
	case inline == nil:
		return share.PolicyInline, nil
	case managed == nil:
		return share.PolicyManaged, nil
	}
	size := policy.CharactersIAMCounts(document)
	return "", fmt.Errorf("the policy of %s fits neither way: inline policies together have %d bytes, %d over the limit "+
		"of %d, and a managed policy has %d bytes, %d over the limit of %d; %s", id, size+others,
		size+others-id.Kind.InlineLimit(), id.Kind.InlineLimit(), size, size-policy.ManagedPolicyLimit,
		policy.ManagedPolicyLimit, identityRemedy)
}

// tooLarge returns a nil error, not a nil *policy.SizeError in one, for what fits.
func tooLarge(what string, size, limit int, remedy string) error {
	if size <= limit {
		return nil
	}
	return &policy.SizeError{What: what, Size: size, Limit: limit, Remedy: remedy}
}
