package document

import (
	"reflect"
	"slices"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// IdentityPolicy is the document for one user, role or group.
type IdentityPolicy struct {
	Identity share.Identity
	Document policy.Document
}

// ofDelegates are the documents for delegates in the owner account. There the key policy leaves everything to IAM, so
// they say themselves that the key is used through S3 only. They need not name the bucket's encryption context as the
// key policy does: through S3, the statements on the bucket decide, and IAM leaves a user little space.
func ofDelegates(s share.Share, keyARN string, mark Mark) []IdentityPolicy {
	key := identityKey{arn: keyARN}
	if !s.DirectUse {
		key.use = throughS3(s.Env)
	}
	return ofIdentities(s.Delegates, s.Env.Account, s.Env.BucketARN(s.Bucket), key, mark)
}

// ofGrantees are the documents for grantees in an account that consumes. The key policy on the owner's side limits them
// to what the share allows; whether that includes direct use of the key is not known here, so they repeat no such
// condition.
//
// Without a key ARN (the owner's side is not deployed yet) the documents name the key by its alias, so that they work
// from the moment the owner has made the alias. KMS takes up to five minutes to see a new alias in authorization.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
func ofGrantees(a share.Access, keyARN string, mark Mark) []IdentityPolicy {
	key := identityKey{arn: keyARN}
	if keyARN == "" {
		key.arn = a.Env.ARN("kms", a.Env.Region, a.Owner, "key/*")
		key.use = policy.Condition{"ForAnyValue:StringEquals": {"kms:ResourceAliases": {a.Alias}}}
		key.describe = key.use
	}
	return ofIdentities(a.Grantees, a.Owner, a.Env.BucketARN(a.Bucket), key, mark)
}

// identityKey is the key in an identity's policy, with what using and describing it ask for besides whose it is.
type identityKey struct {
	arn           string
	use, describe policy.Condition
}

// ofIdentities are the documents of sorted grantees, one for each identity.
func ofIdentities(
	grantees []share.Grantee, owner, bucketARN string, key identityKey, mark Mark,
) []IdentityPolicy {
	var all []IdentityPolicy
	for len(grantees) > 0 {
		id, n := grantees[0].Identity, 1
		for n < len(grantees) && grantees[n].Identity == id {
			n++
		}
		scopes := scopesOf(grantees[:n])
		all = append(all, IdentityPolicy{id, identityPolicy(scopes, owner, bucketARN, key, mark)})
		grantees = grantees[n:]
	}
	return all
}

// identityPolicy puts the statements of all scopes together. IAM leaves a user 2,048 characters, so what has the same
// condition shares a statement, bucket and key: an action works on those of its resources that are of its kind. The
// first statement says whose the document is.
//
// A bucket's ARN does not say whose it is. Without the condition on the owner's account, whoever names a bucket of the
// identity's own account would open it, and so would whoever makes a bucket of the name when the shared one is gone. S3
// and KMS both know aws:ResourceAccount.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
func identityPolicy(scopes []share.Scope, owner, bucketARN string, key identityKey, mark Mark) policy.Document {
	like := policy.Statement{Effect: policy.Allow, Condition: ownedBy(owner)}
	var statements []policy.Statement
	strongest, listed := share.Read, folders(listedBy(scopes))
	for _, scope := range scopes {
		like.Sid = sid(string(scope.Level))
		within, actions := folders(scope), scope.Actions()
		statements = append(statements, objectStatement(like, actions, within, bucketARN))
		if scope.Level.Writes() {
			strongest = share.Write
		}
	}
	if len(listed) > 0 {
		statements = append(statements, listStatements(like, listed, "", bucketARN)...)
	}
	statements = withKey(statements, key, strongest)
	statements[0].Sid += mark.suffix()
	return policy.Document{Version: policy.Version, Statements: statements}
}

// withKey adds what is about the key: to the first statement, or to one of its own when it has conditions of its own.
func withKey(statements []policy.Statement, key identityKey, level share.Level) []policy.Statement {
	add := func(name string, actions []string, c policy.Condition) {
		if c == nil {
			first := &statements[0]
			first.Action, first.Resource = append(first.Action, actions...), append(first.Resource, key.arn)
			slices.Sort(first.Action)
			slices.Sort(first.Resource)
			return
		}
		slices.Sort(actions)
		statements = append(statements, policy.Statement{
			Sid: sid(name), Effect: policy.Allow,
			Action: actions, Resource: policy.Values{key.arn}, Condition: c,
		})
	}
	if reflect.DeepEqual(key.use, key.describe) {
		add("Key", append(level.KeyActions(), share.DescribeKey), key.use)
		return statements
	}
	add("Key", level.KeyActions(), key.use)
	add("DescribeKey", []string{share.DescribeKey}, key.describe)
	return statements
}

// listedBy is the scope of all prefixes below which scopes list, without any when one of them lists the whole bucket.
func listedBy(scopes []share.Scope) share.Scope {
	var below share.Scope
	for _, scope := range scopes {
		switch {
		case !scope.Level.Lists():
		case len(scope.Prefixes) == 0:
			return share.Scope{}
		default:
			below.Prefixes = append(below.Prefixes, scope.Prefixes...)
		}
	}
	return below
}

// scopesOf are the scopes of an identity, one for each level: prefixes at the same level are one scope.
func scopesOf(grantees []share.Grantee) []share.Scope {
	var all []share.Scope
	for _, g := range grantees { // sorted by level
		if last := len(all) - 1; last >= 0 && all[last].Level == g.Scope.Level {
			all[last] = all[last].Union(g.Scope)
		} else {
			all = append(all, g.Scope)
		}
	}
	return all
}
