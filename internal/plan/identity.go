package plan

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// IdentityState is a user, role or group as far as its policies matter.
type IdentityState struct {
	Exists bool
	// Policy is the document under the policy name of the share or access.
	Policy policy.Stored
	// Others are all its other inline policies, by name.
	Others map[string]string
	// Managed is the managed policy that is made for it in place of the inline one, nil for none.
	Managed *ManagedPolicy
}

// otherCharacters is the size of all its other inline policies, as IAM counts.
func (s IdentityState) otherCharacters() int {
	n := 0
	for _, text := range s.Others {
		n += policy.CharactersIAMCounts(text)
	}
	return n
}

// ManagedPolicy is the managed policy that was made for one identity, by the name that it has for that.
type ManagedPolicy struct {
	Policy  policy.Stored // the default version
	Version string        // its id
	Older   []string      // ids of the other versions
	Tags    map[string]string
	// Attached says whether the identity has it; AttachedTo is who else does, which nobody declared.
	Attached   bool
	AttachedTo []share.Identity
}

// Quotas are those of IAM that a new managed policy meets, with what there is already.
type Quotas struct {
	Policies, PoliciesLimit int                    // customer managed policies of the account
	Attached                map[share.Identity]int // managed policies on each identity that is to get one more
	AttachedLimit           map[share.IdentityKind]int
}

// versionsLimit is how many versions a managed policy has at most; the quota cannot be raised.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const versionsLimit = 5

// document is that of the policy, none where there is none.
func (m *ManagedPolicy) document() policy.Stored {
	if m == nil {
		return policy.Stored{}
	}
	return m.Policy
}

// full says whether IAM takes another version only when one is deleted.
func (m *ManagedPolicy) full() bool { return len(m.Older)+1 >= versionsLimit }
