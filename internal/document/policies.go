// Package document makes the documents of a share: key policy, bucket policy, and a policy for each delegate or
// grantee. They are pure functions of the declaration and the key's ARN: the same input gives the same bytes.
//
// Who is let in to what is found once (grants.go), and each document is then written from it (bucketpolicy.go,
// keypolicy.go, identitypolicy.go).
package document

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Policies are all the documents that follow from a share, or from an access to one.
type Policies struct {
	// Bucket and Key are what the share has in these policies.
	Bucket, Key Part
	// Identities are the policies of delegates or grantees, in the order in which they are declared.
	Identities []IdentityPolicy
}

// OfShare are the documents of a share with a key. The mark says whose the identities' policies are, "" for nobody's.
func OfShare(s share.Share, keyARN string, mark Mark) Policies {
	g := grantsOf(s)
	return Policies{Bucket: bucketPart(s, g, keyARN), Key: keyPart(s, g), Identities: ofDelegates(s, keyARN, mark)}
}

// OfAccess are the documents of an access, with the owner's key or "" as long as it is not known.
func OfAccess(a share.Access, keyARN string, mark Mark) Policies {
	return Policies{Identities: ofGrantees(a, keyARN, mark)}
}

// Of is the policy of an identity, without a statement for one that gets none.
func (p Policies) Of(id share.Identity) IdentityPolicy {
	for _, i := range p.Identities {
		if i.Identity == id {
			return i
		}
	}
	return IdentityPolicy{Identity: id}
}

// BucketPolicy is the policy of a bucket that the share makes.
func (p Policies) BucketPolicy() policy.Document {
	return policy.Document{Version: policy.Version, Statements: p.Bucket.Statements}
}

// KeyPolicy is the policy of a key that the share makes.
func (p Policies) KeyPolicy() policy.Document {
	statements := append([]policy.Statement{p.Key.administration}, p.Key.Statements...)
	return policy.Document{Version: policy.Version, Statements: statements}
}
