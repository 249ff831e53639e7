package adopt

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// YAML is the share file, with comments that say where each part comes from and what is not in it.
func (a Adoption) YAML() string {
	y := &yaml{}
	d := a.declared
	y.comment("", "Bucket "+d.bucket+" as it was shared by hand, written by `sharedbucket adopt`.")
	y.list("What is there and not said here; it stays in force:", unsaidLines(a.Unsaid))
	y.list("Who can do more with the share than before:", changeLines(a.Gained))
	y.list("Who loses access with it:", changeLines(a.Lost))
	y.list("Not read, so what rests on it is not certain:", unreadLines(a))
	y.line("Region: %s", plain(d.env.Region))
	y.line("Owner: %q", d.env.Account)
	y.line("BucketName: %s", plain(d.bucket))
	y.line("Adopt: true # the bucket is there, and is never deleted")
	if d.versioning != "" {
		y.line("Versioning: %s # as it is today; without this line versioning is switched on", d.versioning)
	}
	if d.unproven != "" {
		y.comment("", "What is there lets people do more or less than the file says, so the share does not prove itself yet:")
		y.comment("", d.unproven)
		y.line("Verify: false # delete this line when that is gone")
	}
	if d.keyARN != "" {
		y.line("Encryption:")
		y.line("  KeyArn: %s", plain(d.keyARN))
	}
	y.consumers(d)
	y.identities(d)
	return y.text.String()
}

// yaml writes a share file.
type yaml struct{ text strings.Builder }

func (y *yaml) line(format string, args ...any) { fmt.Fprintf(&y.text, format+"\n", args...) }

// comment is a comment of one line, whatever somebody named a statement.
func (y *yaml) comment(indent, text string) { y.line("%s# %s", indent, oneLine(text)) }

func (y *yaml) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	y.comment("", title)
	for _, l := range lines {
		y.comment("", "- "+l)
	}
}

func (y *yaml) consumers(d declaration) {
	if len(d.consumers) == 0 {
		return
	}
	y.line("Consumers:")
	for _, c := range d.consumers {
		y.comment("  ", strings.Join(c.from, "; "))
		for _, s := range c.scopes {
			y.entry("  ", consumerProperties(c.id), s)
		}
	}
}

func (y *yaml) identities(d declaration) {
	write := func(indent, account string) {
		for _, i := range d.identities {
			if i.account != account {
				continue
			}
			y.comment(indent, strings.Join(i.from, "; "))
			for _, s := range i.scopes {
				y.entry(indent, map[string]any{string(i.id.Kind): i.id.Name}, s)
			}
		}
	}
	if len(d.granteeProperties(d.env.Account)) > 0 {
		y.line("Delegates: # in the owner account")
		write("  ", d.env.Account)
	}
	if len(d.accounts()) > 0 {
		y.line("Grantees: # per consumer account")
	}
	for _, account := range d.accounts() {
		y.line("  %q:", account)
		write("    ", account)
	}
}

// entry is one consumer, delegate or grantee: who, in one property, then how far.
func (y *yaml) entry(indent string, who map[string]any, s share.Scope) {
	for name, value := range who {
		switch value := value.(type) {
		case map[string]any:
			y.line("%s- %s: {Account: %q, Name: %s}", indent, name, value["Account"], plain(value["Name"].(string)))
		case string:
			y.line("%s- %s: %s", indent, name, plain(value))
		}
	}
	y.line("%s  Access: %s", indent, s.Level)
	if len(s.Prefixes) > 0 {
		var all []string
		for _, p := range s.Prefixes {
			all = append(all, inList(p))
		}
		y.line("%s  Prefixes: [%s]", indent, strings.Join(all, ", "))
	}
}

var plainText = regexp.MustCompile(`^[A-Za-z][\w./:+=@-]*$`)

// plain is a scalar without quotes where it cannot be taken for anything else.
func plain(text string) string {
	words := []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
	if !plainText.MatchString(text) || strings.HasSuffix(text, ":") || slices.Contains(words, strings.ToLower(text)) {
		return quoted(text)
	}
	return text
}

// inList is plain within brackets.
func inList(text string) string {
	if strings.Contains(text, ":") {
		return quoted(text)
	}
	return plain(text)
}

// quoted is a scalar as JSON writes it, which YAML takes as well.
func quoted(text string) string {
	q, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string
	}
	return string(q)
}
