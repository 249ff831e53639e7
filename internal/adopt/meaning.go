package adopt

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// beyond is what of a statement's actions and conditions no share says.
func beyond(owner string, s policy.Statement) []string {
	var problems []string
	if len(s.NotAction) > 0 {
		problems = append(problems, "NotAction means everything else")
	}
	var more []string
	for _, a := range s.Action {
		if !inLevels(a) {
			more = append(more, a)
		}
	}
	if len(more) > 0 {
		problems = append(problems, "no level has "+strings.Join(more, ", "))
	}
	return append(problems, conditionsBeyond(owner, s.Condition)...)
}

// inLevels says whether some level has an action as it is written.
func inLevels(action string) bool {
	same := func(a string) bool { return strings.EqualFold(a, action) }
	all := slices.Concat(share.Full.ListActions(), share.Full.ObjectActions(), share.Full.KeyActions(),
		[]string{share.DescribeKey, share.GetBucketLocation})
	return slices.ContainsFunc(all, same) || slices.ContainsFunc([]string{"kms:GenerateDataKey", "kms:ReEncryptFrom",
		"kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext"}, same)
}

// saidConditions are the condition keys that a share's own statements have, or that say who asks.
var saidConditions = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "s3:prefix", "s3:delimiter",
	"aws:securetransport", "kms:viaservice", "kms:calleraccount", "s3:resourceaccount", "aws:resourceaccount",
	"kms:encryptioncontext:aws:s3:arn",
}

func conditionsBeyond(owner string, c policy.Condition) []string {
	var problems []string
	for operator, tests := range c {
		for key, values := range tests {
			folded := strings.ToLower(key)
			if operator == "StringNotEquals" && folded == "aws:principalaccount" && slices.Equal(values, []string{owner}) {
				continue // organizations of a share leave the owner out as well
			}
			said := slices.Contains(saidConditions, folded)
			except := strings.Contains(operator, "Not") && !strings.HasPrefix(folded, "kms:")
			switch {
			case folded == "s3:x-amz-acl":
				problems = append(problems, "it asks for an ACL, which objects of the share no longer have")
			case !said:
				problems = append(problems, "a share has no condition on "+key)
			case except || strings.HasSuffix(operator, "IfExists"):
				problems = append(problems, "a share has no "+operator+" on "+key)
			}
		}
	}
	slices.Sort(problems)
	return problems
}
