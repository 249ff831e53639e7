package share

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// expression is a pattern of a limit as a regular expression.
func expression(pattern string) *regexp.Regexp {
	quoted := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + quoted + "$")
}

// A pattern matches what its regular expression matches; and a text with an open run, what it could match with some
// text in its place.
func TestPatternsOfLimits(t *testing.T) {
	letters := rapid.StringMatching(`[ab/*?]{0,6}`)
	names := rapid.StringMatching(`[ab/]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		pattern := letters.Draw(t, "pattern")
		begin, middle, end := names.Draw(t, "begin"), names.Draw(t, "middle"), names.Draw(t, "end")
		text := begin + middle + end
		if got, want := couldMatch(pattern, text), expression(pattern).MatchString(text); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
		if expression(pattern).MatchString(text) && !couldMatch(pattern, begin+anyRun+end) {
			t.Fatalf("%q matches %q, but not with an open middle", pattern, text)
		}
		if couldMatch(pattern, begin+anyRun+end) != someMiddleMatches(pattern, begin, end) {
			t.Fatalf("%q and %q…%q", pattern, begin, end)
		}
	})
}

// someMiddleMatches tries what a middle could be: any part of the pattern, with its wildcards as letters.
func someMiddleMatches(pattern, begin, end string) bool {
	e := expression(pattern)
	for i := range len(pattern) + 1 {
		for j := i; j <= len(pattern); j++ {
			middle := strings.NewReplacer("*", "", "?", "a").Replace(pattern[i:j])
			if e.MatchString(begin + middle + end) {
				return true
			}
		}
	}
	return false
}

func FuzzReadLimits(f *testing.F) {
	f.Add("arn:aws:s3:::a-*, arn:aws:s3:::b?", "arn:aws:s3:::a-x")
	f.Fuzz(func(t *testing.T, list, text string) {
		limits := ReadLimits(func(string) string { return list })
		for _, entry := range limits.BucketArns {
			if entry == "" || strings.TrimSpace(entry) != entry {
				t.Errorf("entry %q", entry)
			}
			couldMatch(entry, text)
		}
	})
}
