package main

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.com/sharedbucket/cdk/internal/role"
)

// rolePage is what stands above the statements. Comments in it stand for what is made.
//
//go:embed role_head.md
var rolePage string

// limitTable lists the limits.
func limitTable() string {
	var table strings.Builder
	table.WriteString("| Limit | | Default | Enforced by |\n|---|---|---|---|\n")
	for _, l := range role.Limits {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", l.Name, l.What, l.Default, l.EnforcedBy)
	}
	return table.String()
}

// roleReference is docs/provider-role.md.
func roleReference() string {
	var page strings.Builder
	all := role.Statements(role.Settings{role.WhoDrifted: {"true"}}, role.Own{})
	page.WriteString(strings.NewReplacer(
		"<!-- limits -->", limitTable(), "<!-- inline -->", hundreds(role.Inline(all)),
		"<!-- managed -->", hundreds(role.Managed(all)),
	).Replace(rolePage))
	list(&page, role.Every())
	page.WriteString(jobRolePage)
	list(&page, role.EveryOfJobs())
	return page.String()
}

// jobRolePage stands above the statements of the role of jobs.
const jobRolePage = `
## The role of jobs

Where buckets may be adopted there is a second role, ` + "`" + `sharedbucket-provider-<region>-jobs` + "`" + `. Only S3 Batch Operations may assume it
(` + "`" + `batchoperations.s3.amazonaws.com` + "`" + `), and only the provider of the same account and region may give it to a job (` + "`" + `PassRoleToJobs` + "`" + `).
As its name begins as the provider's, nobody is let in by a share as this role, and ` + "`" + `NeverOwnRights` + "`" + ` is for it too.
`

// list are statements, each with its reason.
func list(page *strings.Builder, statements []role.Statement) {
	for _, s := range statements {
		verb := "Allows"
		if s.Deny {
			verb = "Denies"
		}
		fmt.Fprintf(page, "\n### %s\n\n%s\n\n", s.Sid, wrap(s.Why))
		fmt.Fprintf(page, "- %s %s\n", verb, codes(s.Actions))
		fmt.Fprintf(page, "- on %s\n", resources(s))
		if s.If != "" {
			fmt.Fprintf(page, "- only while `%s` is `true`\n", s.If)
		}
		for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
			for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
				fmt.Fprintf(page, "- where `%s` `%s` %s\n", key, operator, codes(s.Condition[operator][key]))
			}
		}
		if s.With != "" {
			fmt.Fprintf(page, "- where `%s` says something\n", s.With)
		}
	}
}

// hundreds are the characters of statements in a policy, rounded up.
func hundreds(statements []role.Statement) string {
	return strconv.Itoa((role.Characters(statements) + 99) / 100 * 100)
}

func resources(s role.Statement) string {
	switch {
	case s.Star != "":
		return "`*`: " + s.Star
	case s.Only != "" || strings.HasPrefix(s.Resources[0], "the "):
		return s.Resources[0]
	}
	text := codes(s.Resources)
	if s.Limit != "" {
		text += ", or `" + s.Limit + "`"
	}
	return text
}

func codes(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = "`" + s + "`"
	}
	return strings.Join(quoted, ", ")
}

// wrap breaks a paragraph into lines.
func wrap(text string) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > 150 {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, line), "\n")
}
