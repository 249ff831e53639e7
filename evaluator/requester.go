package evaluator

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/policy/grammar"
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

// Requester is a Principal made ready for requests. It can be used at the same time from several goroutines, and with
// any number of evaluators.
type Requester struct {
	Principal
	identity identity
	s3, kms  map[string]Value
	invalid  []*Policy // those of his own account that are not valid, its SCPs included
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
	r.identity = identity{kind: r.Type, arn: r.ARN, role: r.RoleARN, bounded: r.Boundary != nil}
	if r.Account != nil {
		partition := "aws"
		if arn, ok := grammar.ParseARN(r.ARN); ok {
			partition = arn.Partition
		}
		r.identity.account = r.Account.ID
		r.identity.root = "arn:" + partition + ":iam::" + r.Account.ID + ":root"
	}
	r.s3, r.kms = r.contextKeys()
	own := append(slices.Clone(r.Identity), r.Boundary, r.Session)
	r.invalid = invalidAmong(append(own, policiesIn(r.scps())...))
	return r
}

// roleOfSession is the role of a session whose role has no path.
func roleOfSession(session string) string {
	arn, _ := grammar.ParseARN(session)
	name, _, _ := strings.Cut(strings.TrimPrefix(arn.Resource, "assumed-role/"), "/")
	return "arn:" + arn.Partition + ":iam::" + arn.Account + ":role/" + name
}

// scps are the SCPs that restrict the requester.
func (r *Requester) scps() []OrganizationLevel {
	if r.serviceLinked() {
		return nil
	}
	return r.Account.scps()
}

// serviceLinked says whether the requester is a service-linked role, which neither SCPs nor RCPs restrict.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
func (r *Requester) serviceLinked() bool {
	return strings.Contains(r.RoleARN, ":role/aws-service-role/")
}

// principalARN is aws:PrincipalArn: for sessions the role's ARN.
func (r *Requester) principalARN() string {
	if r.RoleARN != "" {
		return r.RoleARN
	}
	return r.ARN
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
	kms = maps.Clone(s3)
	kms["kms:calleraccount"] = One(r.Account.ID)
	return s3, kms
}
