package document

import (
	"maps"
	"reflect"
	"slices"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// DelegatePolicy is the document for one delegate in the owner account. There the key policy leaves everything to IAM,
// so this document says itself that the key is used through S3 only. It need not name the bucket's encryption context
// as the key policy does: through S3, the statements on the bucket decide, and IAM leaves a user little space.
func DelegatePolicy(s share.Share, id share.Identity, keyARN string, mark Mark) policy.Document {
	var condition policy.Condition
	if !s.DirectUse {
		condition = throughS3(s.Env)
	}
	key := inlineKey{arn: keyARN, use: condition}
	return inlinePolicy(scopesOf(s.Delegates, id), s.Env.Account, s.Env.BucketARN(s.Bucket), key, mark)
}

// GranteePolicy is the document for one grantee in an account that consumes. The key policy on the owner's side limits
// it to what the share allows; whether that includes direct use of the key is not known here, so this document repeats
// no such condition.
//
// Without a key ARN (the owner's side is not deployed yet) the document names the key by its alias, so that it works
// from the moment the owner has made the alias. KMS takes up to five minutes to see a new alias in authorization.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
func GranteePolicy(a share.Access, id share.Identity, keyARN string, mark Mark) policy.Document {
	key := inlineKey{arn: keyARN}
	if keyARN == "" {
		key.arn = a.Env.ARN("kms", a.Env.Region, a.Owner, "key/*")
		key.use = policy.Condition{"ForAnyValue:StringEquals": {"kms:ResourceAliases": {a.Alias}}}
		key.describe = key.use
	}
	return inlinePolicy(scopesOf(a.Grantees, id), a.Owner, a.Env.BucketARN(a.Bucket), key, mark)
}

// inlineKey is the key in an inline policy, with what using and describing it ask for besides whose it is.
type inlineKey struct {
	arn           string
	use, describe policy.Condition
}

// inlinePolicy puts the statements of all scopes together. IAM leaves a user 2,048 characters, so what has the same
// condition shares a statement, bucket and key: an action works on those of its resources that are of its kind. The
// first statement says whose the document is.
//
// A bucket's ARN does not say whose it is. Without the condition on the owner's account, whoever names a bucket of the
// identity's own account would open it, and so would whoever makes a bucket of the name when the shared one is gone. S3
// and KMS both know aws:ResourceAccount.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
func inlinePolicy(scopes []share.Scope, owner, bucketARN string, key inlineKey, mark Mark) policy.Document {
	var statements []policy.Statement
	strongest := share.Read
	for _, scope := range scopes {
		statements = append(statements, objectStatement(scope, sid(string(scope.Level)), bucketARN))
		if scope.Level.Writes() {
			strongest = share.Write
		}
	}
	statements = append(statements, listing(scopes, bucketARN)...)
	for i := range statements {
		statements[i].Condition = with(statements[i].Condition, ownedBy(owner))
	}
	if len(statements) > 0 {
		statements = withKey(statements, key, strongest)
		statements[0].Sid += mark.suffix()
	}
	return policy.Document{Version: policy.Version, Statements: statements}
}

// withKey adds what is about the key: to the first statement, or to one of its own when it has conditions of its own.
func withKey(statements []policy.Statement, key inlineKey, level share.Level) []policy.Statement {
	add := func(name string, actions []string, c policy.Condition) {
		if c == nil {
			first := &statements[0]
			first.Action = policy.Sorted(append(first.Action, actions...))
			first.Resource = policy.Sorted(append(first.Resource, key.arn))
			return
		}
		statements = append(statements, policy.Statement{
			Sid: sid(name), Effect: policy.Allow,
			Action: policy.Sorted(actions), Resource: policy.Values{key.arn}, Condition: c,
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

// listing are the statements that let list below prefixes, those of all scopes together; none when a scope lists the
// whole bucket.
func listing(scopes []share.Scope, bucketARN string) []policy.Statement {
	all := share.Scope{Level: share.Read}
	for _, scope := range scopes {
		switch {
		case !scope.Level.Reads():
		case len(scope.Prefixes) == 0:
			return nil
		default:
			all.Prefixes = append(all.Prefixes, scope.Prefixes...)
		}
	}
	if len(all.Prefixes) == 0 {
		return nil
	}
	return listStatements(all, "", bucketARN)
}

// scopesOf are the scopes of an identity, one for each level: prefixes at the same level are one scope.
func scopesOf(grantees []share.Grantee, id share.Identity) []share.Scope {
	of := map[share.Level]share.Scope{}
	for _, g := range grantees {
		if g.Identity != id {
			continue
		}
		scope, there := of[g.Scope.Level]
		switch {
		case !there:
			scope = g.Scope
		case len(scope.Prefixes) == 0 || len(g.Scope.Prefixes) == 0:
			scope.Prefixes = nil
		default:
			scope.Prefixes = policy.Sorted(slices.Concat(scope.Prefixes, g.Scope.Prefixes))
		}
		of[g.Scope.Level] = scope
	}
	return slices.SortedFunc(maps.Values(of), share.CompareScopes)
}

// ownedBy is the condition under which a bucket or key belongs to an account.
func ownedBy(account string) policy.Condition {
	return policy.Condition{"StringEquals": {"aws:ResourceAccount": {account}}}
}
