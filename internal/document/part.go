package document

import (
	"strings"

	"example.com/sharedbucket/policy"
)

// Part is what a share has in the policy of its bucket or key, which others may write into as well.
type Part struct {
	Statements []policy.Statement
	// SidPrefix begins the Sids of these statements, and of nobody else's.
	SidPrefix string

	limit policy.Limit // of the whole policy
	// first goes before the statements where the policy has none that means the same. It is never taken away.
	first *policy.Statement
	// denials says that those which let nobody in stay as they are.
	denials bool
}

// InBucketPolicy is what a share has in the policy of a bucket as long as it lets nobody in and denies nothing.
func InBucketPolicy(bucket string) Part {
	return Part{SidPrefix: SidPrefix, limit: policy.Limit{
		What: "the bucket policy of " + bucket, Bytes: policy.BucketPolicyLimit, Remedy: groupRemedy,
	}}
}

// InKeyPolicy is the same in the policy of a key.
func InKeyPolicy(bucket string) Part {
	return Part{SidPrefix: keySid(bucket), limit: policy.Limit{
		What: "the key policy", Bytes: policy.KeyPolicyLimit, Remedy: groupRemedy,
	}}
}

const groupRemedy = "give consumers the same level and prefixes, so that they share statements, " +
	"let the Organization or an OrganizationalUnit in instead of single accounts, write {account} for a folder of each, " +
	"or leave the canary out (Canary: false)"

// with is the part with statements.
func (p Part) with(statements ...policy.Statement) Part {
	p.Statements = statements
	return p
}

// Denying is the part without statements that leaves the share's denials as they stand in a policy.
func (p Part) Denying() Part {
	p.Statements, p.denials = nil, true
	return p
}

// Ours recognises the statements of the part by their Sids.
func (p Part) Ours(sid string) bool {
	return strings.HasPrefix(sid, p.SidPrefix) && !(p.denials && denies(sid))
}

// Allows says whether a policy lets somebody in for the share.
func (p Part) Allows(in policy.Stored) bool {
	return in.Any(func(sid string) bool { return strings.HasPrefix(sid, p.SidPrefix) && !denies(sid) })
}

func denies(s string) bool { return strings.HasPrefix(s, sid("Deny")) }

// Change is the change of a policy to one that has this part of the share.
type Change struct {
	policy.Change
	TooLarge error
}

// In is the change of a policy to one in which the share has this part.
func (p Part) In(current policy.Stored) Change {
	ours := p.Statements
	if p.first != nil && !current.Contains(*p.first) {
		ours = append([]policy.Statement{*p.first}, ours...)
	}
	c := current.Change(ours, p.Ours)
	return Change{Change: c, TooLarge: p.limit.Check(len(c.After.Text()))}
}
