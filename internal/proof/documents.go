package proof

import (
	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// documents are what policies say, each text read once, however many principals and worlds have it.
type documents map[documentKey]*evaluator.Policy

type documentKey struct {
	Document
	kind grammar.Kind
}

// policy is a document as the evaluator takes it. One that is not valid is a policy all the same, which the evaluator
// says wherever it counts.
func (d documents) policy(one Document, kind grammar.Kind) *evaluator.Policy {
	key := documentKey{one, kind}
	if d[key] == nil {
		d[key] = evaluator.NewPolicy(one.Name, one.Text, kind)
	}
	return d[key]
}

// optional is nil for no document.
func (d documents) optional(one *Document, kind grammar.Kind) *evaluator.Policy {
	if one == nil {
		return nil
	}
	return d.policy(*one, kind)
}

// ofResource is the policy of a bucket or key, nil for none.
func (d documents) ofResource(text string, kind grammar.Kind) *evaluator.Policy {
	if text == "" {
		return nil
	}
	return d.policy(Document{Text: text}, kind)
}
