package evaluator

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/policy"
)

// nearMiss is an Allow that would have been enough but for one of its elements.
type nearMiss struct {
	found
	element  string     // Resource, Principal or Condition
	failing  *condition // of Condition
	distance int        // how many elements before that one fit
}

// hint says which Allow of some policies came nearest and what kept it from applying: most access that should work but
// does not has a statement that is almost right.
func (a *authorization) hint(policies []*Policy) string {
	var near nearMiss
	for _, p := range policies {
		if p == nil {
			continue
		}
		for i := range p.statements {
			if m := a.miss(p, &p.statements[i]); m.distance > near.distance {
				near = m
			}
		}
	}
	if !near.there() {
		return ""
	}
	text := fmt.Sprintf("; statement %q", near.statement.label)
	if near.policy.Name != "" {
		text += " of " + near.policy.Name
	}
	switch near.element {
	case "Resource":
		return text + " would, but is for other resources"
	case "Principal":
		return text + " would, but is for other principals"
	}
	if near.failing.answer(&a.context) == unsure {
		return text + " would, if its condition held, which AWS leaves open: " + a.explain(near.failing)
	}
	return text + " would, but its condition does not hold: " + a.explain(near.failing)
}

// miss says in which element a statement does not fit; distance 0 when it is about another action.
func (a *authorization) miss(p *Policy, s *statement) nearMiss {
	m := nearMiss{found: found{p, s}}
	if s.effect != policy.Allow || !s.takesAction(a.action.folded) {
		return m
	}
	reached := !p.Kind.ResourceBased() || s.principals.reach(&a.requester.identity) != unreached
	fits := s.takesResource(&a.context, a.resource)
	m.failing = s.failing(&a.context)
	switch {
	case !fits && !reached:
	case !fits:
		m.element, m.distance = "Resource", 1
	case !reached:
		m.element, m.distance = "Principal", 2
	case m.failing != nil:
		m.element, m.distance = "Condition", 3
	}
	return m
}

// open says of which condition of a statement AWS leaves open whether it holds, if of any.
func (a *authorization) open(s *statement) string {
	for i := range s.conditions {
		if s.conditions[i].answer(&a.context) == unsure {
			return ", counting a condition that AWS leaves open: " + a.explain(&s.conditions[i])
		}
	}
	return ""
}

// explain says what a condition wants and what the request has.
func (a *authorization) explain(c *condition) string {
	text := c.name + " is " + quoted(c.want) + ", and the request has "
	value, there := a.context.get(c.key)
	if !there {
		return text + "no such key"
	}
	return text + quoted(value.texts)
}

func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = fmt.Sprintf("%q", t)
	}
	if len(all) > 5 {
		all = append(all[:5], fmt.Sprintf("%d more", len(texts)-5))
	}
	return strings.Join(all, ", ")
}
