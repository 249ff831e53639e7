package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Stored is a document as AWS has it, read once: questions to it cannot fail. Its statements stay as they are written,
// whoever wrote them and whatever this package understands of them. The zero Stored is no document.
type Stored struct {
	text       string
	head       envelope
	statements []storedStatement
	canonical  string
}

// storedStatement is a statement as it is written, with what is asked of it.
type storedStatement struct {
	text      json.RawMessage
	sid       string
	meaning   string   // its canonical form without Sid; empty for what is no statement
	stale     []string // unique ids among its principals
	variables bool     // whether ${ is in it
}

// envelope is a document whose statements are left as they are.
type envelope struct {
	Version   string            `json:"Version,omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// ReadStored reads a document; "" is none. An error means that the text is not a policy's JSON at all; whether a
// document is valid says package grammar.
func ReadStored(text string) (Stored, error) {
	if text == "" {
		return Stored{}, nil
	}
	var doc struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return Stored{}, fmt.Errorf("reading policy document: %w", err)
	}
	list, err := rawList(doc.Statement)
	if err != nil {
		return Stored{}, fmt.Errorf("reading policy document: Statement: %w", err)
	}
	canonical, err := Canonical(text)
	if err != nil {
		return Stored{}, err
	}
	d := Stored{text: text, head: envelope{Version: doc.Version, ID: doc.ID}, canonical: canonical}
	for _, raw := range list {
		d.statements = append(d.statements, readStoredStatement(raw))
	}
	return d, nil
}

// mustReadStored reads what was made of documents that were read before, and of what this package writes.
func mustReadStored(text string) Stored {
	d, err := ReadStored(text)
	if err != nil {
		panic(err)
	}
	return d
}

func readStoredStatement(raw json.RawMessage) storedStatement {
	s := storedStatement{text: raw, stale: staleIn(raw), variables: bytes.Contains(raw, []byte("${"))}
	var named struct{ Sid string }
	if json.Unmarshal(raw, &named) == nil {
		s.sid = named.Sid
	}
	s.meaning, _ = canonicalWithoutSid(raw) // fails for what is no object, and that means nothing
	return s
}

// rawList reads a list that may also be its only element.
func rawList(text json.RawMessage) ([]json.RawMessage, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, nil
	}
	if text[0] != '[' {
		return []json.RawMessage{text}, nil
	}
	var list []json.RawMessage
	err := json.Unmarshal(text, &list)
	return list, err
}

// Replace is the document with one text in place of another, wherever that stands. Neither may have a character that
// JSON escapes, such as a quotation mark.
func (d Stored) Replace(old, by string) Stored {
	text := strings.ReplaceAll(d.text, old, by)
	if text == d.text {
		return d
	}
	return mustReadStored(text)
}

// Text is the document as it was read, "" for none.
func (d Stored) Text() string { return d.text }

// Version is the document's own, "" where it has none.
func (d Stored) Version() string { return d.head.Version }

// Statements are the texts of the statements as they are written, in their order.
func (d Stored) Statements() []string {
	texts := make([]string, len(d.statements))
	for i, s := range d.statements {
		texts[i] = string(s.text)
	}
	return texts
}

// Sids are the Sids of the statements in their order, "" for one without.
func (d Stored) Sids() []string {
	sids := make([]string, len(d.statements))
	for i, s := range d.statements {
		sids[i] = s.sid
	}
	return sids
}

// Says is whether a statement of the document means the same as statement, whatever its Sid.
func (d Stored) Says(statement Statement) bool {
	meaning := readStoredStatement(mustMarshal(statement)).meaning
	return slices.ContainsFunc(d.statements, func(s storedStatement) bool { return s.meaning == meaning })
}

// Any says whether a statement has a Sid that matches.
func (d Stored) Any(matches func(sid string) bool) bool {
	return slices.ContainsFunc(d.Sids(), matches)
}

// Equal says whether two documents mean the same to AWS, see the function Equal.
func (d Stored) Equal(other Stored) bool { return d.canonical == other.canonical }
