package evaluator

import (
	"encoding/base64"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

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

// operand holds the values of a policy's condition and says whether a value of the request is one of them.
type operand interface {
	has(v *view, text string) bool
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

func newOperand(o grammar.Operator, values policy.Values, version string) operand {
	switch o.Operand {
	case grammar.NumberOperand:
		return numbers{o.Relation, parseAll(values, grammar.ParseNumber)}
	case grammar.DateOperand:
		return dates{o.Relation, parseAll(values, grammar.ParseDate)}
	case grammar.AddressOperand:
		return networks(parseAll(values, grammar.ParseNetwork))
	case grammar.BinaryOperand:
		return binaries(values)
	case grammar.BooleanOperand:
		return newTexts(values, version, grammar.EqualsIgnoreCase, nil)
	case grammar.ARNOperand:
		return newTexts(values, version, grammar.Matches, globARN)
	case grammar.NullOperand:
		return presence{slices.ContainsFunc(values, isTrue), slices.ContainsFunc(values, isFalse)}
	}
	return newTexts(values, version, o.Relation, glob)
}

func isTrue(s string) bool  { return strings.EqualFold(s, "true") }
func isFalse(s string) bool { return strings.EqualFold(s, "false") }

func parseAll[T any](values policy.Values, parse func(string) (T, bool)) []T {
	parsed := make([]T, 0, len(values))
	for _, v := range values {
		if one, ok := parse(v); ok {
			parsed = append(parsed, one)
		}
	}
	return parsed
}

// holds decides the test. All values of a policy are alternatives, and a negated operator means none of them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (c *condition) holds(v *view) bool {
	value, there := v.get(c.key)
	if p, ok := c.operand.(presence); ok {
		return p.holds(c.operator.Set, there)
	}
	if !there {
		return c.holdsWithoutKey()
	}
	switch c.operator.Set {
	case grammar.ForAllValues:
		return c.allHold(v, value)
	case grammar.ForAnyValue:
		for _, text := range value.texts {
			if c.operand.has(v, text) != c.operator.Negated {
				return true
			}
		}
		return false
	}
	for _, text := range value.texts {
		if c.operand.has(v, text) {
			return !c.operator.Negated
		}
	}
	return c.operator.Negated
}

// holdsWithoutKey: without the key a test fails, a negated one holds, …IfExists always holds, ForAllValues holds for
// the empty set, and ForAnyValue finds nothing in it, negated or not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (c *condition) holdsWithoutKey() bool {
	switch {
	case c.operator.IfExists || c.operator.Set == grammar.ForAllValues:
		return true
	case c.operator.Set == grammar.ForAnyValue:
		return false
	}
	return c.operator.Negated
}

// allHold also holds "if the context key value resolves to a null dataset, such as an empty string".
func (c *condition) allHold(v *view, value Value) bool {
	if len(value.texts) == 1 && value.texts[0] == "" {
		return true
	}
	for _, text := range value.texts {
		if c.operand.has(v, text) == c.operator.Negated {
			return false
		}
	}
	return true
}

// presence is the operand of Null: which of true (the key is absent) and false (it is there) is asked for.
type presence struct{ absent, present bool }

func (presence) has(*view, string) bool { return false }

// holds: with ForAllValues Null is always true, with ForAnyValue always false.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (Null with qualifier)
func (p presence) holds(set grammar.Set, there bool) bool {
	if set != grammar.NoSet {
		return set == grammar.ForAllValues
	}
	return there && p.present || !there && p.absent
}

// texts are strings, ARNs or booleans. Those that are one fixed text are looked up, so that a list of hundreds of
// account ids or ARNs costs no more than one.
type texts struct {
	fixed    map[string]struct{}
	patterns []pattern
	fold     bool
	match    func(pattern, text string) bool
}

func newTexts(values policy.Values, version string, relation grammar.Relation, match func(pattern, text string) bool) texts {
	t := texts{fold: relation == grammar.EqualsIgnoreCase, match: match}
	for _, value := range values {
		p := newPattern(value, version, relation == grammar.Matches)
		if p.literal() && !t.fold && match(p.text, p.text) { // an ARN pattern of fewer fields matches nothing
			if t.fixed == nil {
				t.fixed = make(map[string]struct{}, len(values))
			}
			t.fixed[p.text] = struct{}{}
			continue
		}
		t.patterns = append(t.patterns, p)
	}
	return t
}

func (t texts) has(v *view, text string) bool {
	if _, there := t.fixed[text]; there {
		return true
	}
	for i := range t.patterns {
		resolved, ok := t.patterns[i].resolve(v)
		switch {
		case !ok:
		case t.fold && strings.EqualFold(resolved, text):
			return true
		case !t.fold && t.match(resolved, text):
			return true
		}
	}
	return false
}

type numbers struct {
	relation grammar.Relation
	want     []grammar.Number
}

func (n numbers) has(_ *view, text string) bool {
	got, ok := grammar.ParseNumber(text)
	return ok && slices.ContainsFunc(n.want, func(want grammar.Number) bool {
		return stands(n.relation, got.Compare(want))
	})
}

type dates struct {
	relation grammar.Relation
	want     []time.Time
}

func (d dates) has(_ *view, text string) bool {
	got, ok := grammar.ParseDate(text)
	return ok && slices.ContainsFunc(d.want, func(want time.Time) bool {
		return stands(d.relation, got.Compare(want))
	})
}

// stands says whether two values compared as -1, 0 or 1 are in a relation.
func stands(r grammar.Relation, compared int) bool {
	switch r {
	case grammar.Less:
		return compared < 0
	case grammar.LessOrEqual:
		return compared <= 0
	case grammar.Greater:
		return compared > 0
	case grammar.GreaterOrEqual:
		return compared >= 0
	}
	return compared == 0
}

type networks []netip.Prefix

func (n networks) has(_ *view, text string) bool {
	address, ok := grammar.ParseAddress(text)
	return ok && slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(address) })
}

// binaries are base64 texts. The page's table gives the request's value in base64 as well, its sentence as the bytes
// themselves: both are the same value here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals
type binaries policy.Values

func (b binaries) has(_ *view, text string) bool {
	return slices.Contains(b, text) || slices.Contains(b, base64.StdEncoding.EncodeToString([]byte(text)))
}
