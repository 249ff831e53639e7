package empty

import "unicode/utf8"

// Where to cut the keys after a page into ranges that can be listed at the same time. S3 takes any key as a place to
// list from, whether an object has it or not. The cuts are guesses from how the page's keys are built: a wrong one costs
// a call that lists nothing.

// sample is what a page tells about keys: the last one, how much all have in common, the ASCII characters behind that,
// and how many different ones the keys have right behind it.
type sample struct {
	last    string
	common  int // bytes
	used    [utf8.RuneSelf]bool
	covered int
}

func take(entries []Version) sample {
	first, s := entries[0].Key, sample{last: entries[0].Key}
	for _, e := range entries {
		first, s.last = min(first, e.Key), max(s.last, e.Key)
	}
	for s.common < min(len(first), len(s.last)) && first[s.common] == s.last[s.common] {
		s.common++
	}
	var behind [256]bool
	for _, e := range entries {
		for i, c := range []byte(e.Key[s.common:]) {
			if c < utf8.RuneSelf {
				s.used[c] = true
			}
			behind[c] = behind[c] || i == 0
		}
	}
	for _, there := range behind {
		if there {
			s.covered++
		}
	}
	return s
}

// cuts are up to n keys after the last of the page and before until, in order. Each replaces one character by a later
// one: where keys begin to differ, and in what they have in common. As long as there is no end, what does not look like
// the changing part of keys is only replaced by its next character: that finds where each folder ends, so to say.
func (s sample) cuts(until string, n int) []string {
	var found []string
	for i := min(s.common, len(s.last)-1); i >= 0 && len(found) < 1000; i-- {
		var here []string
		changing := s.last[i] < utf8.RuneSelf && s.used[s.last[i]]
		for c := s.last[i] + 1; c < utf8.RuneSelf-1; c++ {
			wide := until != "" || i == s.common || changing
			// Behind a character that is used, so that its keys are a range of their own.
			if c != s.last[i]+1 && !(wide && (s.used[c] || s.used[c-1])) {
				continue
			}
			key := s.last[:i] + string(rune(c))
			if c > ' ' && (until == "" || key < until) && utf8.ValidString(key) {
				here = append(here, key)
			}
		}
		if i == s.common {
			here = every(here, s.covered)
		}
		found = append(found, here...)
	}
	return thin(found, n)
}

// every keeps the n-th, 2n-th, … of the keys: where the page covered n characters, a page behind it will as well.
func every(keys []string, n int) []string {
	var kept []string
	for i := n - 1; i < len(keys); i += n {
		kept = append(kept, keys[i])
	}
	return kept
}

// thin keeps n of the keys, evenly.
func thin(keys []string, n int) []string {
	if len(keys) <= n {
		return keys
	}
	var kept []string
	for i := range n {
		kept = append(kept, keys[i*len(keys)/n])
	}
	return kept
}

// split is what is left of a range after next, cut into several. Where a cut and the following one have only the last
// character between them, the range is a prefix: its listing then ends by itself.
func (g Range) split(next Marker, cuts []string) []Range {
	g.After = next
	rest := []Range{g}
	for i, cut := range cuts {
		if last := &rest[i]; last.After != (Marker{}) {
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
