package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A field that nobody knows is either mistyped or an annotation of somebody's own. A mistyped permission_boundary must
// not turn a deny into an allow, so what is near to a field that decides is an error; what is near to none of them is
// ignored, and said.

// fieldsOf are the fields of a type by their names in JSON.
func fieldsOf[T any]() []string { return fieldNames(reflect.TypeFor[T]()) }

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			names = append(names, fieldNames(f.Type)...)
		case name != "":
			names = append(names, name)
		}
	}
	return names
}

var (
	scenarioFields  = slices.Concat(fieldsOf[given](), fieldsOf[buckets](), []string{"id", "requests"})
	givenMembers    = quotedSet(slices.Concat(fieldsOf[given](), fieldsOf[buckets]()))
	bucketFields    = fieldsOf[otherBucket]()
	blockFields     = fieldsOf[blockPublicAccess]()
	pointFields     = fieldsOf[accessPoint]()
	accountFields   = fieldsOf[account]()
	principalFields = fieldsOf[principal]()
	levelFields     = fieldsOf[level]()
	requestFields   = fieldsOf[request]()
	copyFromFields  = fieldsOf[copyFrom]()
)

// quotedSet has names as they stand in JSON.
func quotedSet(names []string) map[string]struct{} {
	set := make(map[string]struct{}, len(names))
	for _, name := range names {
		set[`"`+name+`"`] = struct{}{}
	}
	return set
}

// idle are fields that decide nothing, so that one near to them may be an annotation.
var idle = []string{"id", "expect"}

// unknown collects what becomes of fields that nobody knows.
type unknown struct {
	warnings []string
	err      error // the first that is near to a known one
}

// check looks through the unknown members of one object.
func (u *unknown) check(place string, members jsontext.Value, known []string) {
	if len(members) == 0 {
		return
	}
	var names map[string]jsontext.Value
	if err := json.Unmarshal(members, &names, lenient); err != nil {
		return // it was read before
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	u.checkNames(place, sorted, known)
}

func (u *unknown) checkNames(place string, names, known []string) {
	for _, name := range names {
		near := nearest(name, known)
		switch {
		case near == "":
			u.warnings = append(u.warnings, fmt.Sprintf("unknown field %q of %s is ignored", name, place))
		case slices.Contains(idle, near):
			warning := fmt.Sprintf("unknown field %q of %s is ignored; did you mean %q?", name, place, near)
			u.warnings = append(u.warnings, warning)
		case u.err == nil:
			u.err = fmt.Errorf("unknown field %q of %s: did you mean %q?", name, place, near)
		}
	}
}

// nearest is the known name that a name was meant to be, or none.
func nearest(name string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		d := distance(plain(name), plain(k))
		if d < least && (d <= tolerance(len(plain(name)), len(plain(k))) || within(words(name), words(k))) {
			best, least = k, d
		}
	}
	return best
}

// tolerance is how many letters may differ. Short names are too near to each other for more than one.
func tolerance(a, b int) int {
	switch n := max(a, b); {
	case n <= 2:
		return 0
	case n <= 6:
		return 1
	case n <= 10:
		return 2
	}
	return 3
}

// within says whether a name is some of the words of a known one, such as boundary of permission_boundary. Short words
// are part of too many.
func within(name, known []string) bool {
	if len(name) == 0 || len(name) >= len(known) || len(strings.Join(name, "")) < 5 {
		return false
	}
	for i := 0; i+len(name) <= len(known); i++ {
		if slices.Equal(name, known[i:i+len(name)]) {
			return true
		}
	}
	return false
}

// words are the words of a name, whether they are joined by case, underscores or hyphens.
func words(name string) []string {
	var spaced strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(c))
	}
	return strings.FieldsFunc(spaced.String(), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// plain is a name without case and what joins its words.
func plain(name string) string { return strings.Join(words(name), "") }

// distance is how many letters must be added, taken away, changed or swapped with their neighbour.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			changed := above[j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			row[j] = min(changed, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}
