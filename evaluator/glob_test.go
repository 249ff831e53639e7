package evaluator

import (
	"testing"
	"unicode/utf8"
)

// slowGlob is the definition of a glob, by all ways in which a run can end.
func slowGlob(pattern, text []rune) bool {
	reached := make([]bool, len(text)+1) // reached[i]: the pattern so far matches text[:i]
	reached[0] = true
	for _, p := range pattern {
		next := make([]bool, len(text)+1)
		for i := range reached {
			switch {
			case p == '*':
				next[i] = reached[i] || i > 0 && next[i-1]
			case i > 0:
				next[i] = reached[i-1] && (p == '?' || p == text[i-1])
			}
		}
		reached = next
	}
	return reached[len(text)]
}

// FuzzGlob: the fast match is the definition.
func FuzzGlob(f *testing.F) {
	for _, pair := range [][2]string{{"a*b", "aab"}, {"*a*a*a*", "aaaaaaaaab"}, {"?", "ü"}, {"**?", ""}, {"*", ""}, {"a?*c", "abbbcbc"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern)*len(text) > 1<<16 {
			return
		}
		p := newPattern(pattern, "", true)
		if got, want := p.matches(&view{}, text), slowGlob([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q on %q is %v, want %v", pattern, text, got, want)
		}
	})
}
