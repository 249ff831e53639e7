package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// node is one JSON value with its members in the order they were written, names repeated or not: what encoding/json's
// maps and structs throw away, and what decides whether a document is valid.
type node struct {
	kind  nodeKind
	text  string // a string's value, a number or a boolean as written
	names []string
	kids  []node
}

type nodeKind string

const (
	objectNode  nodeKind = "an object"
	listNode    nodeKind = "a list"
	stringNode  nodeKind = "a string"
	numberNode  nodeKind = "a number"
	booleanNode nodeKind = "a boolean"
	nullNode    nodeKind = "null"
)

// member is the first member of that name.
func (n node) member(name string) (node, bool) {
	for i, have := range n.names {
		if have == name {
			return n.kids[i], true
		}
	}
	return node{}, false
}

// readTree reads exactly one JSON value: text after it is an error, and so are bytes that are not UTF-8, in which all
// policies have to be (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_datatypes.html).
func readTree(text string) (node, error) {
	if !utf8.ValidString(text) {
		return node{}, errors.New("it is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		return node{}, syntaxError(text, err)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return readNode(d)
}

// syntaxError adds line and column to what encoding/json says.
func syntaxError(text string, err error) error {
	var s *json.SyntaxError
	if !errors.As(err, &s) || s.Offset < 1 || int(s.Offset) > len(text) {
		return err
	}
	before := text[:s.Offset-1]
	line := 1 + strings.Count(before, "\n")
	column := len(before) - strings.LastIndex(before, "\n")
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// readNode reads the next value. The text is known to be JSON no deeper than encoding/json allows.
func readNode(d *json.Decoder) (node, error) {
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case string:
		return node{kind: stringNode, text: t}, nil
	case json.Number:
		return node{kind: numberNode, text: t.String()}, nil
	case bool:
		return node{kind: booleanNode, text: fmt.Sprint(t)}, nil
	case json.Delim:
		return readKids(d, t)
	}
	return node{kind: nullNode, text: "null"}, nil
}

func readKids(d *json.Decoder, open json.Delim) (node, error) {
	n := node{kind: listNode}
	if open == '{' {
		n.kind = objectNode
	}
	for d.More() {
		if n.kind == objectNode {
			name, err := d.Token()
			if err != nil {
				return node{}, err
			}
			n.names = append(n.names, name.(string)) // the decoder gives nothing else in this place
		}
		kid, err := readNode(d)
		if err != nil {
			return node{}, err
		}
		n.kids = append(n.kids, kid)
	}
	_, err := d.Token()
	return n, err
}
