package evaluator

import (
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"time"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// answer is what a comparison says. It is unsure where the documentation does not say how values of that type compare.
type answer int

const (
	no answer = iota
	unsure
	yes
)

func answerOf(is bool) answer {
	if is {
		return yes
	}
	return no
}

// operand holds the values of a policy's condition and says whether a value of the request is one of them.
type operand interface {
	has(c *requestContext, text string) answer
}

// newOperand reads the values of a condition. Those of the wrong type make every answer but yes unsure: to AWS's own
// analyzer such a document is valid, and what it does is documented nowhere.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (Type mismatch)
func newOperand(o grammar.Operator, values policy.Values, version string) operand {
	well := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !o.WellTyped(v, version) })
	ill := len(well) < len(values)
	switch o.Operand {
	case grammar.NumberOperand:
		return numbers{o.Relation, parseAll(well, grammar.ParseNumber), ill}
	case grammar.DateOperand:
		return dates{o.Relation, parseAll(well, grammar.ParseDate), ill}
	case grammar.AddressOperand:
		return networks{parseAll(well, grammar.ParseNetwork), ill}
	case grammar.BinaryOperand:
		return binaries{well, ill}
	case grammar.BooleanOperand:
		return booleans{newTexts(well, version, grammar.EqualsIgnoreCase), ill || saysBoth(well)}
	case grammar.ARNOperand:
		return arns{newTexts(well, version, grammar.Matches), ill}
	case grammar.NullOperand:
		return presence{slices.ContainsFunc(well, isTrue), slices.ContainsFunc(well, isFalse)}
	}
	return newTexts(values, version, o.Relation)
}

func isTrue(s string) bool  { return strings.EqualFold(s, "true") }
func isFalse(s string) bool { return strings.EqualFold(s, "false") }

// saysBoth: "Add only one Boolean value for the condition key", while values are alternatives anywhere else.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (multiple Boolean)
func saysBoth(values policy.Values) bool {
	return slices.ContainsFunc(values, isTrue) && slices.ContainsFunc(values, isFalse)
}

func parseAll[T any](values policy.Values, parse func(string) (T, bool)) []T {
	parsed := make([]T, 0, len(values))
	for _, v := range values {
		if one, ok := parse(v); ok {
			parsed = append(parsed, one)
		}
	}
	return parsed
}

// among says whether one of the well-typed values is the request's, which could be read as their type or not.
func among(is, readable, ill bool) answer {
	switch {
	case is:
		return yes
	case ill || !readable:
		return unsure
	}
	return no
}

// texts are strings. Those that are one fixed text are looked up, so that a list of hundreds of account ids or ARNs
// costs no more than one.
type texts struct {
	fixed    map[string]struct{}
	patterns []pattern
	fold     bool
}

func newTexts(values policy.Values, version string, relation grammar.Relation) texts {
	t := texts{fold: relation == grammar.EqualsIgnoreCase}
	encode := asWritten
	if relation == grammar.Matches {
		encode = wildcards.Replace
	}
	for _, value := range values {
		p := newPattern(value, version, encode)
		if p.literal() && !t.fold {
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

func (t texts) has(c *requestContext, text string) answer {
	_, there := t.fixed[text]
	return answerOf(there || t.matches(c, text, globFast))
}

// matches looks through the values that are not one fixed text.
func (t texts) matches(c *requestContext, text string, match func(pattern, text string) bool) bool {
	for i := range t.patterns {
		resolved, ok := t.patterns[i].resolve(c)
		switch {
		case !ok:
		case t.fold && strings.EqualFold(resolved, text):
			return true
		case !t.fold && match(resolved, text):
			return true
		}
	}
	return false
}

type booleans struct {
	texts
	ill bool
}

func (b booleans) has(c *requestContext, text string) answer {
	if b.ill {
		return unsure
	}
	return b.texts.has(c, text)
}

type arns struct {
	texts
	ill bool
}

func (a arns) has(c *requestContext, text string) answer {
	_, there := a.fixed[text]
	readable := isARN(text)
	return among(readable && (there || a.matches(c, text, globARN)), readable, a.ill)
}

type numbers struct {
	relation grammar.Relation
	want     []grammar.Number
	ill      bool
}

func (n numbers) has(_ *requestContext, text string) answer {
	got, ok := grammar.ParseNumber(text)
	return among(ok && slices.ContainsFunc(n.want, func(want grammar.Number) bool {
		return stands(n.relation, got.Compare(want))
	}), ok, n.ill)
}

type dates struct {
	relation grammar.Relation
	want     []time.Time
	ill      bool
}

func (d dates) has(_ *requestContext, text string) answer {
	got, ok := grammar.ParseDate(text)
	return among(ok && slices.ContainsFunc(d.want, func(want time.Time) bool {
		return stands(d.relation, got.Compare(want))
	}), ok, d.ill)
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

type networks struct {
	want []netip.Prefix
	ill  bool
}

func (n networks) has(_ *requestContext, text string) answer {
	address, ok := grammar.ParseAddress(text)
	return among(ok && slices.ContainsFunc(n.want, func(p netip.Prefix) bool { return p.Contains(address) }), ok, n.ill)
}

// binaries are base64 texts. The page's table gives the request's value in base64 as well, its sentence as the bytes
// themselves: both are the same value here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals
type binaries struct {
	want policy.Values
	ill  bool
}

func (b binaries) has(_ *requestContext, text string) answer {
	is := slices.Contains(b.want, text) || slices.Contains(b.want, base64.StdEncoding.EncodeToString([]byte(text)))
	return among(is, true, b.ill)
}

// presence is the operand of Null: which of true (the key is absent) and false (it is there) is asked for. It is asked
// about the key, never about a value.
type presence struct{ absent, present bool }

func (presence) has(*requestContext, string) answer { return no }

// holds: with ForAllValues Null is always true, with ForAnyValue always false. What both or neither of true and false
// would mean is not documented.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (Null with qualifier)
func (p presence) holds(set grammar.Set, there bool) answer {
	switch {
	case set != grammar.NoSet:
		return answerOf(set == grammar.ForAllValues)
	case p.absent == p.present:
		return unsure
	}
	return answerOf(there == p.present)
}
