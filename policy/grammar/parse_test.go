package grammar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/sharedbucket/policy/grammar"
)

// statement is the one statement most cases are about, in a document of the current version.
func inDocument(statement string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statement + `]}`
}

const (
	allowGet = `"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"`
	denyGet  = `"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"`
	byAnn    = `"Principal": {"AWS": "arn:aws:iam::111111111111:user/ann"}`
)

// TestParse: each document is valid in the kinds listed and not in the others. The comment names the page.
func TestParse(t *testing.T) {
	identities := []grammar.Kind{grammar.Identity, grammar.Boundary, grammar.Session}
	resources := []grammar.Kind{grammar.BucketPolicy, grammar.KeyPolicy}
	notRCP := append(append([]grammar.Kind{grammar.SCP}, identities...), resources...)
	none := []grammar.Kind{}

	// A statement is given its Principal by kind, unless the case is about principals.
	for _, c := range []struct {
		name  string
		text  string
		valid []grammar.Kind
	}{
		// reference_policies_grammar.html: the document
		{
			name:  "one statement alone",
			text:  `{"Version": "2012-10-17", "Statement": {P` + allowGet + `}}`,
			valid: notRCP,
		},
		{
			name:  "members in any order",
			text:  `{"Statement": [{` + `"Resource": "*", "Action": "*",P "Effect": "Allow"}], "Version": "2012-10-17"}`,
			valid: append(notRCP, grammar.RCP),
		},
		{name: "white space around", text: "\n\t " + inDocument(`{P`+allowGet+`}`) + "\r\n ", valid: notRCP},
		{name: "empty text", text: ``, valid: none},
		{name: "not an object", text: `[]`, valid: none},
		{name: "a string", text: `"{}"`, valid: none},
		{name: "null", text: `null`, valid: none},
		{name: "no statement", text: `{"Version": "2012-10-17"}`, valid: none},
		{name: "empty list of statements", text: `{"Version": "2012-10-17", "Statement": []}`, valid: none},
		{
			name:  "a statement that is a string",
			text:  `{"Version": "2012-10-17", "Statement": ["Allow"]}`,
			valid: none,
		},
		{name: "Statement null", text: `{"Version": "2012-10-17", "Statement": null}`, valid: none},
		{
			name:  "trailing comma",
			text:  `{"Version": "2012-10-17", "Statement": [{P` + allowGet + `},]}`,
			valid: none,
		},
		{
			name:  "doubled quote",
			text:  inDocument(`{P"Effect": "Allow", "Action": ["s3:GetObject""], "Resource": "*"}`),
			valid: none,
		},
		{name: "text after the document", text: inDocument(`{P`+allowGet+`}`) + `}`, valid: none},
		{
			name:  "a second document",
			text:  inDocument(`{P`+allowGet+`}`) + inDocument(`{P`+allowGet+`}`),
			valid: none,
		},
		{name: "a comment", text: inDocument(`{P` + allowGet + `} /* all of it */`), valid: none},
		{
			name:  "not UTF-8",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/` + "\xff" + `"}`),
			valid: none,
		},
		{name: "element repeated", text: inDocument(`{P` + allowGet + `, "Effect": "Deny"}`), valid: none},
		{
			name:  "Statement repeated",
			text:  `{"Version": "2012-10-17", "Statement": {P` + allowGet + `}, "Statement": {P` + denyGet + `}}`,
			valid: none,
		},
		{
			name: "operator repeated",
			text: inDocument(`{P` + allowGet +
				`, "Condition": {"Bool": {"aws:SecureTransport": "true"}, "Bool": {"aws:ViaAWSService": "true"}}}`),
			valid: none,
		},
		{
			name: "condition key repeated",
			text: inDocument(`{P` + allowGet +
				`, "Condition": {"Bool": {"aws:SecureTransport": "true", "aws:SecureTransport": "false"}}}`),
			valid: none,
		},
		{
			name:  "unknown element of the document",
			text:  `{"Version": "2012-10-17", "Comment": "x", "Statement": {P` + allowGet + `}}`,
			valid: none,
		},
		{
			name:  "unknown element of a statement",
			text:  inDocument(`{P` + allowGet + `, "Actions": "s3:*"}`),
			valid: none,
		},
		{
			name:  "element in lower case",
			text:  inDocument(`{P"effect": "Allow", "Action": "s3:*", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "key policy statement in lower case",
			text:  `{"Version": "2012-10-17", "statement": {P` + allowGet + `}}`,
			valid: none,
		},

		// reference_policies_elements_version.html; orgs_manage_policies_scps_syntax.html, …_rcps_syntax.html
		{
			name:  "older version",
			text:  `{"Version": "2008-10-17", "Statement": {P` + allowGet + `}}`,
			valid: append(identities, resources...),
		},
		{
			name:  "no version",
			text:  `{"Statement": {P` + allowGet + `}}`,
			valid: append(identities, resources...),
		},
		{
			name:  "other version",
			text:  `{"Version": "2012-10-18", "Statement": {P` + allowGet + `}}`,
			valid: none,
		},
		{name: "empty version", text: `{"Version": "", "Statement": {P` + allowGet + `}}`, valid: none},
		{
			name:  "version as a number",
			text:  `{"Version": 20121017, "Statement": {P` + allowGet + `}}`,
			valid: none,
		},

		// reference_policies_elements_id.html
		{
			name:  "Id",
			text:  `{"Version": "2012-10-17", "Id": "my policy", "Statement": {P` + allowGet + `}}`,
			valid: resources,
		},
		{
			name:  "Id as a number",
			text:  `{"Version": "2012-10-17", "Id": 1, "Statement": {P` + allowGet + `}}`,
			valid: none,
		},

		// reference_policies_elements_sid.html; kms key-policy-overview.html
		{name: "Sid", text: inDocument(`{P"Sid": "Stmt1", ` + allowGet + `}`), valid: notRCP},
		{
			name:  "empty Sids",
			text:  inDocument(`{P"Sid": "", ` + allowGet + `}, {P"Sid": "", ` + allowGet + `}`),
			valid: notRCP,
		},
		{
			name:  "Sid with spaces",
			text:  inDocument(`{P"Sid": "Allow use of the key", ` + allowGet + `}`),
			valid: resources,
		},
		{
			name:  "Sid with a hyphen",
			text:  inDocument(`{P"Sid": "allow-use", ` + allowGet + `}`),
			valid: resources,
		},
		{name: "Sid as a number", text: inDocument(`{P"Sid": 1, ` + allowGet + `}`), valid: none},
		{
			name:  "Sid twice",
			text:  inDocument(`{P"Sid": "A", ` + allowGet + `}, {P"Sid": "A", ` + denyGet + `}`),
			valid: resources,
		},

		// reference_policies_elements_effect.html
		{name: "deny", text: inDocument(`{P` + denyGet + `}`), valid: append(notRCP, grammar.RCP)},
		{name: "no effect", text: inDocument(`{P"Action": "s3:*", "Resource": "*"}`), valid: none},
		{
			name:  "effect in lower case",
			text:  inDocument(`{P"Effect": "allow", "Action": "s3:*", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "other effect",
			text:  inDocument(`{P"Effect": "Permit", "Action": "s3:*", "Resource": "*"}`),
			valid: none,
		},

		// reference_policies_elements_action.html, …_notaction.html; kms key-policy-overview.html
		{
			name: "actions",
			text: inDocument(
				`{P"Effect": "Allow", "Action": ["S3:getobject", "s3:Get*", "s3:*Object?", "kms:*", "Code*:List*", "*:*", "*"], ` +
					`"Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "an action nobody has",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "not action",
			text:  inDocument(`{P"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "action without a service",
			text:  inDocument(`{P"Effect": "Allow", "Action": "GetObject", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "action with a variable",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:${aws:username}", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "action with a space",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3: GetObject", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "empty action",
			text:  inDocument(`{P"Effect": "Allow", "Action": "", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "no actions",
			text:  inDocument(`{P"Effect": "Allow", "Action": [], "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "action as a number",
			text:  inDocument(`{P"Effect": "Allow", "Action": 1, "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "action null",
			text:  inDocument(`{P"Effect": "Allow", "Action": null, "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "lists in a list",
			text:  inDocument(`{P"Effect": "Allow", "Action": [["s3:*"]], "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "action and not action",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:Get*", "Resource": "*"}`),
			valid: none,
		},
		{
			name:  "neither action",
			text:  inDocument(`{P"Effect": "Deny", "Resource": "*"}`),
			valid: []grammar.Kind{grammar.KeyPolicy},
		},

		// reference_policies_elements_resource.html, …_notresource.html; kms key-policy-overview.html
		{
			name:  "not resource",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "resource in any partition",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s3:*", "Resource": "arn:*:s3:::b/*"}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "resource with colons",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/a:b:c/[x] ü$"}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "resource that is no ARN",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "b/*"}`),
			valid: none,
		},
		{
			name:  "empty resource",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": ""}`),
			valid: none,
		},
		{
			name:  "no resources",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": []}`),
			valid: none,
		},
		{
			name:  "resource and not resource",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "*", "NotResource": "*"}`),
			valid: none,
		},
		{
			name:  "neither resource",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s3:*"}`),
			valid: []grammar.Kind{grammar.KeyPolicy},
		},
		{
			name:  "fewer fields than an ARN has",
			text:  inDocument(`{P"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs"}`),
			valid: []grammar.Kind{grammar.Identity, grammar.Boundary},
		},
		{
			name:  "wildcard in the service",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:*:::b/*"}`),
			valid: none,
		},

		// reference_policies_variables.html and access-analyzer-reference-policy-checks.html
		{
			name: "variables in a resource",
			text: inDocument(
				`{P"Effect": "Allow", "Action": "s3:*", "Resource": ` +
					`"arn:aws:s3:::b/${aws:username}/${*}/${aws:PrincipalTag/team, 'none at all'}/*"}`),
			valid: notRCP,
		},
		{
			name: "variable in the account",
			text: inDocument(
				`{P"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/*"}`),
			valid: none,
		},
		{
			name:  "variable without a brace",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username/*"}`),
			valid: none,
		},
		{
			name:  "empty variable",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${}"}`),
			valid: none,
		},
		{
			name:  "space in a variable",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws: username}"}`),
			valid: none,
		},
		{
			name:  "default without quotes",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username, x}"}`),
			valid: none,
		},
		{
			name:  "default without a space",
			text:  inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username,'x'}"}`),
			valid: none,
		},
		{
			name: "no variables in the older version",
			text: `{"Version": "2008-10-17", "Statement": {P"Effect": "Allow", "Action": "s3:*", "Resource": ` +
				`"arn:aws:s3:::b/${"}}`,
			valid: append(identities, resources...),
		},

		// orgs_manage_policies_rcps_syntax.html
		{
			name:  "RCPFullAWSAccess",
			text:  inDocument(`{P"Effect": "Allow", "Action": "*", "Resource": "*"}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "all actions denied",
			text:  inDocument(`{P"Effect": "Deny", "Action": "*", "Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "RCPFullAWSAccess in a list",
			text:  inDocument(`{P"Sid": "x", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "RCPFullAWSAccess beside another statement",
			text:  inDocument(`{P"Effect": "Allow", "Action": "*", "Resource": "*"}, {P` + denyGet + `}`),
			valid: notRCP,
		},
		{
			name:  "actions of any service",
			text:  inDocument(`{P"Effect": "Deny", "Action": "*:*", "Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "actions of services with a name like that",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s?:GetObject", "Resource": "*"}`),
			valid: notRCP,
		},
		{
			name:  "wildcards at the front of an action",
			text:  inDocument(`{P"Effect": "Deny", "Action": "s3:*Object", "Resource": "*"}`),
			valid: append(notRCP, grammar.RCP),
		},

		// reference_policies_elements_condition.html: form
		{
			name:  "empty condition",
			text:  inDocument(`{P` + denyGet + `, "Condition": {}}`),
			valid: append(notRCP, grammar.RCP),
		},
		{name: "condition as a list", text: inDocument(`{P` + denyGet + `, "Condition": []}`), valid: none},
		{name: "condition null", text: inDocument(`{P` + denyGet + `, "Condition": null}`), valid: none},
		{
			name:  "operator without keys",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": "a"}}`),
			valid: none,
		},
		{
			name:  "values of all types",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": ["a", 1, 2.5, true]}}}`),
			valid: append(notRCP, grammar.RCP),
		},
		{
			name:  "value null",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": null}}}`),
			valid: none,
		},
		{
			name:  "value an object",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": {}}}}`),
			valid: none,
		},
		{
			name:  "no values",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": []}}}`),
			valid: none,
		},
		{
			name:  "key without a service",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"SourceIp": "a"}}}`),
			valid: none,
		},
		{
			name:  "key in two cases",
			text:  inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": "a", "AWS:X": "b"}}}`),
			valid: none,
		},
	} {
		valid := map[grammar.Kind]bool{}
		for _, k := range c.valid {
			valid[k] = true
		}
		for _, kind := range []grammar.Kind{grammar.Identity, grammar.Boundary, grammar.Session, grammar.SCP, grammar.RCP,
			grammar.BucketPolicy, grammar.KeyPolicy} {
			t.Run(c.name+"/"+string(kind), func(t *testing.T) {
				text := strings.ReplaceAll(c.text, "{P", "{"+principalFor(kind))
				text = strings.ReplaceAll(text, ",P", ","+principalFor(kind))
				_, problems := grammar.Parse(text, kind)
				if got := len(problems) == 0; got != valid[kind] {
					t.Errorf("valid is %v, want %v\n%s\n%v", got, valid[kind], text, problems)
				}
			})
		}
	}
}

// principalFor is a Principal that documents of that kind can have.
func principalFor(kind grammar.Kind) string {
	switch kind {
	case grammar.RCP:
		return `"Principal": "*", `
	case grammar.BucketPolicy, grammar.KeyPolicy:
		return byAnn + ", "
	}
	return ""
}

// TestParsePrincipal is about reference_policies_elements_principal.html and …_notprincipal.html.
func TestParsePrincipal(t *testing.T) {
	both := []grammar.Kind{grammar.BucketPolicy, grammar.KeyPolicy}
	bucket, rcp := []grammar.Kind{grammar.BucketPolicy}, []grammar.Kind{grammar.RCP}
	for _, c := range []struct {
		name      string
		principal string
		valid     []grammar.Kind
	}{
		{name: "none", principal: ``, valid: []grammar.Kind{grammar.Identity, grammar.SCP}},
		{name: "everybody", principal: `"Principal": "*"`, valid: append(rcp, both...)},
		{name: "everybody by type", principal: `"Principal": {"AWS": "*"}`, valid: both},
		{
			name:      "one of several is everybody",
			principal: `"Principal": {"AWS": ["111111111111", "*"]}`,
			valid:     both,
		},
		{name: "account", principal: `"Principal": {"AWS": "111111111111"}`, valid: both},
		{
			name:      "account's root",
			principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:root"}`,
			valid:     both,
		},
		{
			name:      "root in another partition",
			principal: `"Principal": {"AWS": "arn:aws-cn:iam::111111111111:root"}`,
			valid:     both,
		},
		{
			name: "user and role with paths",
			principal: `"Principal": {"AWS": ["arn:aws:iam::111111111111:user/a/b/ann", ` +
				`"arn:aws:iam::111111111111:role/x/app+=,.@_-1"]}`,
			valid: both,
		},
		{
			name:      "role session",
			principal: `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app/i-1"}`,
			valid:     both,
		},
		{
			name:      "session with a path",
			principal: `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/x/app/i-1"}`,
			valid:     both,
		},
		{
			name:      "session as IAM's",
			principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:assumed-role/app/i-1"}`,
			valid:     both,
		},
		{
			name:      "federated user",
			principal: `"Principal": {"AWS": "arn:aws:sts::111111111111:federated-user/bob"}`,
			valid:     both,
		},
		{
			name:      "deleted",
			principal: `"Principal": {"AWS": ["AIDAJQABLZS4A3QDU576Q", "AROAEXAMPLEID"]}`,
			valid:     both,
		},
		{
			name:      "service",
			principal: `"Principal": {"Service": ["cloudtrail.amazonaws.com", "s3.ap-east-1.amazonaws.com"]}`,
			valid:     both,
		},
		{
			name:      "canonical user",
			principal: `"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`,
			valid:     bucket,
		},
		{
			name:      "types together",
			principal: `"Principal": {"AWS": "111111111111", "Service": "cloudtrail.amazonaws.com"}`,
			valid:     both,
		},

		{name: "a bare account", principal: `"Principal": "111111111111"`},
		{name: "a bare ARN", principal: `"Principal": "arn:aws:iam::111111111111:root"`},
		{name: "a list", principal: `"Principal": ["*"]`},
		{name: "empty object", principal: `"Principal": {}`},
		{name: "empty list", principal: `"Principal": {"AWS": []}`},
		{name: "empty string", principal: `"Principal": {"AWS": ""}`},
		{name: "null", principal: `"Principal": null`},
		{name: "other type", principal: `"Principal": {"aws": "111111111111"}`},
		{name: "account with too few digits", principal: `"Principal": {"AWS": "11111111111"}`},
		{name: "account as a number", principal: `"Principal": {"AWS": 111111111111}`},
		{name: "account with hyphens", principal: `"Principal": {"AWS": "1111-1111-1111"}`},
		{name: "all users", principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:user/*"}`},
		{name: "part of a name", principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:role/app-?"}`},
		{name: "all accounts", principal: `"Principal": {"AWS": "arn:aws:iam::*:root"}`},
		{
			name:      "all sessions",
			principal: `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app/*"}`,
		},
		{name: "group", principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:group/devs"}`},
		{
			name:      "session without its name",
			principal: `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app"}`,
		},
		{name: "user without a name", principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:user/"}`},
		{
			name:      "variable",
			principal: `"Principal": {"AWS": "arn:aws:iam::111111111111:user/${aws:username}"}`,
		},
		{name: "all services", principal: `"Principal": {"Service": "*"}`},
		{
			name:      "identity provider",
			principal: `"Principal": {"Federated": "arn:aws:iam::111111111111:saml-provider/x"}`,
			valid:     both,
		},
		{
			name:      "web identity",
			principal: `"Principal": {"Federated": "cognito-identity.amazonaws.com"}`,
			valid:     both,
		},
		{
			name:      "CloudFront origin access identity",
			principal: `"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}`,
			valid:     both,
		},
		{
			name:      "CloudFront with another user",
			principal: `"Principal": {"AWS": "arn:aws:iam::cloudfront:user/ann"}`,
		},
		{name: "both", principal: byAnn + `, "NotPrincipal": {"AWS": "111111111111"}`},
	} {
		for _, effect := range []string{"Allow", "Deny"} {
			for _, kind := range []grammar.Kind{grammar.Identity, grammar.SCP, grammar.RCP, grammar.BucketPolicy,
				grammar.KeyPolicy} {
				text := inDocument(`{"Effect": "` + effect + `", "Action": "s3:*", "Resource": "*"` + prefixed(c.principal) + `}`)
				if kind == grammar.RCP && effect == "Allow" {
					continue
				}
				check(t, c.name, text, kind, c.valid)
				not := strings.ReplaceAll(text, `"Principal"`, `"NotPrincipal"`)
				if effect == "Allow" && c.principal != "" {
					check(t, "not, allow: "+c.name, not, kind, nil)
				} else if kind != grammar.RCP && c.name != "both" {
					check(t, "not: "+c.name, not, kind, c.valid)
				}
			}
		}
	}
	check(t, "NotPrincipal", inDocument(`{"NotPrincipal": "*", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}`),
		grammar.RCP, nil)
}

func prefixed(member string) string {
	if member == "" {
		return ""
	}
	return ", " + member
}

func check(t *testing.T, name, text string, kind grammar.Kind, valid []grammar.Kind) {
	t.Helper()
	want := false
	for _, k := range valid {
		want = want || k == kind
	}
	_, problems := grammar.Parse(text, kind)
	if got := len(problems) == 0; got != want {
		t.Errorf("%s in a %s: valid is %v, want %v\n%s\n%v", name, kind, got, want, text, problems)
	}
}

// TestParseOperators: which operators there are, and which values make a document that is not valid.
func TestParseOperators(t *testing.T) {
	for _, c := range []struct {
		operator string
		valid    []string
		invalid  []string
	}{
		{
			operator: "StringEquals",
			valid:    []string{`""`, `"a"`, `"${aws:username}"`, `"*"`, `1`, `true`},
			invalid:  []string{`"${aws:username"`, `"${}"`},
		},
		{operator: "StringNotEqualsIgnoreCase", valid: []string{`"a"`}},
		{operator: "ForAnyValue:StringNotLikeIfExists", valid: []string{`"a*"`}},
		{operator: "NumericEquals", valid: []string{`"10"`, `"ten"`, `"${aws:x}"`, `"${"`}},
		{
			operator: "Bool",
			valid:    []string{`true`, `"${aws:SecureTransport}"`, `"yes"`},
			invalid:  []string{`"${"`},
		},
		{operator: "IpAddress", valid: []string{`"203.0.113.0/24"`, `"YOUR-IP"`}},
		{
			operator: "ArnLike",
			valid:    []string{`"arn:aws:iam::111111111111:role/*"`, `"${aws:PrincipalArn}"`, `"*"`},
			invalid:  []string{`"${"`},
		},
		{operator: "ForAllValues:ArnNotEquals", valid: []string{`"arn:aws:iam::111111111111:role/*"`}},
		{operator: "ForAllValues:Null", valid: []string{`"true"`}},

		{operator: "StringEqualz", invalid: []string{`"a"`}},
		{operator: "Stringlike", valid: []string{`"a"`}},
		{operator: "foranyvalue:STRINGEQUALSifexists", valid: []string{`"a"`}},
		{operator: "NullIfExists", invalid: []string{`"true"`}},
		{operator: "ForEachValue:StringEquals", invalid: []string{`"a"`}},
		{operator: "nullifexists", invalid: []string{`"true"`}},
		{operator: "ForAnyValue:", invalid: []string{`"a"`}},
		{operator: "ForAnyValue:ForAllValues:StringEquals", invalid: []string{`"a"`}},
		{operator: "BoolNotEquals", invalid: []string{`"true"`}},
		{operator: "IfExists", invalid: []string{`"true"`}},
		{operator: "", invalid: []string{`"true"`}},
	} {
		for i, v := range append(c.valid, c.invalid...) {
			text := inDocument(`{` + allowGet + `, "Condition": {"` + c.operator + `": {"aws:x": ` + v + `}}}`)
			_, problems := grammar.Parse(text, grammar.Identity)
			if got, want := len(problems) == 0, i < len(c.valid); got != want {
				t.Errorf("%s %s: valid is %v, want %v: %v", c.operator, v, got, want, problems)
			}
		}
	}
}

// TestOverlyPermissive: KMS answers OverlyPermissiveCondition (conditions-kms.html in its developer guide).
func TestOverlyPermissive(t *testing.T) {
	for _, c := range []struct {
		name string
		test string
		kind grammar.Kind
		want bool
	}{
		{
			name: "a value of the encryption context",
			test: `"ForAllValues:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`,
			kind: grammar.KeyPolicy,
		},
		{
			name: "a tag of the request",
			test: `"ForAllValues:StringLike": {"aws:requesttag/a": "x"}`,
			kind: grammar.KeyPolicy,
		},
		{
			name: "the keys of the encryption context",
			test: `"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "x"}`,
			kind: grammar.KeyPolicy,
			want: true,
		},
		{
			name: "ForAnyValue, which an absent key does not meet",
			test: `"ForAnyValue:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`,
			kind: grammar.KeyPolicy,
			want: true,
		},
		{
			name: "in a bucket policy",
			test: `"ForAllValues:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`,
			kind: grammar.BucketPolicy,
			want: true,
		},
	} {
		text := inDocument(`{` + byAnn + `, ` + allowGet + `, "Condition": {` + c.test + `}}`)
		if _, problems := grammar.Parse(text, c.kind); (len(problems) == 0) != c.want {
			t.Errorf("%s: %s in a %s: %v", c.name, c.test, c.kind, problems)
		}
	}
}

// TestProblemsHavePlaces: whoever has to mend a document must be told where, and by which page.
func TestProblemsHavePlaces(t *testing.T) {
	for _, c := range []struct {
		kind         grammar.Kind
		text, places string
	}{
		{
			kind: grammar.Identity,
			text: `{"Version": "2012-10-17", "Statement": [{` + allowGet + `}, {` + allowGet +
				`, "Condition": {"StringEqualz": {"aws:x": "a"}}}]}`,
			places: "Statement[1].Condition.StringEqualz",
		},
		{
			kind:   grammar.Identity,
			text:   `{"Statement": {"Effect": "allow", "Action": ["s3:*", "x"], "Resource": "x", "Principal": "*"}}`,
			places: "Statement.Effect Statement.Principal Statement.Action[1] Statement.Resource",
		},
		{
			kind: grammar.BucketPolicy,
			text: inDocument(`{` + allowGet +
				`, "Principal": {"AWS": ["111111111111", "x"]}, "Condition": {"Bool": {"aws:x": "${"}}}`),
			places: "Statement[0].Principal.AWS[1] Statement[0].Condition.Bool.aws:x",
		},
		{
			kind:   grammar.KeyPolicy,
			text:   inDocument(`{` + byAnn + `, "Sid": "für alle 人", ` + allowGet + `}`),
			places: "Statement[0].Sid",
		},
		{kind: grammar.Identity, text: "{\n  \"Statement\": [,]\n}"},
	} {
		_, problems := grammar.Parse(c.text, c.kind)
		var places []string
		for _, p := range problems {
			places = append(places, p.Place)
			if p.Page == "" || p.Text == "" {
				t.Errorf("problem without text or page: %+v", p)
			}
		}
		if got := strings.Join(places, " "); got != c.places {
			t.Errorf("%s: problems at %q, want %q: %v", c.text, got, c.places, problems)
		}
	}
	_, problems := grammar.Parse("{\n  \"Statement\": [,]\n}", grammar.Identity)
	if want := "line 2, column 17"; !strings.Contains(problems.Error(), want) {
		t.Errorf("%v does not say %s", problems, want)
	}
}

// TestParseReads: what is read is what was written.
func TestParseReads(t *testing.T) {
	text := `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A b","Effect":"Deny",` +
		`"NotPrincipal":{"AWS":["111111111111","AIDAEXAMPLE"]},` +
		`"NotAction":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],` +
		`"Condition":{"NumericLessThan":{"s3:max-keys":"10"}}}]}`
	doc, problems := grammar.Parse(text, grammar.BucketPolicy)
	if len(problems) > 0 || doc.Text() != text {
		t.Errorf("read back as\n%s\nwant\n%s\n%v", doc.Text(), text, problems)
	}
	doc, _ = grammar.Parse(inDocument(`{`+allowGet+`, "Condition": {"Bool": {"aws:x": [true, 1.50]}}}`), grammar.Identity)
	if got, _ := json.Marshal(doc.Statements[0].Condition["Bool"]["aws:x"]); string(got) != `["true","1.50"]` {
		t.Errorf("boolean and number read as %s", got)
	}
}
