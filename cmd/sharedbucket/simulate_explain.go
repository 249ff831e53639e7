package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/evaluator/scenario"
)

// explanation is a result for people: a matrix of who can do what, and then the reasons, of what is denied or
// unexpected only unless all are wanted.
type explanation struct {
	scenario.Result
	all bool
}

func (e explanation) append(out []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", e.ID)
	e.matrix(&b)
	for _, d := range e.Decisions {
		if e.all || d.Overall != evaluator.Allow || d.Unexpected() || d.Err != nil {
			e.decision(&b, d)
		}
	}
	b.WriteByte('\n')
	return append(out, b.Bytes()...)
}

// question is what a column of the matrix is about.
type question struct{ operation, key string }

func questionOf(d scenario.Decision) question {
	q := question{d.Operation, d.Key}
	if len(d.Keys) > 0 {
		q.key = strings.Join(d.Keys, " ")
	}
	if d.AccessPoint != "" {
		q.key += " via " + d.AccessPoint[strings.LastIndex(d.AccessPoint, "/")+1:]
	}
	return q
}

// matrix has a line for each principal and a column for each operation on each key. Of requests that differ in their
// context only, all answers stand in one cell.
func (e explanation) matrix(b *bytes.Buffer) {
	var people []string
	var questions []question
	cells := make(map[string]map[question][]string)
	for _, d := range e.Decisions {
		q := questionOf(d)
		if cells[d.Principal] == nil {
			cells[d.Principal] = make(map[question][]string)
			people = append(people, d.Principal)
		}
		if !slices.Contains(questions, q) {
			questions = append(questions, q)
		}
		if c := cell(d); !slices.Contains(cells[d.Principal][q], c) {
			cells[d.Principal][q] = append(cells[d.Principal][q], c)
		}
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, head := range []func(question) string{
		func(q question) string { return q.operation }, func(q question) string { return q.key },
	} {
		fmt.Fprint(w, "  ")
		for _, q := range questions {
			fmt.Fprintf(w, "\t%s", head(q))
		}
		fmt.Fprintln(w, "\t")
	}
	names := shortNames(people)
	for i, who := range people {
		fmt.Fprintf(w, "  %s", names[i])
		for _, q := range questions {
			fmt.Fprintf(w, "\t%s", strings.Join(cells[who][q], " or "))
		}
		fmt.Fprintln(w, "\t")
	}
	w.Flush() // into a buffer: cannot fail
	for line := range strings.Lines(table.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

// cell is a decision in a word; with a ! when something else was expected.
func cell(d scenario.Decision) string {
	text := string(d.Overall)
	if d.Unexpected() {
		text += " !"
	}
	return text
}

// decision writes one decision as an outline.
func (e explanation) decision(b *bytes.Buffer, d scenario.Decision) {
	q := questionOf(d)
	fmt.Fprintf(b, "  %s %s", short(d.Principal), q.operation)
	if q.key != "" {
		fmt.Fprintf(b, " %s", q.key)
	}
	fmt.Fprintf(b, ": %s", d.Overall)
	if d.Overall != scenario.Undecided {
		fmt.Fprintf(b, " (s3 %s, kms %s)", d.S3, d.KMS)
	}
	if d.Unexpected() {
		fmt.Fprintf(b, ", expected %s", d.Expect)
	}
	b.WriteByte('\n')
	if d.Err != nil {
		fmt.Fprintf(b, "    %v\n", d.Err)
	}
	e.reasons(b, d)
}

// reasons writes the reasons, each once. Of what is refused those that allow are left out unless all are wanted.
func (e explanation) reasons(b *bytes.Buffer, d scenario.Decision) {
	said := make(map[string]struct{})
	for _, r := range d.Reasons {
		if r.Verdict == evaluator.Allow && d.Overall != evaluator.Allow && !e.all {
			continue
		}
		text := fmt.Sprintf("    %s %s: %s\n", r.Service, r.Verdict, shortened(r.Text(), d.Principal))
		for _, suggested := range r.Suggestion() {
			statement, err := json.Marshal(suggested)
			if err != nil {
				panic(err) // strings and lists of strings: cannot fail
			}
			text += fmt.Sprintf("      enough in the layer %q: %s\n", r.Layer, statement)
		}
		if _, again := said[text]; !again {
			said[text] = struct{}{}
			b.WriteString(text)
		}
	}
}

var (
	bucketARN = regexp.MustCompile(`\barn:aws[a-z-]*:s3:::`)
	kmsKeyARN = regexp.MustCompile(`\barn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/([0-9a-zA-Z-]{1,8})[0-9a-zA-Z-]*`)
)

// shortened is a reason with names instead of ARNs, which stand in the scenario and in the suggestions.
func shortened(text, principal string) string {
	text = strings.ReplaceAll(text, principal, short(principal))
	text = bucketARN.ReplaceAllString(text, "")
	return kmsKeyARN.ReplaceAllString(text, "key $1…")
}

// short is the name that people know a principal by: what stands after the last colon of its ARN, without its type.
func short(arn string) string {
	name := arn[strings.LastIndex(arn, ":")+1:]
	for _, kind := range []string{"user/", "role/", "assumed-role/"} {
		name = strings.TrimPrefix(name, kind)
	}
	return name
}

// shortNames are short names, and whole ARNs where two have the same.
func shortNames(arns []string) []string {
	count := make(map[string]int)
	for _, arn := range arns {
		count[short(arn)]++
	}
	names := make([]string, len(arns))
	for i, arn := range arns {
		if names[i] = short(arn); count[names[i]] > 1 {
			names[i] = arn
		}
	}
	return names
}
