package document

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// AdministrationSid is the statement that keeps a key manageable. It has no share in its name: several shares may use
// one existing key, and it stays when they go.
var AdministrationSid = sid("Administration")

// Administration lets the owner account's IAM policies manage and use the key. Without it nobody could change the key
// policy again, and IAM policies would count for nothing.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func Administration(s share.Share) policy.Statement {
	return policy.Statement{
		Sid: AdministrationSid, Effect: policy.Allow,
		Principal: &policy.Principal{AWS: policy.Values{s.Env.RootARN(s.Env.Account)}},
		Action:    policy.Values{"kms:*"}, Resource: policy.Values{"*"},
	}
}

// KeyStatements are the share's statements of the key policy, without Administration: who may use the key, through S3
// and for this bucket unless DirectUse, for the canary too, and who may look at it.
//
// With the bucket key on, the encryption context is the bucket for every object, so the key policy cannot tell prefixes
// apart; the bucket policy does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
func KeyStatements(s share.Share) []policy.Statement {
	var statements []policy.Statement
	for _, g := range keyGroups(s) {
		who := partyOf(s, g.kind, g.consumers)
		c := who.condition
		if !s.DirectUse {
			c = with(c, throughBucket(s.Env, s.Env.BucketARN(s.Bucket)))
		}
		statements = append(statements, policy.Statement{
			Sid: keySid(s, "Use", string(g.scope.Level), string(g.kind)), Effect: policy.Allow,
			Principal: &who.principal, Action: policy.Sorted(g.scope.Level.KeyActions()), Resource: policy.Values{"*"},
			Condition: c,
		})
	}
	return slices.Concat(statements, canaryKeyStatements(s), describeStatements(s))
}

// keyGroups are the consumers by kind and by what KMS can tell apart, reading and writing. Who writes anywhere needs
// the reader's statement no more.
func keyGroups(s share.Share) []group {
	coarse := func(scope share.Scope) share.Scope {
		if scope.Level.Writes() {
			return share.Scope{Level: share.Write}
		}
		return share.Scope{Level: share.Read}
	}
	writes := map[share.ConsumerID]bool{}
	for _, c := range s.Consumers {
		writes[c.ID] = writes[c.ID] || c.Scope.Level.Writes()
	}
	var groups []group
	for _, g := range groupsOf(s, coarse) {
		var need []share.ConsumerID
		for _, o := range g.consumers {
			if g.scope.Level == share.Write || !writes[o] {
				need = append(need, o)
			}
		}
		if g.consumers = need; len(need) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// describeStatements let consumers look at the key. DescribeKey carries no encryption context and is called directly,
// so it cannot stand under the conditions of the other actions. For principals and permission sets the whole account
// may look, not only the role named: the provider there finds the key by its alias. DescribeKey shows metadata only,
// and an identity policy in that account is needed as well.
func describeStatements(s share.Share) []policy.Statement {
	var statements []policy.Statement
	for _, g := range wholes(s) {
		who := partyOf(s, g.kind, g.consumers)
		statements = append(statements, policy.Statement{
			Sid: keySid(s, "Describe", string(g.kind)), Effect: policy.Allow,
			Principal: &who.principal, Action: policy.Values{share.DescribeKey}, Resource: policy.Values{"*"},
			Condition: who.condition,
		})
	}
	return statements
}

// KeySidPrefix begins the Sid of every statement of a key policy that belongs to this share.
func KeySidPrefix(s share.Share) string { return keySid(s) }

// OursInKeyPolicy recognises the statements of a key policy that belong to this share.
func OursInKeyPolicy(s share.Share) func(sid string) bool {
	prefix := KeySidPrefix(s)
	return func(sid string) bool { return strings.HasPrefix(sid, prefix) }
}

// KeyPolicy is the change of a key policy to one with statements as the share's. On a key that the share made,
// Administration is added where current does not say the same already; it is never taken away. Any other key is
// administered as its owner wishes: KMS itself refuses a key policy that its writer could not change again.
func KeyPolicy(s share.Share, current policy.Stored, statements []policy.Statement, ownKey bool) policy.Change {
	ours := statements
	if ownKey && !current.Contains(Administration(s)) {
		ours = append([]policy.Statement{Administration(s)}, statements...)
	}
	return current.Change(ours, OursInKeyPolicy(s))
}

// ServesOtherShares says whether a key policy has statements of other shares.
func ServesOtherShares(s share.Share, keyPolicy policy.Stored) bool {
	ours := OursInKeyPolicy(s)
	return keyPolicy.Any(func(sid string) bool {
		return strings.HasPrefix(sid, SidPrefix) && sid != AdministrationSid && !ours(sid)
	})
}
