package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"example.com/sharedbucket/internal/proof"
)

// Explain writes everything that one principal was asked, with the chain of layers that decided, and says whether there
// is such a principal.
func Explain(w io.Writer, r proof.Report, arn string, style Style) (found bool, err error) {
	var b strings.Builder
	for i, s := range r.Subjects {
		if s.ARN != arn {
			continue
		}
		found = true
		fmt.Fprintf(&b, "%s (%s)\n%s\n", s.Label, s.Role, s.ARN)
		for _, a := range r.Answers {
			if a.Subject == i {
				explain(&b, a, style)
			}
		}
	}
	_, err = io.WriteString(w, b.String())
	return found, err
}

func explain(b *strings.Builder, a proof.Answer, style Style) {
	verdict := string(a.Verdict)
	switch a.Verdict {
	case proof.Missing, proof.Excess, proof.Extra, proof.Half:
		verdict = style.bad(verdict)
	}
	fmt.Fprintf(b, "\n%s, %s: %s, %s\n", a.Try(), a.Place, a.Decision.Overall, verdict)
	for _, r := range a.Decision.Reasons {
		fmt.Fprintf(b, "  %s %s: %s\n", r.Action, r.Verdict, r.Text())
		for _, s := range r.Suggestion() {
			if text, err := json.Marshal(s); err == nil {
				fmt.Fprintf(b, "    enough in the layer %q: %s\n", r.Layer, text)
			}
		}
	}
	for _, u := range a.Assumed {
		fmt.Fprintf(b, "  not proven, as it was not read: %s\n", u)
	}
}
