package plan

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// NotAsApplied compares what was read back with what the share set: the documents, the default encryption, Block Public
// Access and the ownership of objects. It returns a sentence for everything that differs.
func ShareNotAsApplied(s share.Share, keyARN string, now State) []string {
	var wrong []string
	say := func(differs bool, format string, args ...any) {
		if differs {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	b := now.Bucket
	e := b.Encryption
	say(e.Algorithm != "aws:kms" || e.KeyARN != keyARN, "the default encryption of %s is %s %s, not aws:kms with %s", s.Bucket, e.Algorithm, e.KeyARN, keyARN)
	say(!e.BucketKey, "the bucket key of %s is off", s.Bucket)
	say(!e.SSECBlocked, "%s does not block SSE-C", s.Bucket)
	say(!b.AccessBlocked, "Block Public Access of %s is not on entirely", s.Bucket)
	say(!b.OwnerEnforced, "objects of %s may belong to other accounts", s.Bucket)
	if d := statementsDiffer(b.Policy, document.BucketStatements(s, keyARN), document.OursInBucketPolicy); d != "" {
		say(true, "the bucket policy of %s %s", s.Bucket, d)
	}
	if d := statementsDiffer(now.Key.Policy, document.KeyStatements(s), document.OursInKeyPolicy(s)); d != "" {
		say(true, "the key policy of %s %s", keyARN, d)
	}
	there, err := policy.Contains(now.Key.Policy, document.Administration(s))
	say(err != nil || !there, "the key policy of %s does not let its own account administer the key", keyARN)
	return wrong
}

// NotAsApplied is to an Access what it is to a Share: the inline policies that were read back.
func AccessNotAsApplied(a share.Access, keyARN string, now AccessState) []string {
	var wrong []string
	for _, id := range share.Identities(a.Grantees) {
		same, err := policy.Equal(now.Identities[id].Policy, document.GranteePolicy(a, id, keyARN).Text())
		if err != nil || !same {
			wrong = append(wrong, fmt.Sprintf("inline policy %s of %s is not what was applied", a.PolicyName, id))
		}
	}
	return wrong
}

// statementsDiffer says how our statements in a document differ from those wanted, "" when they do not.
func statementsDiffer(document string, want []policy.Statement, isOurs func(string) bool) string {
	var missing, surplus []string
	known := map[string]bool{}
	for _, s := range want {
		known[s.Sid] = true
		if there, err := policy.Contains(document, s); err != nil || !there {
			missing = append(missing, s.Sid)
		}
	}
	sids, err := policy.Sids(document)
	if err != nil {
		return "cannot be read: " + err.Error()
	}
	for _, sid := range sids {
		if isOurs(sid) && !known[sid] {
			surplus = append(surplus, sid)
		}
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "lacks or changes "+strings.Join(missing, ", "))
	}
	if len(surplus) > 0 {
		slices.Sort(surplus)
		parts = append(parts, "still has "+strings.Join(surplus, ", "))
	}
	return strings.Join(parts, " and ")
}
