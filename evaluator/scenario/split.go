package scenario

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// parts are the members of a scenario: its id, its requests, everything else that decides as one object, and the names
// of what is not known.
type parts struct {
	id       string
	requests jsontext.Value
	given    []byte
	unknown  []string
}

// splitter takes lines apart, one after the other, without new memory for each.
type splitter struct {
	line    bytes.Buffer
	decoder *jsontext.Decoder
	given   []byte
}

func newSplitter() *splitter {
	s := &splitter{}
	s.decoder = jsontext.NewDecoder(&s.line, lenient)
	return s
}

// split takes a line apart. What it returns is good until the line changes or another is taken apart.
func (s *splitter) split(line []byte) (parts, error) {
	s.line = *bytes.NewBuffer(line)
	s.decoder.Reset(&s.line, lenient)
	p, err := splitWith(s.decoder, s.given)
	s.given = p.given
	return p, err
}

func splitWith(d *jsontext.Decoder, given []byte) (parts, error) {
	p := parts{given: append(given[:0], '{')}
	if start, err := d.ReadToken(); err != nil || start.Kind() != '{' {
		return p, notAnObject(err)
	}
	seenID, seenRequests := false, false
	for d.PeekKind() == '"' {
		name, err := d.ReadValue()
		if err != nil {
			return p, fmt.Errorf("reading scenario: %w", err)
		}
		twice := false
		switch {
		case string(name) == `"id"`:
			twice, seenID = seenID, true
			err = readID(d, &p.id)
		case string(name) == `"requests"`:
			twice, seenRequests = seenRequests, true
			p.requests, err = d.ReadValue()
		default:
			err = p.readMember(d, name)
		}
		if err != nil {
			return p, fmt.Errorf("reading scenario: %w", err)
		}
		if twice {
			return p, fmt.Errorf("reading scenario: id or requests stands there twice")
		}
	}
	p.given = append(p.given, '}')
	if err := readEnd(d); err != nil {
		return p, fmt.Errorf("reading scenario: %w", err)
	}
	if !seenID {
		return p, fmt.Errorf("a scenario must have an id")
	}
	return p, nil
}

// readMember reads one more member of what is given, or skips what is not known. The name is good until the next read.
func (p *parts) readMember(d *jsontext.Decoder, name jsontext.Value) error {
	if _, known := givenMembers[string(name)]; !known {
		p.unknown = append(p.unknown, unquoted(name))
		return d.SkipValue()
	}
	if len(p.given) > 1 {
		p.given = append(p.given, ',')
	}
	p.given = append(append(p.given, name...), ':')
	v, err := d.ReadValue()
	p.given = append(p.given, v...)
	return err
}

func unquoted(name jsontext.Value) string {
	text, err := jsontext.AppendUnquote(nil, name)
	if err != nil {
		return string(name)
	}
	return string(text)
}

func notAnObject(err error) error {
	if err == nil {
		err = fmt.Errorf("a scenario is a JSON object")
	}
	return fmt.Errorf("reading scenario: %w", err)
}

func readID(d *jsontext.Decoder, id *string) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != '"' {
		return fmt.Errorf("the id of a scenario is a string")
	}
	*id = token.String()
	return nil
}

// readEnd reads the end of the object, after which nothing may come.
func readEnd(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if rest := bytes.TrimSpace(d.UnreadBuffer()); len(rest) > 0 {
		return fmt.Errorf("there is more after the scenario, beginning with %.20q: one scenario stands on one line", rest)
	}
	return nil
}
