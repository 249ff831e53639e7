package page

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// row is what somebody can do at a place, a cell for each operation.
type row struct {
	Who, ARN, Role, Place string
	Imagined, Surprise    bool
	Cells                 []cell
}

// cell is one answer as the matrix shows it.
type cell struct {
	ID                          int // index into data.Answers, -1 for what is not asked here
	Operation, Mark, Class, Say string
}

// other is an answer that is about no column of the matrix.
type other struct {
	Who, Try, Place string
	Surprise        bool
	Cell            cell
}

// data is what the script shows when a cell is opened.
type data struct {
	Answers   []answer   `json:"answers"`
	Documents []document `json:"documents"`
}

type answer struct {
	Who      string         `json:"who"`
	ARN      string         `json:"arn"`
	Try      string         `json:"try"`
	Place    string         `json:"place"`
	Declared string         `json:"declared"`
	Allowed  bool           `json:"allowed"`
	Verdict  string         `json:"verdict"`
	S3       string         `json:"s3"`
	KMS      string         `json:"kms"`
	Chain    []link         `json:"chain"`
	Assumed  []proof.Unread `json:"assumed,omitempty"`
}

// link is one layer's part in an answer.
type link struct {
	Service    string   `json:"service"`
	Action     string   `json:"action"`
	Layer      string   `json:"layer"`
	Verdict    string   `json:"verdict"`
	Text       string   `json:"text"`
	Document   int      `json:"document"` // index into the documents, -1 for none
	Statement  string   `json:"statement"`
	Suggestion []string `json:"suggestion,omitempty"`
}

type document struct {
	Title      string      `json:"title"`
	Version    string      `json:"version"`
	Statements []statement `json:"statements"`
}

type statement struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// builder makes rows and data of a report.
type builder struct {
	report        proof.Report
	data          data
	documents     map[*evaluator.Policy]int
	roles, places []string
}

func newBuilder(r proof.Report) *builder {
	return &builder{
		report: r, documents: map[*evaluator.Policy]int{},
		data: data{Answers: []answer{}, Documents: []document{}},
	}
}

// rows are the matrix, and the answers that have no place in it.
func (b *builder) rows() ([]row, []other) {
	var all []row
	var others []other
	index := map[string]int{}
	columns := proof.OperationNames()
	for _, a := range b.report.Answers {
		s := b.report.Subjects[a.Subject]
		c := b.cell(a)
		column := slices.Index(columns, string(a.Operation))
		if column < 0 || a.Variant != "" {
			others = append(others, other{s.Label, a.Try(), a.Place, surprise(a.Verdict), c})
			continue
		}
		key := s.Label + "\n" + s.ARN + "\n" + a.Place
		i, known := index[key]
		if !known {
			i = len(all)
			index[key] = i
			all = append(all, newRow(s, a.Place, columns))
			b.roles, b.places = proof.AddOnce(b.roles, string(s.Role)), proof.AddOnce(b.places, a.Place)
		}
		all[i].Cells[column] = c
		all[i].Surprise = all[i].Surprise || surprise(a.Verdict)
	}
	return all, others
}

func newRow(s proof.Subject, place string, columns []string) row {
	r := row{Who: s.Label, ARN: s.ARN, Role: string(s.Role), Place: place, Imagined: s.Imagined}
	for _, name := range columns {
		r.Cells = append(r.Cells, cell{ID: -1, Operation: name})
	}
	return r
}

func surprise(v proof.Verdict) bool {
	switch v {
	case proof.Missing, proof.Excess, proof.Extra, proof.Half:
		return true
	}
	return false
}

// cell is an answer's cell. Its mark tells without colours what it is.
func (b *builder) cell(a proof.Answer) cell {
	s := b.report.Subjects[a.Subject]
	c := cell{ID: len(b.data.Answers), Operation: a.Try(), Mark: "✗", Class: "no"}
	say := "refused"
	if a.Allowed() {
		c.Mark, c.Class, say = "✓", "yes", "allowed"
	}
	switch {
	case surprise(a.Verdict):
		c.Mark += "!"
		c.Class += " surprise"
		say += ", surprise: " + string(a.Verdict)
	case a.Verdict == proof.Unproven:
		c.Mark, c.Class, say = "?", "unproven", "not proven"
	}
	c.Say = s.Label + ", " + a.Try() + ", " + a.Place + ": " + say
	b.data.Answers = append(b.data.Answers, answer{
		Who: s.Label, ARN: s.ARN, Try: a.Try(), Place: a.Place, Declared: string(a.Expect), Allowed: a.Allowed(),
		Verdict: string(a.Verdict), S3: string(a.Decision.S3), KMS: string(a.Decision.KMS), Chain: b.chain(a),
		Assumed: a.Assumed,
	})
	return c
}

func (b *builder) chain(a proof.Answer) []link {
	chain := []link{}
	for _, r := range a.Decision.Reasons {
		l := link{
			Service: string(r.Service), Action: r.Action, Layer: string(r.Layer), Verdict: string(r.Verdict),
			Text: r.Text(), Document: b.document(r.Policy()), Statement: r.Statement,
		}
		for _, s := range r.Suggestion() {
			l.Suggestion = append(l.Suggestion, indented(s))
		}
		chain = append(chain, l)
	}
	return chain
}

// document is the number of a policy among the documents, -1 for none.
func (b *builder) document(p *evaluator.Policy) int {
	if p == nil {
		return -1
	}
	if i, known := b.documents[p]; known {
		return i
	}
	d := document{Title: title(p), Version: p.Document.Version, Statements: []statement{}}
	for i, s := range p.Document.Statements {
		d.Statements = append(d.Statements, statement{labelOf(s, i), indented(s)})
	}
	same := func(other document) bool { return reflect.DeepEqual(other, d) } // several may have one by the same name
	i := slices.IndexFunc(b.data.Documents, same)
	if i < 0 {
		i, b.data.Documents = len(b.data.Documents), append(b.data.Documents, d)
	}
	b.documents[p] = i
	return i
}

// labelOf is what reasons call a statement: its Sid, or its place.
func labelOf(s policy.Statement, i int) string {
	if s.Sid != "" {
		return s.Sid
	}
	return fmt.Sprintf("Statement[%d]", i)
}

func title(p *evaluator.Policy) string {
	switch {
	case p.Name == "":
		return strings.ToUpper(string(p.Kind[:1])) + string(p.Kind[1:])
	case p.Kind == grammar.Identity:
		return p.Name
	}
	return string(p.Kind) + " " + p.Name
}

func indented(s policy.Statement) string {
	text, err := json.Marshal(s)
	if err != nil {
		return err.Error() // strings, lists and maps of strings: cannot happen
	}
	return strings.TrimSpace(policy.Indent(string(text)))
}
