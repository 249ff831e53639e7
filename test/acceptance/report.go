package acceptance

import (
	"fmt"
	"strings"
)

// Fact is something about AWS that documents and code here rest on.
type Fact struct {
	Statement string
	Confirmed bool
	Seen      string // what AWS did
	Untried   bool   // Seen says why
}

// Report is what was seen.
type Report struct {
	Accounts []string
	Region   string
	Facts    []Fact
}

// note writes a fact down.
func (r *Report) note(confirmed bool, seen, statement string, args ...any) {
	r.Facts = append(r.Facts, Fact{Statement: fmt.Sprintf(statement, args...), Confirmed: confirmed, Seen: seen})
}

// untried writes down a fact that nobody could look for.
func (r *Report) untried(why, statement string, args ...any) {
	r.Facts = append(r.Facts, Fact{Statement: fmt.Sprintf(statement, args...), Seen: why, Untried: true})
}

// Failed are the facts that AWS did not confirm.
func (r *Report) Failed() []Fact {
	var all []Fact
	for _, f := range r.Facts {
		if !f.Confirmed && !f.Untried {
			all = append(all, f)
		}
	}
	return all
}

// Markdown is the report as a page. Account ids are cut, so that it can be sent to others.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Acceptance in two accounts, region %s\n\n| Fact | Confirmed | Seen |\n|---|---|---|\n", r.Region)
	for _, f := range r.Facts {
		yes := "yes"
		switch {
		case f.Untried:
			yes = "not tried"
		case !f.Confirmed:
			yes = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(f.Statement), yes, cell(f.Seen))
	}
	text := b.String()
	for i, id := range r.Accounts {
		text = strings.ReplaceAll(text, id, fmt.Sprintf("<account %c>", 'A'+i))
	}
	return text
}

func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", `\|`), "\n", " ")
}
