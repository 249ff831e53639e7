package document

import (
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// administrationSid is the statement that keeps a key manageable. It has no share in its name: several shares may use
// one existing key, and it stays when they go.
var administrationSid = sid("Administration")

// administration lets the owner account's IAM policies manage and use the key. Without it nobody could change the key
// policy again, and IAM policies would count for nothing.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func administration(e share.Env) policy.Statement {
	return policy.Statement{
		Sid: administrationSid, Effect: policy.Allow,
		Principal: &policy.Principal{AWS: policy.Values{e.RootARN(e.Account)}},
		Action:    policy.Values{"kms:*"}, Resource: policy.Values{"*"},
	}
}

// OfNewKey is the policy with which a share makes its key: for its own account only, consumers come later.
func OfNewKey(e share.Env) policy.Stored {
	return policy.Document{
		Version: policy.Version, Statements: []policy.Statement{administration(e)},
	}.Stored()
}

// InKeyPolicy is what a share has in the policy of a key while it lets nobody use it. The Sids hold a digest of the
// bucket's name, because an existing key may serve several shares, each of which must recognise its own statements.
func InKeyPolicy(bucket string) Part {
	return Part{SidPrefix: sid(digest(bucket)), limit: policy.Limit{
		What: "the key policy", Bytes: policy.KeyPolicyLimit, Remedy: groupRemedy,
	}}
}

// keyPart is what the share has in the key policy: who may use the key, through S3 and for this bucket unless
// DirectUse, for the canary too, and who may look at it.
//
// With the bucket key on, the encryption context is the bucket for every object, so the key policy cannot tell prefixes
// apart; the bucket policy does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
//
// DescribeKey carries no encryption context and is called directly, so it cannot stand under the conditions of the
// other actions. For principals and permission sets the whole account may look, not only the role named: the provider
// there finds the key by its alias. DescribeKey shows metadata only, and an identity policy in that account is needed
// as well.
func keyPart(s share.Share, of consumers) Part {
	part, key := InKeyPolicy(s.Bucket), policy.Values{"*"}
	bound := throughBucket(s.Env, s.Env.BucketARN(s.Bucket))
	canary, use := with(bound, providersOnly(s.Env)), bound
	if s.DirectUse {
		use = nil
	}
	for _, to := range of.keys {
		name := part.SidPrefix + "Use" + string(to.scope.Level)
		part.Statements = append(part.Statements, to.statement(name, to.scope.Level.KeyActions(), key, use))
	}
	for _, to := range of.canaryKey {
		part.Statements = append(part.Statements, to.statement(part.SidPrefix+"Canary", canaryKeyActions, key, canary))
	}
	for _, to := range of.wholes {
		describe := policy.Values{share.DescribeKey}
		part.Statements = append(part.Statements, to.statement(part.SidPrefix+"Describe", describe, key, nil))
	}
	part.administration = administration(s.Env)
	return part
}

// ServesOtherShares says whether a key policy has statements of other shares than that of a bucket.
func ServesOtherShares(bucket string, keyPolicy policy.Stored) bool {
	ours := InKeyPolicy(bucket).Ours
	return keyPolicy.Any(func(sid string) bool {
		return strings.HasPrefix(sid, SidPrefix) && sid != administrationSid && !ours(sid)
	})
}
