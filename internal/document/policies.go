// Package document makes the documents of a share: key policy, bucket policy, and a policy for each delegate or
// grantee. They are pure functions of the declaration and the key's ARN: the same input gives the same bytes.
//
// Who is let in to what is found once (consumers.go), and each document is then written from it (bucketpolicy.go,
// keypolicy.go, identitypolicy.go).
package document

import (
	"cmp"

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
	of := consumersOf(s)
	return Policies{Bucket: bucketPart(s, of, keyARN), Key: keyPart(s, of), Identities: ofDelegates(s, keyARN, mark)}
}

// OfAccess are the documents of an access, with the owner's key or "" as long as it is not known.
func OfAccess(a share.Access, keyARN string, mark Mark) Policies {
	return Policies{Identities: ofGrantees(a, keyARN, mark)}
}

// Stages are the documents on the way from one declaration to the next.
type Stages struct {
	// Narrowed are those of what both declarations allow: while something has to be repaired, nobody has more. Final are
	// those of the next one.
	Narrowed, Final Policies
}

// ToShare are the documents on the way to a share from the one before, nil for none. inUse is the key that is used so
// far, "" for none: then nobody has anything from before, which would name a key that is still to be made.
func ToShare(s share.Share, before *share.Share, keyARN, inUse string, mark Mark) Stages {
	both := s.Common(before)
	if inUse == "" {
		both.Delegates = nil
	}
	return Stages{Narrowed: OfShare(both, cmp.Or(inUse, keyARN), mark), Final: OfShare(s, keyARN, mark)}
}

// ToAccess is to an access what ToShare is to a share.
func ToAccess(a share.Access, before *share.Access, keyARN string, mark Mark) Stages {
	return Stages{Narrowed: OfAccess(a.Common(before), keyARN, mark), Final: OfAccess(a, keyARN, mark)}
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
