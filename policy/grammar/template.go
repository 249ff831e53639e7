package grammar

import (
	"errors"
	"strings"
)

// Part is a piece of a value that can have policy variables.
type Part struct {
	Text     string // literal text, or the variable's condition key as written
	Variable bool
	Escaped  bool // text that came from ${*}, ${?} or ${$} and has no special meaning
	Default  string
	Defaults bool // there is a default, which can be empty
}

// ParseTemplate splits a value of a document of Version 2012-10-17 at its policy variables: ${key},
// ${key, 'default'}, and the literal characters ${*}, ${?} and ${$}.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func ParseTemplate(text string) ([]Part, error) {
	var parts []Part
	for text != "" {
		open := strings.Index(text, "${")
		if open < 0 {
			return append(parts, Part{Text: text}), nil
		}
		if open > 0 {
			parts = append(parts, Part{Text: text[:open]})
		}
		inside, rest, closed := cutVariable(text[open+2:])
		if !closed {
			return nil, errors.New("has a policy variable without a closing brace")
		}
		part, err := parseVariable(inside)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		text = rest
	}
	return parts, nil
}

// cutVariable cuts at the brace that closes a variable; a brace between the quotes of its default does not.
func cutVariable(text string) (inside, rest string, closed bool) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return text[:i], text[i+1:], true
		}
	}
	return strings.Cut(text, "}") // a quote that is not closed is reported as that, not as a missing brace
}

func parseVariable(inside string) (Part, error) {
	switch inside {
	case "*", "?", "$":
		return Part{Text: inside, Escaped: true}, nil
	}
	key, value, defaults := strings.Cut(inside, ",")
	if key == "" {
		return Part{}, errors.New("has an empty policy variable")
	}
	if strings.ContainsAny(key, " \t\r\n") {
		return Part{}, errors.New("has a policy variable with a space in its name")
	}
	part := Part{Text: key, Variable: true}
	if !defaults {
		return part, nil
	}
	quoted, spaced := strings.CutPrefix(value, " ")
	if !spaced {
		return Part{}, errors.New("has a policy variable without a space before its default value")
	}
	if len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' {
		return Part{}, errors.New("has a policy variable whose default value is not in single quotes")
	}
	part.Default, part.Defaults = quoted[1:len(quoted)-1], true
	return part, nil
}
