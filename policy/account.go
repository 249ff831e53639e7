package policy

import "regexp"

var account = regexp.MustCompile(`^(?:arn:[a-z-]+:iam::(\d{12}):root|(\d{12}))$`)

// AccountOf is the id of the account that a principal stands for as a whole, by its id or by its root's ARN.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func AccountOf(principal string) (id string, is bool) {
	m := account.FindStringSubmatch(principal)
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}
