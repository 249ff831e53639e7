package document

import (
	"reflect"

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
	d := inlinePolicy(scopesOf(s.Delegates, id), s.Env.Account, s.Env.BucketARN(s.Bucket), keyARN, condition, nil)
	return mark.marked(d)
}

// GranteePolicy is the document for one grantee in an account that consumes. The key policy on the owner's side limits
// it to what the share allows; whether that includes direct use of the key is not known here, so this document repeats
// no such condition.
//
// Without a key ARN (the owner's side is not deployed yet) the document names the key by its alias, so that it works
// from the moment the owner has made the alias. KMS takes up to five minutes to see a new alias in authorization.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
func GranteePolicy(a share.Access, id share.Identity, keyARN string, mark Mark) policy.Document {
	var condition policy.Condition
	if keyARN == "" {
		keyARN = a.Env.ARN("kms", a.Env.Region, a.Owner, "key/*")
		condition = policy.Condition{"ForAnyValue:StringEquals": {"kms:ResourceAliases": {a.Alias}}}
	}
	d := inlinePolicy(scopesOf(a.Grantees, id), a.Owner, a.Env.BucketARN(a.Bucket), keyARN, condition, condition)
	return mark.marked(d)
}

// inlinePolicy puts the statements of all scopes together. The conditions are those of using and of describing the key.
//
// A bucket's ARN does not say whose it is. Without the condition on the owner's account, whoever names a bucket of the
// identity's own account would open it, and so would whoever makes a bucket of the name when the shared one is gone.
func inlinePolicy(
	scopes []share.Scope, owner, bucketARN, keyARN string, use, describe policy.Condition,
) policy.Document {
	d := policy.Document{Version: policy.Version}
	strongest := share.Read
	for _, scope := range scopes {
		for _, statement := range s3Statements(scope, bucketARN) {
			statement.Condition = with(statement.Condition, ownedBy(owner))
			d.Statements = append(d.Statements, statement)
		}
		if scope.Level.Writes() {
			strongest = share.Write
		}
	}
	key := func(sid string, actions []string, c policy.Condition) {
		d.Statements = append(d.Statements, policy.Statement{
			Sid: sid, Effect: policy.Allow,
			Action: policy.Sorted(actions), Resource: policy.Values{keyARN}, Condition: c,
		})
	}
	if reflect.DeepEqual(use, describe) {
		key(keyStatement, append(strongest.KeyActions(), share.DescribeKey), use)
		return d
	}
	key(keyStatement, strongest.KeyActions(), use)
	key(sid("DescribeKey"), []string{share.DescribeKey}, describe)
	return d
}

func scopesOf(grantees []share.Grantee, id share.Identity) []share.Scope {
	var scopes []share.Scope
	for _, g := range grantees {
		if g.Identity == id {
			scopes = append(scopes, g.Scope)
		}
	}
	return scopes
}

// ownedBy is the condition under which a bucket belongs to an account.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
func ownedBy(account string) policy.Condition {
	return policy.Condition{"StringEquals": {"s3:ResourceAccount": {account}}}
}
