package evaluator

import (
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// check is one authorization: may this requester do this action on this resource?
type check struct {
	*side
	action    action
	resource  string
	requester *Requester
	context   requestContext
	blocked   bool // Block Public Access leaves the bucket to its owner's account
}

// sameAccount says whether requester and resource are in one account.
func (c *check) sameAccount() bool {
	return c.requester.Account != nil && c.requester.Account.ID == c.owner.ID
}

// levels are the RCPs that restrict the check.
func (c *check) levels() []Level {
	if c.requester.serviceLinked() {
		return nil
	}
	return c.rcps
}

// outcome is what policies say of a check: the first statement that denies, and the first that allows by each reach.
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
func (c *check) evaluate(p *Policy, o *outcome) {
	for i := range p.statements {
		s := &p.statements[i]
		reach := c.applies(s, p.Kind)
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

// applies says whether a statement is about the check; identity-based policies, SCPs and RCPs reach everybody they are
// attached to.
func (c *check) applies(s *statement, kind grammar.Kind) reach {
	if !s.takesAction(c.action.folded) {
		return unreached
	}
	reach := direct
	if kind.ResourceBased() {
		reach = s.principals.reach(c.requester)
	}
	if reach == unreached || !s.takesResource(&c.context, c.resource) || s.failing(&c.context) != nil {
		return unreached
	}
	return reach
}

// survey is what every layer says of a check.
type survey struct {
	rcp, scp                              found // explicit denies
	unlisted                              []*Level
	resource, identity, boundary, session outcome
}

func (c *check) survey() survey {
	var s survey
	for _, level := range c.levels() {
		var o outcome
		c.evaluateAll(level.Policies, &o)
		if o.deny.there() && !s.rcp.there() {
			s.rcp = o.deny
		}
	}
	levels := c.requester.scps()
	for i := range levels {
		var o outcome
		c.evaluateAll(levels[i].Policies, &o)
		if o.deny.there() && !s.scp.there() {
			s.scp = o.deny
		}
		if !o.allow().there() {
			s.unlisted = append(s.unlisted, &levels[i])
		}
	}
	if c.policy != nil {
		c.evaluate(c.policy, &s.resource)
	}
	c.evaluateAll(c.requester.Identity, &s.identity)
	if p := c.requester.Boundary; p != nil {
		c.evaluate(p, &s.boundary)
	}
	if p := c.requester.Session; p != nil {
		c.evaluate(p, &s.session)
	}
	return s
}

func (c *check) evaluateAll(policies []*Policy, o *outcome) {
	for _, p := range policies {
		if p != nil {
			c.evaluate(p, o)
		}
	}
}
