package evaluator

import (
	"strings"
	"unicode/utf8"
)

// The wildcards of a pattern are bytes that no UTF-8 text has, so that a literal * or ? needs no escape.
const (
	anyRun    = '\xff' // any number of characters
	anyOne    = '\xfe' // one character
	runWithin = '\xfd' // any number of characters without a colon
	oneWithin = '\xfc' // one character that is not a colon
)

var wildcards = strings.NewReplacer("*", "\xff", "?", "\xfe")

// arnWildcards puts the wildcards of a Resource in place. "If the * wildcard is the last character of a resource ARN
// segment, it can expand to match beyond the colon boundaries"; every other wildcard stays within its segment. The
// fifth colon is the last that delimits: after it there is one segment, whatever colons it has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
func arnWildcards(text string) string {
	b := []byte(text)
	for i, colons := 0, 0; i < len(b); i++ {
		switch {
		case b[i] == ':':
			colons++
		case colons >= 5 || b[i] == '*' && (i == len(b)-1 || b[i+1] == ':'):
			b[i] = wildcard(b[i], anyRun, anyOne)
		default:
			b[i] = wildcard(b[i], runWithin, oneWithin)
		}
	}
	return string(b)
}

// wildcard is the byte that stands for * or ? in a pattern; every other byte stands for itself.
func wildcard(c, run, one byte) byte {
	switch c {
	case '*':
		return run
	case '?':
		return one
	}
	return c
}

// shape is how a pattern without variables can be matched. Most are one fixed text, or one and then anything.
type shape int

const (
	anyShape shape = iota
	fixedText
	fixedBegin
)

func shapeOf(text string) shape {
	switch i := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError }); {
	case i < 0:
		return fixedText
	case i == len(text)-1 && text[i] == anyRun:
		return fixedBegin
	}
	return anyShape
}

// glob matches the whole of text against a pattern.
func glob(pattern, text string) bool {
	if strings.IndexByte(pattern, runWithin) >= 0 {
		return globWithin(pattern, text)
	}
	return globFast(pattern, text)
}

// globFast goes back to the last run only, which is enough as runs have no limits here, and keeps the time within the
// product of the two lengths.
func globFast(pattern, text string) bool {
	p, t := 0, 0
	run, from := -1, 0 // where the last run stands, and the text it reaches so far
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == anyRun:
			if p == len(pattern)-1 {
				return true
			}
			run, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == anyOne || pattern[p] == oneWithin && text[t] != ':'):
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
	for p < len(pattern) && pattern[p] == anyRun {
		p++
	}
	return p == len(pattern)
}

// globWithin matches a pattern that has a run with limits, by all ways in which its runs can end: reached[i] says that
// the pattern so far matches text[:i]. Few patterns have such a run.
func globWithin(pattern, text string) bool {
	reached, next := make([]bool, len(text)+1), make([]bool, len(text)+1)
	reached[0] = true
	for p := range len(pattern) {
		clear(next)
		for i, here := range reached {
			switch c := pattern[p]; {
			case c == anyRun || c == runWithin:
				next[i] = here || i > 0 && next[i-1] && (c == anyRun || text[i-1] != ':')
			case !here || i == len(text):
			case utf8.RuneStart(text[i]) && (c == anyOne || c == oneWithin && text[i] != ':'):
				_, size := utf8.DecodeRuneInString(text[i:])
				next[i+size] = true
			case c == text[i]:
				next[i+1] = true
			}
		}
		reached, next = next, reached
	}
	return reached[len(text)]
}

// globARN matches ARNs: "each of the six colon-delimited components of the ARN is checked separately". What follows
// the fifth colon is one component, whatever colons it has. Both have six fields.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func globARN(pattern, text string) bool {
	for range 5 {
		p, morePattern, _ := strings.Cut(pattern, ":")
		t, moreText, _ := strings.Cut(text, ":")
		if !globFast(p, t) {
			return false
		}
		pattern, text = morePattern, moreText
	}
	return globFast(pattern, text)
}

// isARN says whether a text has the six fields of an ARN.
func isARN(text string) bool { return strings.Count(text, ":") >= 5 }
