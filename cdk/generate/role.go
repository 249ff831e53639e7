package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/cdk/internal/role"
)

const rolePage = `# What the provider may do

<!-- Made from cdk/internal/role by make templates. -->

The provider's role, %[1]ssharedbucket-provider-<region>%[1]s, has one inline policy with the statements below and no other
right. They are what the function calls, action by action: a test compares them with the calls of package %[1]scloud%[1]s, both
ways. No action has a wildcard, and each %[1]s*%[1]s as a resource has its reason. Action names, resource types and condition keys
are those of the [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/).

## Limits

What the account's administrator lets shares do. Each has one name: as a property of the construct %[1]sProvider%[1]s, as a parameter of
templates/provider.yaml and templates/organization.yaml, and as an environment variable of the function. An error of the function
names the limit that refused something; it is widened there.

%[2]s
A role's inline policies may have 10,240 characters in all and a function's environment 4,096 bytes. Without limits the role has
about %[3]d. Synthesis says when a limit's ARNs outgrow that; with templates, CloudFormation does. Patterns keep them short.

## The right to be careful with

%[1]siam:PutUserPolicy%[1]s, %[1]siam:PutRolePolicy%[1]s and %[1]siam:PutGroupPolicy%[1]s let their holder give any right to an identity that they are
allowed on, and so to himself in the end. The function writes only what a share says: S3 actions on one bucket and KMS actions on
one key. But whoever can change the function's code, or can get at its role's credentials, is bound by the role alone. Therefore:

- The role cannot write policies of itself or of another provider (%[1]sNeverOwnRights%[1]s).
- %[1]sGranteeArns%[1]s limits it to a list of identities, or to a path: %[1]sarn:aws:iam::*:role/data/*%[1]s. Use it wherever the identities
  that take part are known or have a path of their own.
- %[1]sBucketArns%[1]s narrowed to the names that shares have, %[1]sarn:aws:s3:::shared-*%[1]s for example, keeps every other bucket out of reach.
  Do that wherever buckets of other kinds are in the account: while it is all names, only the function keeps away from them.
- %[1]slambda:UpdateFunctionCode%[1]s, %[1]slambda:UpdateFunctionConfiguration%[1]s and %[1]siam:PassRole%[1]s on this function and role are as good as the
  right to escalate. Keep them with those who deploy.

Who may create stacks with %[1]sCustom::SharedBucket%[1]s can share, within the limits, what the role may configure, and let delegates
in: the provider acts for whoever CloudFormation calls it for.

## What tags can forge

Keys are known as a share's by the tag %[1]ssharedbucket:stack-id%[1]s, which opens %[1]sChangeOwnKey%[1]s on them: the key policy, and the key's
deletion. With the role's credentials that tag can be put on a key that has **no alias** (%[1]sTagNewKey%[1]s), and on no other: KMS offers no
condition that tells CreateKey's own tagging from a later one. So a key of yours that must be out of reach has an alias, or the
account has a service control policy against it.

Others can forge the tag too. Whoever holds %[1]skms:TagResource%[1]s on a key can make the provider's role fit to delete it, and the same
holds for a bucket, whose tags say to the function whose it is. [examples/scp-protect-sharedbucket-tags.json](../examples/scp-protect-sharedbucket-tags.json)
is a service control policy that leaves %[1]ssharedbucket:*%[1]s tags to the providers; its second statement is for tag keys in another
case, which a policy's %[1]saws:ResourceTag%[1]s takes for the same. It holds in member accounts, not in the management account. It does not
reach %[1]ss3:PutBucketTagging%[1]s, an older action that knows no condition on tag keys: deny that on the names of your shares' buckets
where you can. And whoever may create a role named %[1]ssharedbucket-provider-…%[1]s is not held by it.

## The statements
`

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
	hundreds := (role.Characters(role.Statements(nil, role.Own{})) + 99) / 100 * 100
	fmt.Fprintf(&page, rolePage, "`", limitTable(), hundreds)
	for _, s := range role.Every() {
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
