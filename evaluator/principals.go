package evaluator

import "example.com/sharedbucket/policy"

// PrincipalType is the type of a principal that makes requests, as in the scenario format.
type PrincipalType string

// The types. A Role is any session of the role, without a session policy.
const (
	User        PrincipalType = "user"
	Role        PrincipalType = "role"
	RoleSession PrincipalType = "role-session"
	Root        PrincipalType = "root"
	Anonymous   PrincipalType = "anonymous"
)

// identity is a requester as the principals of a statement name him.
type identity struct {
	kind    PrincipalType
	arn     string
	role    string // of sessions
	account string // empty for an anonymous one
	root    string // the ARN of the account as a principal
	bounded bool   // by a permissions boundary
}

// reach is how far an Allow of a resource-based policy reaches for a requester in the resource's account.
type reach int

// The reaches, weakest first.
const (
	unreached reach = iota
	// byAccount: the account is named, which delegates to its identity-based policies and grants nothing itself, but
	// to the root user, who needs none.
	byAccount
	// byRole: the role is named, so that a boundary and a session policy limit what is granted.
	byRole
	// direct: a user, a session or everybody is named, so that no implicit deny limits what is granted.
	direct
)

// principals is a statement's Principal or NotPrincipal. Entries are looked up, so that a statement with hundreds of
// principals costs no more than one. Principals of other types, and the unique id of a deleted one, are entries that no
// requester has.
type principals struct {
	not      bool
	everyone bool
	entries  map[string]struct{}
}

func newPrincipals(s policy.Statement) principals {
	element := s.Principal
	if s.NotPrincipal != nil {
		element = s.NotPrincipal
	}
	p := principals{not: s.NotPrincipal != nil}
	if element == nil {
		return p
	}
	p.everyone = element.Any
	p.entries = make(map[string]struct{}, len(element.AWS))
	for _, entry := range element.AWS {
		p.everyone = p.everyone || entry == "*"
		p.entries[entry] = struct{}{}
	}
	return p
}

// reach says whether a statement is about the requester, and how.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (p principals) reach(who *identity) reach {
	if p.not {
		if p.spares(who) {
			return unreached
		}
		return direct
	}
	switch {
	case p.everyone:
		return direct
	case who.account == "":
		return unreached
	case p.has(who.arn) && (who.kind == User || who.kind == RoleSession):
		return direct
	case who.role != "" && p.has(who.role):
		return byRole
	case p.hasAccount(who):
		return byAccount
	}
	return unreached
}

// spares says whether NotPrincipal names the requester. The account must be named as well, and whoever has a
// permissions boundary is never spared; naming the account alone spares only its root user.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p principals) spares(who *identity) bool {
	switch {
	case who.bounded:
		return false
	case p.everyone:
		return true
	case who.account == "" || !p.hasAccount(who):
		return false
	case who.kind == Root:
		return true
	}
	return p.has(who.arn) || who.role != "" && p.has(who.role)
}

func (p principals) has(entry string) bool {
	_, there := p.entries[entry]
	return there
}

func (p principals) hasAccount(who *identity) bool { return p.has(who.account) || p.has(who.root) }
