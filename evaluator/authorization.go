package evaluator

import (
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// authorization is one question: may this requester do this action on this resource?
type authorization struct {
	*target
	action    action
	resource  string
	requester *Requester
	context   requestContext
	// behind says that the resource is a bucket behind an access point, which has judged the requester's own policies
	// already: here they need not allow again, and a statement for the requester's account grants.
	behind bool
}

// sameAccount says whether requester and resource are in one account.
func (a *authorization) sameAccount() bool {
	return a.requester.Account != nil && a.requester.Account.ID == a.owner.ID
}

// levels are the RCPs that restrict the authorization.
func (a *authorization) levels() []OrganizationLevel {
	if a.requester.serviceLinked() {
		return nil
	}
	return a.rcps
}

// outcome is what policies say: the first statement that denies, and the first that allows by each reach.
type outcome struct {
	deny   found
	allows [direct + 1]found
}

// found is a statement that decides, with its policy; the zero found is none.
type found struct {
	policy    *Policy
	statement *statement
}

func (f found) there() bool { return f.statement != nil }

// allow is the strongest Allow.
func (o *outcome) allow() found {
	for r := direct; r > unreached; r-- {
		if o.allows[r].there() {
			return o.allows[r]
		}
	}
	return found{}
}

// evaluate adds to an outcome what one policy says.
func (a *authorization) evaluate(p *Policy, o *outcome) {
	if p == nil {
		return
	}
	for i := range p.statements {
		s := &p.statements[i]
		reach := a.applies(s, p.Kind)
		switch {
		case reach == unreached:
		case s.effect == policy.Deny:
			if !o.deny.there() {
				o.deny = found{p, s}
			}
		case !o.allows[reach].there():
			o.allows[reach] = found{p, s}
		}
	}
}

func (a *authorization) evaluateAll(policies []*Policy, o *outcome) {
	for _, p := range policies {
		a.evaluate(p, o)
	}
}

// applies says whether a statement is about the authorization; identity-based policies, SCPs and RCPs reach everybody
// they are attached to.
func (a *authorization) applies(s *statement, kind grammar.Kind) reach {
	if !s.takesAction(a.action.folded) {
		return unreached
	}
	reach := direct
	if kind.ResourceBased() {
		reach = s.principals.reach(&a.requester.identity)
	}
	if reach == unreached || !s.takesResource(&a.context, a.resource) || s.failing(&a.context) != nil {
		return unreached
	}
	return reach
}

// survey is what every layer says.
type survey struct {
	rcp, scp                              found // explicit denies
	unlisted                              []*OrganizationLevel
	resource, identity, boundary, session outcome
}

func (a *authorization) survey() survey {
	var s survey
	for _, level := range a.levels() {
		var o outcome
		a.evaluateAll(level.Policies, &o)
		if o.deny.there() && !s.rcp.there() {
			s.rcp = o.deny
		}
	}
	levels := a.requester.scps()
	for i := range levels {
		var o outcome
		a.evaluateAll(levels[i].Policies, &o)
		if o.deny.there() && !s.scp.there() {
			s.scp = o.deny
		}
		if !o.allow().there() {
			s.unlisted = append(s.unlisted, &levels[i])
		}
	}
	a.evaluate(a.policy, &s.resource)
	a.evaluateAll(a.requester.Identity, &s.identity)
	a.evaluate(a.requester.Boundary, &s.boundary)
	a.evaluate(a.requester.Session, &s.session)
	return s
}
