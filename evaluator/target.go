package evaluator

import (
	"slices"

	"example.com/sharedbucket/policy/grammar"
)

// target is a resource as those who ask for it find it: whose it is, and which policies guard it.
type target struct {
	service Service
	kind    grammar.Kind // of its own policy, "" where it can have none
	arn     string
	name    string // what people call it
	owner   *Account
	policy  *Policy
	rcps    []OrganizationLevel
	keys    map[string]Value
	invalid []*Policy
	vpc     string // of an access point: where alone requests may come from
	blocked bool   // Block Public Access leaves it to its owner's account
}

func newTarget(
	service Service, kind grammar.Kind, arn, region string, owner *Account, p *Policy, rcps []OrganizationLevel,
) *target {
	t := &target{service: service, kind: kind, arn: arn, name: arn, owner: owner, policy: p, rcps: rcps}
	t.invalid = invalidAmong(append(policiesIn(rcps), p))
	t.keys = map[string]Value{
		"aws:resourceaccount": One(owner.ID),
		"aws:securetransport": One("true"),
		"aws:requestedregion": One(region),
		"aws:viaawsservice":   One("false"),
	}
	if owner.OrgID != "" {
		t.keys["aws:resourceorgid"] = One(owner.OrgID)
		t.keys["aws:resourceorgpaths"] = Many(owner.OrgPaths...)
	}
	return t
}

// invalidAmong are the policies that are not valid.
func invalidAmong(policies []*Policy) []*Policy {
	return slices.DeleteFunc(policies, func(p *Policy) bool { return p == nil || len(p.Problems) == 0 })
}
