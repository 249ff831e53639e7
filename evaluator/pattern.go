package evaluator

import (
	"strings"
	"unicode/utf8"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// pattern is a value of a policy, made ready for matching.
type pattern struct {
	text  string         // without variables
	parts []grammar.Part // with variables, which only a request can fill in
	shape shape
}

// newPattern reads a value whose wildcards encode puts in place. Variables exist only in documents of Version
// 2012-10-17; in others ${ is literal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
func newPattern(value, version string, encode func(string) string) pattern {
	if version == policy.Version && strings.Contains(value, "${") {
		parts, err := grammar.ParseTemplate(value)
		if err == nil { // there is an error only in documents with problems, which are never evaluated
			return patternOf(parts, encode)
		}
	}
	text := encode(value)
	return pattern{text: text, shape: shapeOf(text)}
}

// resourcePattern reads a value of Resource. A variable stands behind the fifth colon, and there wildcards have no
// limits.
func resourcePattern(value, version string) pattern {
	first := true
	return newPattern(value, version, func(text string) string {
		if first {
			first = false
			return arnWildcards(text)
		}
		return wildcards.Replace(text)
	})
}

// asWritten is how values are encoded that have no wildcards.
func asWritten(text string) string { return text }

// patternOf makes the pattern of a value's parts. Without a variable among them it is a fixed text like any other.
func patternOf(parts []grammar.Part, encode func(string) string) pattern {
	var text strings.Builder
	variable := false
	for i, part := range parts {
		switch {
		case part.Variable:
			parts[i].Text = strings.ToLower(part.Text)
			variable = true
		case !part.Escaped:
			parts[i].Text = encode(part.Text)
		}
		text.WriteString(parts[i].Text)
	}
	if variable {
		return pattern{parts: parts}
	}
	return pattern{text: text.String(), shape: shapeOf(text.String())}
}

// literal says whether the pattern is one fixed text.
func (p *pattern) literal() bool { return p.shape == fixedText }

// resolve fills in the variables; false when one has no value, and then nothing equals or resembles the pattern. What
// is filled in has no wildcards. A key with several values cannot be a variable.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (p *pattern) resolve(c *requestContext) (string, bool) {
	if p.parts == nil {
		return p.text, true
	}
	var b strings.Builder
	for _, part := range p.parts {
		if !part.Variable {
			b.WriteString(part.Text)
			continue
		}
		value, there := c.get(part.Text)
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
func (p *pattern) matches(c *requestContext, text string) bool {
	switch p.shape {
	case fixedText:
		return p.text == text
	case fixedBegin:
		return strings.HasPrefix(text, p.text[:len(p.text)-1])
	}
	resolved, ok := p.resolve(c)
	return ok && glob(resolved, text)
}
