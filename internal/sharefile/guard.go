package sharefile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a share file, far beyond what a share needs: its documents hold some hundred consumers. They are checked
// before the parser sees the file, because the parser takes minutes for some small files.
const (
	maxBytes  = 256 << 10
	maxTokens = 50_000
	// maxDepth bounds nesting; also how much may open on one line, where each bracket, hyphen, anchor or tag nests what
	// follows.
	maxDepth = 50
	// maxValues bounds what anchors and aliases may grow to.
	maxValues = 50_000
)

// tokens are those of a file that is safe to parse.
func tokens(data []byte) (token.Tokens, error) {
	if err := checkBytes(data); err != nil {
		return nil, err
	}
	all := lexer.Tokenize(string(data))
	if len(all) > maxTokens {
		return nil, &Error{Problem: fmt.Sprintf("it has %d names, values and marks, more than %d", len(all), maxTokens)}
	}
	return all, checkNesting(all)
}

func checkBytes(data []byte) error {
	switch {
	case len(data) > maxBytes:
		return &Error{Problem: fmt.Sprintf("it has %d bytes, more than %d", len(data), maxBytes)}
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return &Error{Line: 1, Column: 1, Problem: "it begins with a byte order mark; save it as UTF-8 without one"}
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return &Error{Line: 1, Column: 1, Problem: "it is UTF-16; save it as UTF-8"}
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return &Error{Line: i + 1, Column: 1, Problem: "this line is not UTF-8; save the file as UTF-8"}
		}
	}
	return nil
}

// checkNesting looks at the tokens alone: how deep brackets are, how much opens on one line, and how many documents
// begin and end.
func checkNesting(all token.Tokens) error {
	depth, line, opened, documents := 0, 0, 0, 0
	for _, t := range all {
		if t.Position.Line != line {
			line, opened = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType, token.AliasType:
			opened++
		case token.DocumentHeaderType, token.DocumentEndType:
			if documents++; documents > 2 {
				return at(t, severalDocuments)
			}
		case token.CollectEntryType:
			opened = 0
		}
		if depth > maxDepth || opened > maxDepth {
			return at(t, "it is nested too deeply")
		}
	}
	return nil
}

const severalDocuments = "it has more than one document (---); a share file describes one share"
