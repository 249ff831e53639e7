package evaluator

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// PrincipalType is the type of a requester, as in the scenario format.
type PrincipalType string

// The types. A Role is any session of the role, without a session policy.
const (
	User        PrincipalType = "user"
	Role        PrincipalType = "role"
	RoleSession PrincipalType = "role-session"
	Root        PrincipalType = "root"
	Anonymous   PrincipalType = "anonymous"
)

// Principal is somebody who makes requests, with the policies in his own account.
type Principal struct {
	ARN      string
	Account  *Account // nil for an anonymous requester
	Type     PrincipalType
	RoleARN  string // of sessions: with the role's path, which the session's ARN does not have
	UserID   string
	Tags     map[string]string
	Identity []*Policy // all that apply: inline, managed, and of groups
	Boundary *Policy
	Session  *Policy
}

// Requester is a Principal made ready for requests.
type Requester struct {
	Principal
	root    string // the ARN of the account as a principal
	s3, kms map[string]Value
	invalid []*Policy // those of his own account that are not valid, its SCPs included
}

// NewRequester prepares a principal.
func NewRequester(p Principal) *Requester {
	r := &Requester{Principal: p}
	if r.Type == Role && r.RoleARN == "" {
		r.RoleARN = r.ARN
	}
	if r.Type == RoleSession && r.RoleARN == "" {
		r.RoleARN = roleOfSession(r.ARN)
	}
	if r.Account != nil {
		partition := "aws"
		if arn, ok := grammar.ParseARN(r.ARN); ok {
			partition = arn.Partition
		}
		r.root = "arn:" + partition + ":iam::" + r.Account.ID + ":root"
	}
	r.s3, r.kms = r.contextKeys()
	for _, p := range append(slices.Clone(r.Identity), r.Boundary, r.Session) {
		if p != nil && len(p.Problems) > 0 {
			r.invalid = append(r.invalid, p)
		}
	}
	r.invalid = append(r.invalid, invalidIn(r.scps())...)
	return r
}

// roleOfSession is the role of a session whose role has no path.
func roleOfSession(session string) string {
	arn, _ := grammar.ParseARN(session)
	name, _, _ := strings.Cut(strings.TrimPrefix(arn.Resource, "assumed-role/"), "/")
	return "arn:" + arn.Partition + ":iam::" + arn.Account + ":role/" + name
}

// contextKeys are the keys that follow from the requester, for S3 and for KMS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (r *Requester) contextKeys() (s3, kms map[string]Value) {
	s3 = make(map[string]Value)
	if r.Type == Anonymous || r.Account == nil {
		s3["aws:principaltype"] = One("Anonymous")
		s3["aws:principalaccount"] = One("anonymous")
		return s3, s3
	}
	s3["aws:principaltype"] = One(map[PrincipalType]string{
		User: "User", Role: "AssumedRole", RoleSession: "AssumedRole", Root: "Account"}[r.Type])
	s3["aws:principalarn"] = One(r.principalARN())
	s3["aws:principalaccount"] = One(r.Account.ID)
	s3["aws:principalisawsservice"] = One("false")
	if r.Account.OrgID != "" {
		s3["aws:principalorgid"] = One(r.Account.OrgID)
		s3["aws:principalorgpaths"] = Many(r.Account.OrgPaths...)
	}
	if r.Type == User {
		s3["aws:username"] = One(r.ARN[strings.LastIndex(r.ARN, "/")+1:])
	}
	if r.UserID != "" {
		s3["aws:userid"] = One(r.UserID)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) { // IAM keeps no two tags that differ in case only
		s3["aws:principaltag/"+strings.ToLower(key)] = One(r.Tags[key])
	}
	kms = make(map[string]Value, len(s3)+1)
	for key, value := range s3 {
		kms[key] = value
	}
	kms["kms:calleraccount"] = One(r.Account.ID)
	return s3, kms
}

// principalARN is aws:PrincipalArn: for sessions the role's ARN.
func (r *Requester) principalARN() string {
	if r.RoleARN != "" {
		return r.RoleARN
	}
	return r.ARN
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
// principals costs no more than one. A deleted principal's unique id is an entry that no requester has.
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
func (p principals) reach(r *Requester) reach {
	if p.not {
		if p.spares(r) {
			return unreached
		}
		return direct
	}
	switch {
	case p.everyone:
		return direct
	case r.Account == nil:
		return unreached
	case p.has(r.ARN) && (r.Type == User || r.Type == RoleSession):
		return direct
	case r.RoleARN != "" && p.has(r.RoleARN):
		return byRole
	case p.hasAccount(r):
		return byAccount
	}
	return unreached
}

// spares says whether NotPrincipal names the requester. The account must be named as well, and whoever has a
// permissions boundary is never spared; naming the account alone spares only its root user.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p principals) spares(r *Requester) bool {
	switch {
	case r.Boundary != nil:
		return false
	case p.everyone:
		return true
	case r.Account == nil || !p.hasAccount(r):
		return false
	case r.Type == Root:
		return true
	}
	return p.has(r.ARN) || r.RoleARN != "" && p.has(r.RoleARN)
}

func (p principals) has(entry string) bool {
	_, there := p.entries[entry]
	return there
}

func (p principals) hasAccount(r *Requester) bool { return p.has(r.Account.ID) || p.has(r.root) }
