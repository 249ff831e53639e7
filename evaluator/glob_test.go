package evaluator

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// TestResourceSegments: reference_policies_elements_resource.html on wildcards, and that only the first five colons
// delimit. A resource of an identity policy that has fewer than six fields is completed by wildcards.
func TestResourceSegments(t *testing.T) {
	const object = "arn:aws:s3:::b/reports/a:b:c.csv"
	for _, c := range []struct {
		name, resource, text string
		want                 bool
	}{
		{name: "everything", resource: "*", text: object, want: true},
		{name: "* that ends the last segment", resource: "arn:aws:s3:::b/*", text: object, want: true},
		{name: "* that ends a segment runs past colons", resource: "arn:aws:s3:*", text: object, want: true},
		{name: "and stops where the next segment begins", resource: "arn:aws:s3:*:b/*", text: object, want: true},
		{name: "* for the partition", resource: "arn:*:s3:::b/*", text: object, want: true},
		{name: "? stays within its segment", resource: "arn:aws:s3:?:b/*", text: object},
		{name: "? for a segment that is empty", resource: "arn:aws:s3:?::b/*", text: object},
		{name: "* inside a segment stays within it", resource: "arn:aws:s3:*x:b/*", text: "arn:aws:s3:::x:b/y"},
		{
			name:     "* inside a segment, within it",
			resource: "arn:aws:s3:*1::b",
			text:     "arn:aws:s3:eu-west-1::b",
			want:     true,
		},
		{name: "? inside a segment, within it", resource: "arn:aw?:s3:::b", text: "arn:aws:s3:::b", want: true},
		{name: "* at the beginning of a segment", resource: "arn:aws:s3:::*rts/a:b:c.csv", text: object, want: true},
		{name: "? for a colon of the key", resource: "arn:aws:s3:::b/reports/a?b?c.csv", text: object, want: true},
		{name: "* for colons of the key", resource: "arn:aws:s3:::b/reports/a*c.csv", text: object, want: true},
		{name: "* before a colon of the key", resource: "arn:aws:s3:::b/*:c.csv", text: object, want: true},
		{
			name:     "? is one character of several bytes",
			resource: "arn:aws:s3:::b/?",
			text:     "arn:aws:s3:::b/ü",
			want:     true,
		},
		{name: "?? is two characters", resource: "arn:aws:s3:::b/??", text: "arn:aws:s3:::b/ü"},
		{name: "?? after a run within", resource: "arn:a*s:s3:::b/*??", text: "arn:aws:s3:::b/ü"},
		{name: "region that is not empty", resource: "arn:aws:s3:*:*:b/*", text: object, want: true},
	} {
		got := slices.ContainsFunc(resourcePatterns(c.resource, grammar.Identity, policy.Version), func(p pattern) bool {
			return p.matches(&requestContext{}, c.text)
		})
		if got != c.want {
			t.Errorf("%s: %s on %s is %v, want %v", c.name, c.resource, c.text, got, c.want)
		}
	}
}

// definition is a pattern as a regular expression: what its wildcards are defined as.
func definition(pattern string) *regexp.Regexp {
	var b strings.Builder
	for i := range len(pattern) {
		switch pattern[i] {
		case anyRun:
			b.WriteString(`.*`)
		case anyOne:
			b.WriteString(`.`)
		case runWithin:
			b.WriteString(`[^:]*`)
		case oneWithin:
			b.WriteString(`[^:]`)
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return regexp.MustCompile(`^(?s:` + b.String() + `)$`)
}

// FuzzGlob: the fast match is the definition.
func FuzzGlob(f *testing.F) {
	for _, pair := range [][2]string{
		{"a*b", "aab"}, {"*a*a*a*", "aaaaaaaaab"}, {"?", "ü"}, {"**?", ""}, {"*", ""}, {"a?*c", "abbbcbc"},
		{"a:b*c:*:d?e:*", "a:bc:::d:e"}, {"*x:*y?:", ":x::ay:"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, value, text string) {
		if !utf8.ValidString(value) || !utf8.ValidString(text) || len(value)*len(text) > 1<<16 {
			return
		}
		for name, encode := range map[string]func(string) string{"text": wildcards.Replace, "resource": arnWildcards} {
			pattern := encode(value)
			if strings.ContainsFunc(value, func(r rune) bool { return r > 0x7f }) {
				continue // QuoteMeta goes byte by byte
			}
			p := newPattern(value, "", encode)
			if got, want := p.matches(&requestContext{}, text), definition(pattern).MatchString(text); got != want {
				t.Errorf("as %s, %q on %q is %v, want %v", name, value, text, got, want)
			}
		}
	})
}
