package share

import (
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// administrationSid is the statement that keeps a key manageable. It has no share in its name: several shares may use
// one existing key, and it stays when they go.
var administrationSid = sid("Administration")

// Administration lets the owner account's IAM policies manage and use the key. Without it nobody could change the key
// policy again, and IAM policies would count for nothing.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (s Share) Administration() policy.Statement {
	return policy.Statement{
		Sid: administrationSid, Effect: policy.Allow,
		Principal: &policy.Principal{AWS: policy.Values{s.Env.RootARN(s.Env.Account)}},
		Action:    policy.Values{"kms:*"}, Resource: policy.Values{"*"},
	}
}

// KeyPolicy are the share's statements of the key policy, without Administration: who may use the key, through S3 and
// for this bucket unless DirectUse, and who may look at it.
//
// With the bucket key on, the encryption context is the bucket for every object, so the key policy cannot tell prefixes
// apart; the bucket policy does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
func (s Share) KeyPolicy() []policy.Statement {
	var statements []policy.Statement
	for _, g := range s.keyGroups() {
		who := s.party(g.kind, g.outsiders)
		c := who.condition
		if !s.DirectUse {
			c = with(c, throughBucket(s.Env, s.Env.BucketARN(s.Bucket)))
		}
		statements = append(statements, policy.Statement{
			Sid: s.keySid("Use", string(g.scope.Access), string(g.kind)), Effect: policy.Allow,
			Principal: &who.principal, Action: policy.Sorted(g.scope.Access.keyActions()), Resource: policy.Values{"*"},
			Condition: c,
		})
	}
	return append(statements, s.describeStatements()...)
}

// keyGroups are the consumers by kind and by what KMS can tell apart, reading and writing. Who writes anywhere needs
// the reader's statement no more.
func (s Share) keyGroups() []group {
	coarse := func(scope Scope) Scope {
		if scope.Access.writes() {
			return Scope{Access: Write}
		}
		return Scope{Access: Read}
	}
	writes := map[Outsider]bool{}
	for _, c := range s.Consumers {
		writes[c.Outsider] = writes[c.Outsider] || c.Scope.Access.writes()
	}
	var groups []group
	for _, g := range s.groups(coarse) {
		var need []Outsider
		for _, o := range g.outsiders {
			if g.scope.Access == Write || !writes[o] {
				need = append(need, o)
			}
		}
		if g.outsiders = need; len(need) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// describeStatements let consumers look at the key. DescribeKey carries no encryption context and is called directly,
// so it cannot stand under the conditions of the other actions. For principals and permission sets the whole account
// may look, not only the role named: the provider there finds the key by its alias. DescribeKey shows metadata only,
// and an identity policy in that account is needed as well.
func (s Share) describeStatements() []policy.Statement {
	var statements []policy.Statement
	describe := func(kind PrincipalKind, name string, outsiders []Outsider) {
		if len(outsiders) == 0 {
			return
		}
		who := s.party(kind, outsiders)
		statements = append(statements, policy.Statement{
			Sid: s.keySid("Describe", name), Effect: policy.Allow,
			Principal: &who.principal, Action: policy.Values{describeKey}, Resource: policy.Values{"*"},
			Condition: who.condition,
		})
	}
	var accounts []Outsider
	for _, id := range s.AccountIDs() {
		accounts = append(accounts, Outsider{KindAccount, id, id})
	}
	describe(KindAccount, string(KindAccount), accounts)
	for _, kind := range []PrincipalKind{KindOrganization, KindOrganizationalUnit} {
		var outsiders []Outsider
		for _, c := range s.Consumers {
			if c.Outsider.Kind == kind {
				outsiders = append(outsiders, c.Outsider)
			}
		}
		describe(kind, string(kind), outsiders)
	}
	return statements
}

// keySid names a statement of this share in a key policy. It holds a digest of the bucket's name, because an existing
// key may serve several shares, each of which must recognise its own statements.
func (s Share) keySid(parts ...string) string {
	return sid(append([]string{digest(s.Bucket)}, parts...)...)
}

// OursInKeyPolicy recognises the statements of a key policy that belong to this share.
func (s Share) OursInKeyPolicy(sid string) bool { return strings.HasPrefix(sid, s.keySid()) }

// fullKeyPolicy is the share's key policy on top of current. Administration is added where current does not say the
// same already, and never taken away.
func (s Share) fullKeyPolicy(current string, statements []policy.Statement) (string, error) {
	ours := statements
	there, err := policy.Contains(current, s.Administration())
	if err != nil {
		return "", err
	}
	if !there {
		ours = append([]policy.Statement{s.Administration()}, statements...)
	}
	return policy.Merge(current, ours, s.OursInKeyPolicy)
}

// servesOthers says whether a key policy has statements of other shares.
func (s Share) servesOthers(keyPolicy string) bool {
	sids, err := policy.Sids(keyPolicy)
	return err != nil || slices.ContainsFunc(sids, func(sid string) bool {
		return strings.HasPrefix(sid, SidPrefix) && sid != administrationSid && !s.OursInKeyPolicy(sid)
	})
}
