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
	// administration is for the policy of a key, see Administered.
	administration policy.Statement
	administered   bool
	// denials says that those which let nobody in stay as they are.
	denials bool
}

const groupRemedy = "give consumers the same level and prefixes, so that they share statements, " +
	"let the Organization or an OrganizationalUnit in instead of single accounts, write {account} for a folder of each, " +
	"or leave the canary out (Canary: false)"

// Administered is the part in the policy of a key that the share made: with Administration, where the policy does not
// say the same already. It is never taken away. Any other key is administered as its owner wishes: KMS itself refuses a
// key policy that its writer could not change again.
func (p Part) Administered() Part {
	p.administered = true
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

// Into is the change of a policy to one in which the share has this part.
func (p Part) Into(current policy.Stored) Change {
	ours := p.Statements
	if p.administered && !current.Says(p.administration) {
		ours = append([]policy.Statement{p.administration}, ours...)
	}
	c := current.Change(ours, p.Ours)
	return Change{Change: c, TooLarge: p.limit.Check(len(c.After.Text()))}
}
