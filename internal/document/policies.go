package document

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Policies are all the documents that follow from a share, or from an access to one.
type Policies struct {
	// Bucket and Key are the share's own statements in these policies.
	Bucket, Key []policy.Statement
	// Identities are the policies of delegates or grantees, in the order in which they are declared.
	Identities []IdentityPolicy

	administration policy.Statement
}

// IdentityPolicy is the document for one user, role or group.
type IdentityPolicy struct {
	Identity share.Identity
	Document policy.Document
}

// OfShare are the documents of a share with a key. The mark says whose the identities' policies are, "" for nobody's.
func OfShare(s share.Share, keyARN string, mark Mark) Policies {
	p := Policies{Bucket: BucketStatements(s, keyARN), Key: KeyStatements(s), administration: Administration(s)}
	for _, id := range share.Identities(s.Delegates) {
		p.Identities = append(p.Identities, IdentityPolicy{id, DelegatePolicy(s, id, keyARN, mark)})
	}
	return p
}

// OfAccess are the documents of an access, with the owner's key or "" as long as it is not known.
func OfAccess(a share.Access, keyARN string, mark Mark) Policies {
	var p Policies
	for _, id := range share.Identities(a.Grantees) {
		p.Identities = append(p.Identities, IdentityPolicy{id, GranteePolicy(a, id, keyARN, mark)})
	}
	return p
}

// Of is the policy of an identity as AWS will have it, no document for one that gets none.
func (p Policies) Of(id share.Identity) policy.Stored {
	for _, i := range p.Identities {
		if i.Identity == id {
			return i.Document.Stored()
		}
	}
	return policy.Stored{}
}

// BucketPolicy is the policy of a bucket that the share makes.
func (p Policies) BucketPolicy() policy.Document {
	return policy.Document{Version: policy.Version, Statements: p.Bucket}
}

// KeyPolicy is the policy of a key that the share makes.
func (p Policies) KeyPolicy() policy.Document {
	statements := append([]policy.Statement{p.administration}, p.Key...)
	return policy.Document{Version: policy.Version, Statements: statements}
}
