package role

import (
	"encoding/json"
	"fmt"
	"strings"

	"example.com/sharedbucket/policy"
)

const (
	// LargestInline is how many characters IAM takes of a role's inline policies in all, and LargestManaged of a managed
	// policy, white space not counted.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	LargestInline  = 10240
	LargestManaged = policy.ManagedPolicyLimit
	// largestEnvironment is how many bytes Lambda takes of a function's environment variables in all.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	largestEnvironment = 4096
)

// filledIn is at least as long as what CloudFormation fills in anywhere.
var filledIn = strings.NewReplacer(
	"${AWS::Partition}", "aws-us-gov", "${AWS::Region}", "ap-southeast-99", "${AWS::AccountId}", "111111111111",
)

// Characters are how many of the characters that IAM counts a policy of these statements has at most.
func Characters(statements []Statement) int {
	var document policyText
	for _, s := range statements {
		document.Statement = append(document.Statement, s.filledIn())
	}
	document.Version = policy.Version
	text, err := json.Marshal(document)
	if err != nil {
		panic(err) // strings only
	}
	return policy.CharactersIAMCounts(string(text))
}

type policyText struct {
	Version   string
	Statement []map[string]any
}

func (s Statement) filledIn() map[string]any {
	out := map[string]any{"Sid": s.Sid, "Effect": s.Effect(), "Action": s.Actions, "Resource": fill(s.Resources)}
	if len(s.Condition) == 0 {
		return out
	}
	all := condition{}
	for operator, keys := range s.Condition {
		all[operator] = map[string][]string{}
		for key, values := range keys {
			all[operator][key] = fill(values)
		}
	}
	out["Condition"] = all
	return out
}

func fill(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = filledIn.Replace(text)
	}
	return out
}

const (
	longestLogGroup = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:" +
		"/aws/lambda/sharedbucket-provider:*"
	longestQueue = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
)

// CheckSize says why AWS would refuse the role or the function with these settings: too many ARNs, or too long ones.
func CheckSize(settings Settings) []error {
	var problems []error
	own := Own{LogGroup: longestLogGroup, Queue: longestQueue + strings.Repeat("x", 80)}
	if n := Characters(Inline(Statements(settings, own))); n > LargestInline {
		problems = append(problems, fmt.Errorf("%s, %s, %s and %s: the role's inline policy would have %d characters, "+
			"and IAM takes %d; give patterns with * in place of single ARNs",
			BucketArns, AdoptableBucketArns, KeyArns, GranteeArns, n, LargestInline))
	}
	if n := Characters(OfBoth(Statements(settings, own))); n > LargestManaged {
		problems = append(problems, fmt.Errorf("%s and %s: the policy for re-encrypting would have %d characters, and IAM "+
			"takes %d; give patterns with * in place of single ARNs", AdoptableBucketArns, KeyArns, n, LargestManaged))
	}
	size := 0
	for _, l := range Limits {
		size += len(l.Name) + len(strings.Join(settings[l.Name], ","))
	}
	if size > largestEnvironment {
		problems = append(problems, fmt.Errorf("all limits together: the function's environment would have %d bytes, "+
			"and Lambda takes %d; give patterns with * in place of single ARNs", size, largestEnvironment))
	}
	return problems
}
