package grammar

import (
	"strings"

	"example.com/sharedbucket/policy"
)

// ARN is an Amazon Resource Name in its six fields. Only the first five colons delimit: a resource can have colons.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	Prefix, Partition, Service, Region, Account, Resource string
}

// ParseARN splits an ARN; false when it has fewer than six fields or does not begin with arn.
func ParseARN(text string) (ARN, bool) {
	f := strings.SplitN(text, ":", 6)
	if len(f) != 6 || f[0] != "arn" {
		return ARN{}, false
	}
	return ARN{f[0], f[1], f[2], f[3], f[4], f[5]}, true
}

// resourceProblem says what is wrong with a value of Resource or NotResource, and which page says so.
func resourceProblem(text string, kind Kind, version string) (wrong, page string) {
	if text == "*" {
		return "", ""
	}
	fields := strings.SplitN(text, ":", 6)
	if fields[0] != "arn" {
		return `is neither "*" nor an ARN`, pageResource
	}
	if len(fields) < 6 && !CompletesARNs(kind) {
		return "has fewer than the six fields of an ARN", pageGrammar
	}
	if len(fields) > 2 && strings.ContainsAny(fields[2], "*?") {
		return "has a wildcard in its service", pageResource
	}
	if version != policy.Version {
		return "", "" // ${ is literal text: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
	}
	if strings.Contains(strings.Join(fields[:min(5, len(fields))], ":"), "${") {
		return "has a policy variable before the fifth colon", pageVariables
	}
	if _, err := ParseTemplate(text); err != nil {
		return err.Error(), pageChecks
	}
	return "", ""
}

// CompletesARNs says whether AWS completes an ARN with fewer than six fields by wildcards: in identity-based policies,
// but not in session policies, where it is an error.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html#policies-grammar-notes-strings
func CompletesARNs(kind Kind) bool { return kind == Identity || kind == Boundary }
