package share

import (
	"fmt"
	"slices"
	"strings"
)

// Violation is one thing wrong with declared properties.
type Violation struct {
	Property string // path, such as Consumers[2].Access
	Problem  string // what is wrong
	Remedy   string // what to do
}

func (v Violation) String() string {
	s := v.Problem
	if v.Property != "" {
		s = v.Property + ": " + s
	}
	if v.Remedy != "" {
		s += "; " + v.Remedy
	}
	return s
}

// Violations are all that is wrong with declared properties, in the order of the properties.
type Violations []Violation

// Error lists every violation, so that one deployment is enough to see them all.
func (v Violations) Error() string {
	if len(v) == 1 {
		return "invalid property: " + v[0].String()
	}
	lines := make([]string, len(v))
	for i, one := range v {
		lines[i] = fmt.Sprintf("(%d) %s", i+1, one)
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

// Add adds a violation of the property at path.
func (v *Violations) Add(path, remedy, format string, args ...any) {
	*v = append(*v, Violation{path, fmt.Sprintf(format, args...), remedy})
}

// Nearest is the remedy for a name that is none of known, for those who have names of their own to check.
func Nearest(name string, known []string) string { return nearest(name, known) }

// nearest is the remedy for a name that is none of known: the closest one when it looks like a slip, else all of them.
func nearest(name string, known []string) string {
	best, distance := "", 4
	for _, k := range known {
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
