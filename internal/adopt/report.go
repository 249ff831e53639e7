package adopt

import (
	"fmt"
	"io"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// Whole says whether the share says all that there is, and all of it was read.
func (a Adoption) Whole() bool { return len(a.Unsaid) == 0 && len(a.World.Unread) == 0 }

// Report writes for people what was found.
func (a Adoption) Report(w io.Writer) error {
	var b strings.Builder
	var ways []string
	for _, c := range a.Refused {
		for _, o := range c.Operations {
			ways = proof.AddOnce(ways, o)
		}
	}
	for _, part := range []struct {
		title, none string
		lines       []string
	}{
		{"What the share says", "nobody is let in", a.said()},
		{"Not said, and stays in force", "", unsaidLines(a.Unsaid)},
		{"Not read, so what rests on it is not certain", "", unreadLines(a)},
		{"Who gains access", "nobody", changeLines(a.Gained)},
		{"Who loses access", "nobody", lostLines(a.Lost)},
		{"Refused from then on, whoever asks", "", ways},
		{"What the adoption changes on the bucket", "", a.Changes},
		{"In the way", "", a.InTheWay},
		{"Superfluous when the share is there", "", a.Replaced},
	} {
		if len(part.lines) == 0 && part.none == "" {
			continue
		}
		fmt.Fprintf(&b, "%s\n", part.title)
		if len(part.lines) == 0 {
			part.lines = []string{part.none}
		}
		for _, l := range part.lines {
			fmt.Fprintf(&b, "- %s\n", oneLine(l))
		}
		fmt.Fprintln(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a Adoption) said() []string {
	var lines []string
	for _, c := range a.declared.consumers {
		lines = append(lines, line("consumer "+strings.TrimSpace(string(c.id.Kind)+" "+c.id.Name), c.scopes, c.from))
	}
	for _, i := range a.declared.identities {
		role := "grantee "
		if i.account == a.declared.env.Account {
			role = "delegate "
		}
		lines = append(lines, line(role+i.id.String()+" of "+i.account, i.scopes, i.from))
	}
	return lines
}

func line(who string, scopes []share.Scope, from []string) string {
	var all []string
	for _, s := range scopes {
		where := ""
		if len(s.Prefixes) > 0 {
			where = " in " + strings.Join(s.Prefixes, ", ")
		}
		all = append(all, string(s.Level)+where)
	}
	return fmt.Sprintf("%s: %s (%s)", who, strings.Join(all, "; "), strings.Join(from, "; "))
}
