package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/cdk/sharedbucket"
)

const rolePage = `# What the provider may do

<!-- Made from cdk/sharedbucket/statements.go by make templates. -->

The provider's role, ` + "`sharedbucket-provider-<region>`" + `, has one inline policy with the statements below and no other right. They are
what the function calls, action by action: a test compares them with the calls of package ` + "`cloud`" + `, both ways. No action has a wildcard, and
each ` + "`*`" + ` as a resource has its reason. Action names, resource types and condition keys are those of the
[service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/).

## The right to be careful with

` + "`iam:PutUserPolicy`, `iam:PutRolePolicy` and `iam:PutGroupPolicy`" + ` let their holder give any right to an identity that they are allowed on, and so
to himself in the end. The function writes only what a share says: S3 actions on one bucket and KMS actions on one key. But whoever can change the
function's code, or can get at its role's credentials, is bound by the role alone. Therefore:

- The role cannot write policies of itself or of another provider (` + "`NeverOwnRights`" + `).
- ` + "`GranteeArns`" + ` (a property of the construct ` + "`Provider`" + `, a parameter of templates/provider.yaml and templates/organization.yaml) limits it to a list of
  identities, or to a path: ` + "`arn:aws:iam::*:role/data/*`" + `. Use it wherever the identities that take part are known or have a path of their own.
- ` + "`BucketArns`" + ` limits the buckets in the same way.
- ` + "`lambda:UpdateFunctionCode`, `lambda:UpdateFunctionConfiguration`" + ` and ` + "`iam:PassRole`" + ` on this function and role are as good as the right to escalate. Keep them
  with those who deploy.

Who may create stacks with ` + "`Custom::SharedBucket`" + ` can share any bucket that the role may configure, and let any delegate in: the provider acts for whoever
CloudFormation calls it for.

## The statements
`

// roleReference is docs/provider-role.md.
func roleReference() string {
	var page strings.Builder
	page.WriteString(rolePage)
	for _, s := range sharedbucket.AllStatements() {
		verb := "Allows"
		if s.Deny {
			verb = "Denies"
		}
		fmt.Fprintf(&page, "\n### %s\n\n%s\n\n", s.Sid, wrap(s.Why))
		fmt.Fprintf(&page, "- %s %s\n", verb, codes(s.Actions))
		fmt.Fprintf(&page, "- on %s\n", resources(s))
		for _, operator := range sortedKeys(s.Condition) {
			for _, key := range sortedKeys(s.Condition[operator]) {
				fmt.Fprintf(&page, "- where `%s` `%s` %s\n", key, operator, codes(s.Condition[operator][key]))
			}
		}
	}
	return page.String()
}

func resources(s sharedbucket.Statement) string {
	switch {
	case s.Star != "":
		return "`*`: " + s.Star
	case strings.HasPrefix(s.Resources[0], "the "):
		return s.Resources[0]
	}
	text := codes(s.Resources)
	if slices.Contains(sharedbucket.BucketSids, s.Sid) {
		text += ", or `BucketArns`"
	}
	if slices.Contains(sharedbucket.GranteeSids, s.Sid) {
		text += ", or `GranteeArns`"
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

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
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
