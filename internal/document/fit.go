package document

import (
	"cmp"
	"fmt"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

const identityRemedy = "use fewer prefixes, or a role in place of a user"

// Fit is where a document of an identity fits in: an inline policy beside its others, a managed one, or both.
type Fit struct {
	// Inline and Managed say how many bytes are over, nil where it fits.
	Inline, Managed error

	identity     share.Identity
	size, others int
}

// Fit measures the document, as IAM counts, for an identity that has others bytes of other inline policies.
func (p IdentityPolicy) Fit(others int) Fit {
	id, size := p.Identity, policy.CharactersIAMCounts(p.Document.Text())
	inline := policy.Limit{
		What: "inline policies of " + id.String() + " together", Bytes: id.Kind.InlineLimit(),
		Remedy: "leave PolicyType out or set it to Managed, " + identityRemedy,
	}
	managed := policy.Limit{
		What: "the managed policy of " + id.String(), Bytes: policy.ManagedPolicyLimit, Remedy: identityRemedy,
	}
	return Fit{
		identity: id, size: size, others: others, Inline: inline.Check(size + others), Managed: managed.Check(size),
	}
}

// Type is the type of policy that the document gets: the declared one, or for Auto the first that it fits into. An
// error says how many bytes are over.
func (f Fit) Type(declared string) (string, error) {
	switch cmp.Or(declared, share.PolicyAuto) {
	case share.PolicyInline:
		return share.PolicyInline, f.Inline
	case share.PolicyManaged:
		return share.PolicyManaged, f.Managed
	}
	switch {
	case f.Inline == nil:
		return share.PolicyInline, nil
	case f.Managed == nil:
		return share.PolicyManaged, nil
	}
	together, limit := f.size+f.others, f.identity.Kind.InlineLimit()
	return "", fmt.Errorf("the policy of %s fits neither way: inline policies together have %d bytes, %d over the limit "+
		"of %d, and a managed policy has %d bytes, %d over the limit of %d; %s", f.identity, together, together-limit,
		limit, f.size, f.size-policy.ManagedPolicyLimit, policy.ManagedPolicyLimit, identityRemedy)
}
