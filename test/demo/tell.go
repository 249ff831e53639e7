package demo

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// title begins an act.
func (w *fixture) title(text string) {
	w.act++
	fmt.Fprintf(w.out, "\n%d. %s\n%s\n", w.act, text, strings.Repeat("─", len(text)+3))
}

// say is a sentence for the reader.
func (w *fixture) say(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// show a command as a user would type it.
func (w *fixture) command(words ...string) {
	fmt.Fprintf(w.out, "  $ %s\n", strings.Join(words, " "))
}

// table prints rows in columns.
func (w *fixture) table(rows ...[]string) {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, "  "+strings.Join(row, "\t"))
	}
	t.Flush()
}

// check compares what is with what the walkthrough says.
func (w *fixture) check(what string, got, want any) error {
	if got != want {
		return fmt.Errorf("%s is %v, the walkthrough says %v", what, got, want)
	}
	w.checks++
	return nil
}

// wrapped breaks a text into lines of a width, each with an indent.
func wrapped(text, indent string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, indent+line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, indent+line), "\n")
}
