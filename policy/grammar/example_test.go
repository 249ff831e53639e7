package grammar_test

import (
	"fmt"

	"example.com/sharedbucket/policy/grammar"
)

// Everything that is wrong with a document is said at once, with its place and the page that says so.
func ExampleParse() {
	document, problems := grammar.Parse(`{"Version": "2012-10-17", "Statement": {
		"Effect": "allow", "Principal": {"AWS": "arn:aws:iam::111111111111:group/all"}, "Action": "s3:*", "Resource": "*",
		"Condition": {"StringEqualz": {"aws:PrincipalOrgID": "o-1"}}}}`, grammar.BucketPolicy)
	fmt.Println(len(document.Statements), "statement")
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// 1 statement
	// Statement.Effect: must be Allow or Deny, not "allow"
	// Statement.Principal.AWS: "arn:aws:iam::111111111111:group/all" is not an account, a user, a role or a role session
	// Statement.Condition.StringEqualz: is not a condition operator
}

func ExampleParseTemplate() {
	parts, err := grammar.ParseTemplate("home/${aws:username}/${aws:PrincipalTag/team, 'nobody'}/${*}")
	for _, p := range parts {
		fmt.Printf("%q variable %v default %q\n", p.Text, p.Variable, p.Default)
	}
	fmt.Println(err)
	// Output:
	// "home/" variable false default ""
	// "aws:username" variable true default ""
	// "/" variable false default ""
	// "aws:PrincipalTag/team" variable true default "nobody"
	// "/" variable false default ""
	// "*" variable false default ""
	// <nil>
}
