package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Merge returns the document current with the statements that isOurs recognises replaced by ours.
//
// Everything else in current (other statements, Version, Id, elements unknown to this package) is passed on as it
// stands, so what somebody else wrote keeps its meaning. Ours go last. An empty current is a document of ours alone.
// The result is "" when no statement is left: AWS takes no document without one, so the caller deletes the policy.
func Merge(current string, ours []Statement, isOurs func(sid string) bool) (string, error) {
	doc, statements, err := split(current)
	if err != nil {
		return "", err
	}
	kept := statements[:0]
	for _, s := range statements {
		if !isOurs(sidOf(s)) {
			kept = append(kept, s)
		}
	}
	for _, s := range ours {
		text, err := marshal(s)
		if err != nil {
			return "", fmt.Errorf("writing statement %s: %w", s.Sid, err)
		}
		kept = append(kept, text)
	}
	if len(kept) == 0 {
		return "", nil
	}
	doc.Statement = kept
	text, err := marshal(doc)
	return string(text), err
}

// Sids are the Sids of the statements of a document, "" for one without.
func Sids(document string) ([]string, error) {
	_, statements, err := split(document)
	if err != nil {
		return nil, err
	}
	sids := make([]string, len(statements))
	for i, s := range statements {
		sids[i] = sidOf(s)
	}
	return sids, nil
}

// envelope is a document whose statements are left as they are.
type envelope struct {
	Version   string            `json:"Version,omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// split takes a document apart; "" is a document without statements in the current language version.
func split(document string) (envelope, []json.RawMessage, error) {
	if document == "" {
		return envelope{Version: Version}, nil, nil
	}
	var doc struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		return envelope{}, nil, fmt.Errorf("reading policy document: %w", err)
	}
	statements, err := rawList(doc.Statement)
	if err != nil {
		return envelope{}, nil, fmt.Errorf("reading policy document: Statement: %w", err)
	}
	return envelope{Version: doc.Version, ID: doc.ID}, statements, nil
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

func sidOf(statement json.RawMessage) string {
	var s struct{ Sid string }
	if json.Unmarshal(statement, &s) != nil {
		return ""
	}
	return s.Sid
}
