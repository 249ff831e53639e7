package grammar

import (
	"strings"
)

// Problem is one way in which a document is not what AWS documents as valid.
type Problem struct {
	Place string // such as Statement[1].Condition.StringEqualz; empty for the document as a whole
	Text  string // what is wrong there
	Page  string // the page that says so
}

func (p Problem) String() string {
	if p.Place == "" {
		return p.Text
	}
	return p.Place + ": " + p.Text
}

// Problems is everything that is wrong with a document, in the order of the document. It is an error when there is any.
type Problems []Problem

// Err is the problems as one error, nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.String()
	}
	return "policy document is not valid: " + strings.Join(texts, "; ")
}
