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

// hint says which Allow of the layer came nearest and what kept it from applying: most access that should work but
// does not has a statement that is almost right.
func (r Reason) hint() string {
	var near nearMiss
	for _, p := range r.candidates() {
		if p == nil {
			continue
		}
		for i := range p.statements {
			if m := r.check.miss(p, &p.statements[i]); m.distance > near.distance {
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
	return text + " would, but its condition does not hold: " + r.check.explain(near.failing)
}

// candidates are the policies of the reason's layer.
func (r Reason) candidates() []*Policy {
	c := r.check
	switch r.Layer {
	case LayerSCP:
		return r.level.Policies
	case LayerIdentity:
		return c.requester.Identity
	case LayerBoundary, LayerSession:
		return []*Policy{r.limit()}
	case LayerKeyPolicy:
		if c.requester.Account == nil {
			return nil // no statement lets him use a key
		}
	}
	return []*Policy{c.policy}
}

// miss says in which element a statement does not fit; distance 0 when it is about another action.
func (c *check) miss(p *Policy, s *statement) nearMiss {
	m := nearMiss{found: found{p, s}}
	if s.effect != policy.Allow || !s.takesAction(c.action.folded) {
		return m
	}
	reached := !p.Kind.ResourceBased() || s.principals.reach(c.requester) != unreached
	fits := s.takesResource(&c.context, c.resource)
	m.failing = s.failing(&c.context)
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

// explain says what a condition wants and what the request has.
func (c *check) explain(failing *condition) string {
	text := failing.name + " is " + quoted(failing.want) + ", and the request has "
	value, there := c.context.get(failing.key)
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
