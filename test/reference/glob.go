package reference

import "strings"

// A glob is a pattern as a row of symbols. Two globs overlap when one text matches both.
type glob []symbol

type symbol struct {
	letter rune
	many   bool   // any number of letters
	any    bool   // one letter, or with many, any letters
	not    string // what any is not
}

// globOf reads a pattern of a policy: * and ?, and ${…} for what is not known before it is used.
func globOf(pattern string) glob {
	return read(pattern, func(string) symbol { return symbol{many: true, any: true} })
}

// literal is a text without wildcards.
func literal(text string) glob {
	var made glob
	for _, letter := range text {
		made = append(made, symbol{letter: letter})
	}
	return made
}

// What the placeholders of a resource type's ARN do not stand for: a bucket's name has no slash, which is what tells a
// bucket from its objects. All others are names, with paths where there are any.
var excluded = map[string]string{"Partition": ":", "Region": ":", "Account": ":", "BucketName": "/"}

// typeOf reads the ARN of a resource type.
func typeOf(arn string) glob {
	return read(arn, func(name string) symbol { return symbol{many: true, any: true, not: excluded[name]} })
}

func read(pattern string, placeholder func(name string) symbol) glob {
	var made glob
	for pattern != "" {
		if rest, open := strings.CutPrefix(pattern, "${"); open {
			name, after, _ := strings.Cut(rest, "}")
			made, pattern = append(made, placeholder(name)), after
			continue
		}
		letter := []rune(pattern)[0]
		pattern = pattern[len(string(letter)):]
		switch letter {
		case '*':
			made = append(made, symbol{many: true, any: true})
		case '?':
			made = append(made, symbol{any: true})
		default:
			made = append(made, symbol{letter: letter})
		}
	}
	return made
}

func overlap(a, b glob) bool {
	type place struct{ a, b int }
	seen := map[place]bool{}
	var from func(at place) bool
	from = func(at place) bool {
		if seen[at] {
			return false // looked at already, in vain
		}
		seen[at] = true
		if at.a == len(a) && at.b == len(b) {
			return true
		}
		manyA, manyB := at.a < len(a) && a[at.a].many, at.b < len(b) && b[at.b].many
		if manyA && from(place{at.a + 1, at.b}) || manyB && from(place{at.a, at.b + 1}) {
			return true
		}
		if at.a == len(a) || at.b == len(b) || !share(a[at.a], b[at.b]) {
			return false
		}
		next := place{at.a + 1, at.b + 1}
		if manyA {
			next.a--
		}
		if manyB {
			next.b--
		}
		return next != at && from(next)
	}
	return from(place{})
}

// share says whether one letter is possible for both.
func share(a, b symbol) bool {
	switch {
	case a.any && b.any:
		return true
	case a.any:
		return !strings.ContainsRune(a.not, b.letter)
	case b.any:
		return !strings.ContainsRune(b.not, a.letter)
	}
	return a.letter == b.letter
}
