package evaluator

import (
	"strings"
	"unicode/utf8"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// The wildcards of a pattern are bytes that no UTF-8 text has, so that a literal * or ? needs no escape.
const (
	anyRun = "\xff" // *: any number of characters
	anyOne = "\xfe" // ?: one character
)

var wildcards = strings.NewReplacer("*", anyRun, "?", anyOne)

// pattern is a value of a policy, made ready for matching.
type pattern struct {
	text  string         // without variables
	parts []grammar.Part // with variables, which only a request can fill in
	wild  bool           // * and ? are wildcards
	shape shape
}

// shape is how a pattern without variables can be matched. Most are one fixed text, or one and then anything.
type shape int

const (
	anyShape shape = iota
	fixedText
	fixedBegin
)

func shapeOf(text string) shape {
	for i := range len(text) {
		switch {
		case text[i] == anyRun[0] && i == len(text)-1:
			return fixedBegin
		case text[i] == anyRun[0] || text[i] == anyOne[0]:
			return anyShape
		}
	}
	return fixedText
}

// newPattern reads a value. Variables exist only in documents of Version 2012-10-17; in others ${ is literal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
func newPattern(value, version string, wild bool) pattern {
	p := pattern{wild: wild}
	if version == policy.Version && strings.Contains(value, "${") {
		parts, err := grammar.ParseTemplate(value)
		if err == nil { // there is an error only in documents with problems, which are never evaluated
			return p.of(parts)
		}
	}
	p.text = p.encode(value)
	p.shape = shapeOf(p.text)
	return p
}

// of makes the pattern of a value's parts. Without a variable among them it is a fixed text like any other.
func (p pattern) of(parts []grammar.Part) pattern {
	var text strings.Builder
	variable := false
	for i, part := range parts {
		switch {
		case part.Variable:
			parts[i].Text = strings.ToLower(part.Text)
			variable = true
		case !part.Escaped:
			parts[i].Text = p.encode(part.Text)
		}
		text.WriteString(parts[i].Text)
	}
	if variable {
		p.parts = parts
		return p
	}
	p.text = text.String()
	p.shape = shapeOf(p.text)
	return p
}

func (p pattern) encode(text string) string {
	if !p.wild {
		return text
	}
	return wildcards.Replace(text)
}

// literal says whether the pattern is one fixed text.
func (p *pattern) literal() bool { return p.shape == fixedText }

// resolve fills in the variables; false when one has no value, and then nothing equals or resembles the pattern. What
// is filled in has no wildcards. A key with several values cannot be a variable.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (p *pattern) resolve(v *view) (string, bool) {
	if p.parts == nil {
		return p.text, true
	}
	var b strings.Builder
	for _, part := range p.parts {
		if !part.Variable {
			b.WriteString(part.Text)
			continue
		}
		value, there := v.get(part.Text)
		switch {
		case there && !value.multi && utf8.ValidString(value.texts[0]):
			b.WriteString(value.texts[0])
		case part.Defaults:
			b.WriteString(part.Default)
		default:
			return "", false
		}
	}
	return b.String(), true
}

// matches says whether the whole of text is as the pattern says.
func (p *pattern) matches(v *view, text string) bool {
	switch p.shape {
	case fixedText:
		return p.text == text
	case fixedBegin:
		return strings.HasPrefix(text, p.text[:len(p.text)-1])
	}
	resolved, ok := p.resolve(v)
	return ok && glob(resolved, text)
}

// glob matches text against a pattern whose wildcards are anyRun and anyOne. It goes back to the last run only, which
// is enough, and keeps the time within the product of the two lengths.
func glob(pattern, text string) bool {
	p, t := 0, 0
	run, from := -1, 0 // where the last run stands, and the text it reaches so far
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == anyRun[0]:
			if p == len(pattern)-1 {
				return true
			}
			run, from = p, t
			p++
		case p < len(pattern) && pattern[p] == anyOne[0]:
			_, size := utf8.DecodeRuneInString(text[t:])
			p, t = p+1, t+size
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case run >= 0:
			_, size := utf8.DecodeRuneInString(text[from:])
			from += size
			p, t = run+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyRun[0] {
		p++
	}
	return p == len(pattern)
}

// globARN matches ARNs: "each of the six colon-delimited components of the ARN is checked separately". What follows
// the fifth colon is one component, whatever colons it has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func globARN(pattern, text string) bool {
	for range 5 {
		p, morePattern, ok := strings.Cut(pattern, ":")
		t, moreText, there := strings.Cut(text, ":")
		if !ok || !there || !glob(p, t) {
			return false
		}
		pattern, text = morePattern, moreText
	}
	return glob(pattern, text)
}
