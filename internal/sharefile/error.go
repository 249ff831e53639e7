package sharefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// Error is why a text is no share file at all.
type Error struct {
	File         string
	Line, Column int // 0: the file as a whole
	Problem      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("reading share file %s: %s", place(e.File, e.Line, e.Column), e.Problem)
}

// place is where something stands, in the form that editors follow.
func place(file string, line, column int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

func at(t *token.Token, format string, args ...any) *Error {
	e := &Error{Problem: fmt.Sprintf(format, args...)}
	if t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// parserError is the parser's error without the excerpt that it draws.
func parserError(err error) *Error {
	var placed yaml.Error
	if errors.As(err, &placed) {
		return at(placed.GetToken(), "%.300s", placed.GetMessage())
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return &Error{Problem: fmt.Sprintf("%.300s", line)}
}
