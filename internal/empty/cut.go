package empty

import (
	"strings"
	"unicode/utf8"
)

// Where to cut the keys after a page into ranges that can be listed at the same time. S3 takes any key as a place to
// list from, whether an object has it or not. The cuts are guesses from how the page's keys are built: a wrong one
// costs a call that lists nothing.

// sample is what a page tells about keys: the last one, how much all have in common, how many different characters
// come right behind that, and which characters are likely there.
type sample struct {
	last    string
	common  int // bytes
	covered int
	likely  [utf8.RuneSelf]bool
}

func take(entries []Version) sample {
	first, s := entries[0].Key, sample{last: entries[0].Key}
	for _, e := range entries {
		first, s.last = min(first, e.Key), max(s.last, e.Key)
	}
	for s.common < min(len(first), len(s.last)) && first[s.common] == s.last[s.common] {
		s.common++
	}
	var behind, anywhere [256]bool
	for _, e := range entries {
		for i, c := range []byte(e.Key[s.common:]) {
			anywhere[c] = true
			behind[c] = behind[c] || i == 0
		}
	}
	for c, there := range behind {
		if there {
			s.covered++
			s.expect(byte(c), anywhere)
		}
	}
	return s
}

// expect takes a character that was seen as a sign of others of its kind: all digits for a digit, and for a letter
// those that are used anywhere, as in hexadecimal numbers.
func (s *sample) expect(seen byte, anywhere [256]bool) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c == seen, isDigit(seen) && isDigit(c), isLetter(seen) && isLetter(c) && anywhere[c]:
			s.likely[c] = true
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// widely is at how many places of the common part all likely characters are tried as long as there is no end.
const widely = 2

// cuts are up to n keys after the last of the page and before until, in order. Each replaces one character by a later
// one: where keys begin to differ, and in what they have in common. As long as there is no end, what is far from where
// they differ is only replaced by the next character. Folders that all of the page is in are not cut here: which others
// there are beside them, S3 is asked (folders.go).
func (s sample) cuts(until string, n int) []string {
	var found []string
	above := strings.LastIndexByte(s.last[:s.common], '/')
	for i := min(s.common, len(s.last)-1); i > above && len(found) < n; i-- {
		wide := i >= s.common-widely && isLikely(s, s.last[i])
		if here := s.later(i, until != "" || wide); i == s.common {
			found = append(found, every(here, s.covered)...)
		} else {
			found = append(found, here...)
		}
		for len(found) > 0 && until != "" && found[len(found)-1] >= until {
			found = found[:len(found)-1]
		}
	}
	return found[:min(n, len(found))]
}

func isLikely(s sample, c byte) bool { return c < utf8.RuneSelf && s.likely[c] }

// later are the last key with a later character at a place: the next one, the likely ones and those behind likely ones,
// so that the keys of each are a range of their own.
func (s sample) later(place int, wide bool) []string {
	var keys []string
	for c := max(s.last[place], ' ') + 1; c < utf8.RuneSelf-1; c++ {
		if c == s.last[place]+1 || wide && (s.likely[c] || s.likely[c-1]) {
			if key := s.last[:place] + string(rune(c)); utf8.ValidString(key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// every keeps the n-th, 2n-th, … of the keys: where the page covered n characters, a page behind it will as well. A
// page covers the rest when it is no more than that.
func every(keys []string, n int) []string {
	var kept []string
	for i := n - 1; i < len(keys) && len(keys) > n; i += n {
		kept = append(kept, keys[i])
	}
	return kept
}

// split cuts a range into several. Where a cut and the following one have only the last
// character between them, the range is a prefix: its listing then ends by itself.
func (g Range) split(cuts []string) []Range {
	rest := []Range{g}
	for i, cut := range cuts {
		if last := &rest[i]; last.Prefix == g.Prefix {
			last.Until, last.UntilVersion = cut, ""
		}
		if i+1 < len(cuts) && cuts[i+1] == following(cut) {
			rest = append(rest, Range{Prefix: cut})
		} else {
			g.After = Marker{Key: before(cut)}
			rest = append(rest, g)
		}
	}
	return rest
}

// before is a place right before all keys that begin with cut. Nobody's keys begin like it; one that did would be found
// when S3 says that the bucket is not empty.
func before(cut string) string {
	return cut[:len(cut)-1] + string(rune(cut[len(cut)-1]-1)) + string(utf8.MaxRune)
}
