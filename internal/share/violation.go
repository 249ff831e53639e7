package share

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Violation is one thing wrong with declared properties.
type Violation struct {
	Place    string // where that stands in a file, such as share.yaml:12:5; empty for what comes from elsewhere
	Property string // path, such as Consumers[2].Access
	Problem  string // what is wrong
	Remedy   string // what to do
}

func (v Violation) String() string {
	s := v.Problem
	if v.Property != "" {
		s = v.Property + ": " + s
	}
	if v.Place != "" {
		s = v.Place + ": " + s
	}
	if v.Remedy != "" {
		s += "; " + v.Remedy
	}
	return s
}

// Violations are all that is wrong with declared properties, in the order of the properties.
type Violations []Violation

// mostListed is how many violations an error spells out. Who has more mends these first.
const mostListed = 50

// Lines are the violations, one a line, so that one deployment is enough to see them all; of very many, the first ones
// and how many more there are.
func (v Violations) Lines() []string {
	lines := make([]string, 0, min(len(v), mostListed)+1)
	for _, one := range v[:min(len(v), mostListed)] {
		lines = append(lines, one.String())
	}
	if more := len(v) - mostListed; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

func (v Violations) Error() string {
	if len(v) == 1 {
		return "invalid property: " + v[0].String()
	}
	lines := v.Lines()
	for i := range min(len(v), mostListed) {
		lines[i] = fmt.Sprintf("(%d) %s", i+1, lines[i])
	}
	return fmt.Sprintf("%d invalid properties: %s", len(v), strings.Join(lines, " "))
}

// Err is nil for no violations, so that callers get a nil error.
func (v Violations) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// Add adds a violation of the property at path. Texts among args are declared values: of long ones the beginning is
// enough to find them again.
func (v *Violations) Add(path, remedy, format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = brief(text)
		}
	}
	*v = append(*v, Violation{Property: path, Problem: fmt.Sprintf(format, args...), Remedy: remedy})
}

// mostShown is how many bytes of a declared value a message shows.
const mostShown = 100

// brief is a value as messages show it.
func brief(value string) string {
	if len(value) <= mostShown {
		return value
	}
	cut := mostShown
	for cut > 0 && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}

// Nearest is the remedy for a name that is none of known: the closest one when it looks like a slip, else all of them.
func Nearest(name string, known []string) string {
	best, distance := "", 4
	for _, k := range known {
		if len(name) > 2*len(k) {
			continue // no slip
		}
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	known = slices.Clone(known)
	slices.Sort(known)
	return "known are " + strings.Join(known, ", ")
}

// editDistance is the Levenshtein distance.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
