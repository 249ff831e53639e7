package evaluator

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// condition is one condition key under one operator, made ready for evaluation.
type condition struct {
	name string // the operator and the key as written, for people
	want policy.Values

	operator grammar.Operator
	key      string
	operand  operand
}

// newConditions makes the tests of a Condition element, in a fixed order so that reasons are always the same.
func newConditions(c policy.Condition, version string) []condition {
	var all []condition
	for _, name := range slices.Sorted(maps.Keys(c)) {
		operator, _ := grammar.ParseOperator(name) // known, as the document has no problems
		for _, key := range slices.Sorted(maps.Keys(c[name])) {
			all = append(all, condition{
				name:     name + " " + key,
				want:     c[name][key],
				operator: operator,
				key:      strings.ToLower(key),
				operand:  newOperand(operator, c[name][key], version),
			})
		}
	}
	return all
}

// answer decides the test. All values of a policy are alternatives, and a negated operator means none of them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (c *condition) answer(ctx *requestContext) answer {
	value, there := ctx.get(c.key)
	if p, ok := c.operand.(presence); ok {
		return p.holds(c.operator.Set, there)
	}
	switch {
	case !there:
		return c.answerWithoutKey()
	case c.operator.Set == grammar.ForAllValues:
		return c.forAll(ctx, value)
	}
	best := no // of the request's values, whatever the operator makes of that
	for _, text := range value.texts {
		one := c.operand.has(ctx, text)
		if c.operator.Set == grammar.ForAnyValue && c.operator.Negated {
			one = yes - one
		}
		best = max(best, one)
	}
	if c.operator.Negated && c.operator.Set == grammar.NoSet {
		return yes - best
	}
	return best
}

// answerWithoutKey: without the key a test fails, a negated one holds, …IfExists always holds, ForAllValues holds for
// the empty set, and ForAnyValue finds nothing in it, negated or not. Which of the two ForAnyValue:…IfExists does is
// not documented.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (c *condition) answerWithoutKey() answer {
	switch {
	case c.operator.Set == grammar.ForAnyValue && c.operator.IfExists:
		return unsure
	case c.operator.IfExists || c.operator.Set == grammar.ForAllValues:
		return yes
	case c.operator.Set == grammar.ForAnyValue:
		return no
	}
	return answerOf(c.operator.Negated)
}

// forAll also holds "if the context key value resolves to a null dataset, such as an empty string".
func (c *condition) forAll(ctx *requestContext, value Value) answer {
	if len(value.texts) == 1 && value.texts[0] == "" {
		return yes
	}
	worst := yes
	for _, text := range value.texts {
		one := c.operand.has(ctx, text)
		if c.operator.Negated {
			one = yes - one
		}
		worst = min(worst, one)
	}
	return worst
}
