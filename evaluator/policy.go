package evaluator

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// Policy is a document made ready to be evaluated any number of times, also at the same time.
type Policy struct {
	Name     string // what people know it by; may be empty
	Kind     grammar.Kind
	Problems grammar.Problems // a policy with any is never evaluated
	Document policy.Document

	statements []statement
}

// NewPolicy reads a document. One that is not valid is a Policy all the same: whatever it takes part in is invalid.
func NewPolicy(name, text string, kind grammar.Kind) *Policy {
	p := &Policy{Name: name, Kind: kind}
	p.Document, p.Problems = grammar.Parse(text, kind)
	if len(p.Problems) > 0 {
		return p
	}
	p.statements = make([]statement, len(p.Document.Statements))
	for i, s := range p.Document.Statements {
		p.statements[i] = newStatement(s, i, kind, p.Document.Version)
	}
	return p
}

// Named is the same policy under a name. It is not read again.
func (p *Policy) Named(name string) *Policy {
	if name == p.Name {
		return p
	}
	named := *p
	named.Name = name
	return &named
}

// statement is one statement made ready for matching.
type statement struct {
	label        string // its Sid, or its place in the document
	effect       policy.Effect
	principals   principals // of a resource-based policy
	actions      []pattern
	notActions   bool
	resources    []pattern
	notResources bool
	conditions   []condition
}

func newStatement(s policy.Statement, index int, kind grammar.Kind, version string) statement {
	c := statement{
		label:        s.Sid,
		effect:       s.Effect,
		principals:   newPrincipals(s),
		notActions:   s.Action == nil,
		notResources: s.Resource == nil,
		conditions:   newConditions(s.Condition, version),
	}
	if c.label == "" {
		c.label = fmt.Sprintf("Statement[%d]", index)
	}
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		c.actions = append(c.actions, newPattern(strings.ToLower(a), "", wildcards.Replace))
	}
	for _, r := range slices.Concat(s.Resource, s.NotResource) {
		c.resources = append(c.resources, resourcePatterns(r, kind, version)...)
	}
	return c
}

// resourcePatterns are the patterns a value of Resource stands for. An ARN of fewer than six fields is completed by
// wildcards where the kind of policy allows it; a * at the end of a field reaches beyond colons, so that the text as it
// stands counts as well.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html#policies-grammar-notes-strings
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
func resourcePatterns(text string, kind grammar.Kind, version string) []pattern {
	patterns := []pattern{resourcePattern(text, version)}
	if missing := 5 - strings.Count(text, ":"); text != "*" && missing > 0 && grammar.CompletesARNs(kind) {
		patterns = append(patterns, resourcePattern(text+strings.Repeat(":*", missing), version))
	}
	return patterns
}

// takesAction: actions ignore case. A statement of a key policy without any has no effect.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
func (s *statement) takesAction(folded string) bool {
	if len(s.actions) == 0 {
		return false
	}
	for i := range s.actions {
		if s.actions[i].matches(nil, folded) {
			return !s.notActions
		}
	}
	return s.notActions
}

// takesResource: resources do not ignore case. A statement of a key policy without any has no effect.
func (s *statement) takesResource(v *requestContext, resource string) bool {
	if len(s.resources) == 0 {
		return false
	}
	for i := range s.resources {
		if s.resources[i].matches(v, resource) {
			return !s.notResources
		}
	}
	return s.notResources
}

// failing is the first condition that does not hold, nil when the statement's condition holds. Where the documentation
// leaves open whether it holds, it does in a Deny and not in an Allow: nobody is let in because of it.
func (s *statement) failing(v *requestContext) *condition {
	for i := range s.conditions {
		if a := s.conditions[i].answer(v); a == no || a == unsure && s.effect == policy.Allow {
			return &s.conditions[i]
		}
	}
	return nil
}
