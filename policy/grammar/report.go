package grammar

import "fmt"

// report collects the problems of one document.
type report struct {
	kind     Kind
	version  string              // of the document, which decides whether there are variables
	alone    bool                // the document has one statement
	sids     map[string]struct{} // seen so far
	problems Problems
}

func (r *report) add(page, place, format string, args ...any) {
	r.problems = append(r.problems, Problem{Place: place, Text: fmt.Sprintf(format, args...), Page: page})
}

// join is the place of a member within a place.
func join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}

// item is the place of one value of a list; a value that stands alone has the place of the element.
func item(place string, i int, alone bool) string {
	if alone {
		return place
	}
	return fmt.Sprintf("%s[%d]", place, i)
}

// text reads a string.
func (r *report) text(n node, place string) string {
	if n.kind != stringNode {
		r.add(pageGrammar, place, "must be a string, not %s", n.kind)
		return ""
	}
	return n.text
}

// either counts how many of two elements that exclude each other a statement has.
func (r *report) either(n node, place, one, other string) int {
	_, first := n.member(one)
	_, second := n.member(other)
	switch {
	case first && second:
		r.add(pageChecks, join(place, other), "cannot stand beside %s", one)
		return 2
	case first || second:
		return 1
	}
	return 0
}
