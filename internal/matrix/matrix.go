// Package matrix writes a proof for people at a terminal: who can do what, a line for everybody and place, then the
// surprises, what is not proven, and the verdict.
package matrix

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
)

// Style marks text: on a terminal with colours, elsewhere not at all.
type Style struct{ Colours bool }

func (s Style) paint(code, text string) string {
	if !s.Colours {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s Style) bad(text string) string   { return s.paint("31;1", text) }
func (s Style) good(text string) string  { return s.paint("32", text) }
func (s Style) faint(text string) string { return s.paint("2", text) }

// column is operations that people think of as one thing.
type column struct {
	name       string
	operations []evaluator.Operation
}

var columns = []column{
	{"LIST", []evaluator.Operation{"ListObjectsV2"}},
	{"READ", []evaluator.Operation{"GetObject", "GetObjectVersion", "GetObjectAttributes", "GetObjectTagging"}},
	{"WRITE", []evaluator.Operation{
		"PutObject", "MultipartUpload", "ListParts", "AbortMultipartUpload", "PutObjectTagging",
	}},
	{"DELETE", []evaluator.Operation{"DeleteObject", "DeleteObjectVersion"}},
}

// row is everybody who has the same answers at a place.
type row struct {
	subject int
	place   string
	cells   []string
}

// Write writes the whole report.
func Write(w io.Writer, r proof.Report, style Style) error {
	var b strings.Builder
	writeTable(&b, r, style)
	writeFindings(&b, r, style)
	writeUnread(&b, r)
	fmt.Fprintf(&b, "\n%s\n", Conclusion(r, style))
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(b *strings.Builder, r proof.Report, style Style) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "WHO\tWHERE")
	for _, c := range columns {
		fmt.Fprint(table, "\t"+c.name)
	}
	fmt.Fprintln(table, "\tDECLARED AS")
	last := -1
	for _, row := range rows(r) {
		s := r.Subjects[row.subject]
		who, role := s.Label, string(s.Role)
		if row.subject == last {
			who, role = "", ""
		}
		last = row.subject
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", who, row.place, strings.Join(row.cells, "\t"), role)
	}
	table.Flush()
	// Colours come last: a table counts their bytes as width.
	if style.Colours {
		text := b.String()
		for _, surprise := range []string{"yes!", "no!", "part!"} {
			text = strings.ReplaceAll(text, surprise, style.bad(surprise))
		}
		b.Reset()
		b.WriteString(text)
	}
	fmt.Fprintln(b, "\n"+style.faint("yes, no: every operation of that kind; part: some; !: not as declared; "+
		"?: cannot be said without what was not read"))
}

func rows(r proof.Report) []row {
	var all []row
	for i := range r.Subjects {
		places := map[string][]proof.Answer{}
		var order []string
		for _, a := range r.Answers {
			if a.Subject != i || a.Variant != "" {
				continue
			}
			if places[a.Place] == nil {
				order = append(order, a.Place)
			}
			places[a.Place] = append(places[a.Place], a)
		}
		for _, place := range order {
			if cells, any := cellsOf(places[place]); any {
				all = append(all, row{i, place, cells})
			}
		}
	}
	return all
}

func cellsOf(answers []proof.Answer) (cells []string, any bool) {
	for _, c := range columns {
		var of []proof.Answer
		for _, a := range answers {
			if slices.Contains(c.operations, a.Operation) {
				of = append(of, a)
			}
		}
		any = any || len(of) > 0
		cells = append(cells, cell(of))
	}
	return cells, any
}

func cell(answers []proof.Answer) string {
	allowed, surprise, unproven := 0, false, false
	for _, a := range answers {
		if a.Allowed() {
			allowed++
		}
		switch a.Verdict {
		case proof.Missing, proof.Excess, proof.Extra, proof.Half:
			surprise = true
		case proof.Unproven:
			unproven = true
		}
	}
	text := "part"
	switch allowed {
	case 0:
		text = "no"
	case len(answers):
		text = "yes"
	}
	switch {
	case surprise:
		text += "!"
	case unproven:
		text = "?" // with what was not read taken as generous
	}
	return text
}

func writeFindings(b *strings.Builder, r proof.Report, style Style) {
	findings := r.Findings()
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.bad("Surprises"))
	for _, f := range findings {
		fmt.Fprintf(b, "- %s\n", f)
	}
}

func writeUnread(b *strings.Builder, r proof.Report) {
	if len(r.World.Unread) == 0 {
		return
	}
	fmt.Fprintln(b, "\nNot read, so what rests on it is not proven")
	for _, u := range r.World.Unread {
		fmt.Fprintf(b, "- %s\n", u)
	}
}

// Conclusion is the report in a sentence.
func Conclusion(r proof.Report, style Style) string {
	count := map[proof.Verdict]int{}
	for _, a := range r.Answers {
		count[a.Verdict]++
	}
	asked := fmt.Sprintf("%d questions about %d principals", len(r.Answers), len(r.Subjects))
	switch findings := len(r.Findings()); {
	case findings > 0:
		return style.bad(fmt.Sprintf("Not as declared: %s, %s.", plural(findings, "surprise"), asked))
	case r.Verified() == proof.Partly:
		return fmt.Sprintf("Nothing is otherwise than declared, and not all is proven: %s, %d answers rest on what was "+
			"not read.", asked, count[proof.Unproven])
	}
	return style.good(fmt.Sprintf("As declared: %s, no surprise.", asked))
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
