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
		{"one statement alone", `{"Version": "2012-10-17", "Statement": {P` + allowGet + `}}`, notRCP},
		{"members in any order", `{"Statement": [{` + `"Resource": "*", "Action": "*",P "Effect": "Allow"}], "Version": "2012-10-17"}`, append(notRCP, grammar.RCP)},
		{"white space around", "\n\t " + inDocument(`{P`+allowGet+`}`) + "\r\n ", notRCP},
		{"empty text", ``, none},
		{"not an object", `[]`, none},
		{"a string", `"{}"`, none},
		{"null", `null`, none},
		{"no statement", `{"Version": "2012-10-17"}`, none},
		{"empty list of statements", `{"Version": "2012-10-17", "Statement": []}`, none},
		{"a statement that is a string", `{"Version": "2012-10-17", "Statement": ["Allow"]}`, none},
		{"Statement null", `{"Version": "2012-10-17", "Statement": null}`, none},
		{"trailing comma", `{"Version": "2012-10-17", "Statement": [{P` + allowGet + `},]}`, none},
		{"doubled quote", inDocument(`{P"Effect": "Allow", "Action": ["s3:GetObject""], "Resource": "*"}`), none},
		{"text after the document", inDocument(`{P`+allowGet+`}`) + `}`, none},
		{"a second document", inDocument(`{P`+allowGet+`}`) + inDocument(`{P`+allowGet+`}`), none},
		{"a comment", inDocument(`{P` + allowGet + `} /* all of it */`), none},
		{"not UTF-8", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/` + "\xff" + `"}`), none},
		{"element repeated", inDocument(`{P` + allowGet + `, "Effect": "Deny"}`), none},
		{"Statement repeated", `{"Version": "2012-10-17", "Statement": {P` + allowGet + `}, "Statement": {P` + denyGet + `}}`, none},
		{"operator repeated", inDocument(`{P` + allowGet + `, "Condition": {"Bool": {"aws:SecureTransport": "true"}, "Bool": {"aws:ViaAWSService": "true"}}}`), none},
		{"condition key repeated", inDocument(`{P` + allowGet + `, "Condition": {"Bool": {"aws:SecureTransport": "true", "aws:SecureTransport": "false"}}}`), none},
		{"unknown element of the document", `{"Version": "2012-10-17", "Comment": "x", "Statement": {P` + allowGet + `}}`, none},
		{"unknown element of a statement", inDocument(`{P` + allowGet + `, "Actions": "s3:*"}`), none},
		{"element in lower case", inDocument(`{P"effect": "Allow", "Action": "s3:*", "Resource": "*"}`), none},
		{"key policy statement in lower case", `{"Version": "2012-10-17", "statement": {P` + allowGet + `}}`, none},

		// reference_policies_elements_version.html; orgs_manage_policies_scps_syntax.html, …_rcps_syntax.html
		{"older version", `{"Version": "2008-10-17", "Statement": {P` + allowGet + `}}`, append(identities, resources...)},
		{"no version", `{"Statement": {P` + allowGet + `}}`, append(identities, resources...)},
		{"other version", `{"Version": "2012-10-18", "Statement": {P` + allowGet + `}}`, none},
		{"empty version", `{"Version": "", "Statement": {P` + allowGet + `}}`, none},
		{"version as a number", `{"Version": 20121017, "Statement": {P` + allowGet + `}}`, none},

		// reference_policies_elements_id.html
		{"Id", `{"Version": "2012-10-17", "Id": "my policy", "Statement": {P` + allowGet + `}}`, resources},
		{"Id as a number", `{"Version": "2012-10-17", "Id": 1, "Statement": {P` + allowGet + `}}`, none},

		// reference_policies_elements_sid.html; kms key-policy-overview.html
		{"Sid", inDocument(`{P"Sid": "Stmt1", ` + allowGet + `}`), notRCP},
		{"empty Sids", inDocument(`{P"Sid": "", ` + allowGet + `}, {P"Sid": "", ` + allowGet + `}`), notRCP},
		{"Sid with spaces", inDocument(`{P"Sid": "Allow use of the key", ` + allowGet + `}`), resources},
		{"Sid with a hyphen", inDocument(`{P"Sid": "allow-use", ` + allowGet + `}`), resources},
		{"Sid as a number", inDocument(`{P"Sid": 1, ` + allowGet + `}`), none},
		{"Sid twice", inDocument(`{P"Sid": "A", ` + allowGet + `}, {P"Sid": "A", ` + denyGet + `}`), resources},

		// reference_policies_elements_effect.html
		{"deny", inDocument(`{P` + denyGet + `}`), append(notRCP, grammar.RCP)},
		{"no effect", inDocument(`{P"Action": "s3:*", "Resource": "*"}`), none},
		{"effect in lower case", inDocument(`{P"Effect": "allow", "Action": "s3:*", "Resource": "*"}`), none},
		{"other effect", inDocument(`{P"Effect": "Permit", "Action": "s3:*", "Resource": "*"}`), none},

		// reference_policies_elements_action.html, …_notaction.html; kms key-policy-overview.html
		{"actions", inDocument(`{P"Effect": "Allow", "Action": ["S3:getobject", "s3:Get*", "s3:*Object?", "kms:*", "Code*:List*", "*:*", "*"], "Resource": "*"}`), notRCP},
		{"an action nobody has", inDocument(`{P"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}`), notRCP},
		{"not action", inDocument(`{P"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}`), notRCP},
		{"action without a service", inDocument(`{P"Effect": "Allow", "Action": "GetObject", "Resource": "*"}`), none},
		{"action with a variable", inDocument(`{P"Effect": "Allow", "Action": "s3:${aws:username}", "Resource": "*"}`), none},
		{"action with a space", inDocument(`{P"Effect": "Allow", "Action": "s3: GetObject", "Resource": "*"}`), none},
		{"empty action", inDocument(`{P"Effect": "Allow", "Action": "", "Resource": "*"}`), none},
		{"no actions", inDocument(`{P"Effect": "Allow", "Action": [], "Resource": "*"}`), none},
		{"action as a number", inDocument(`{P"Effect": "Allow", "Action": 1, "Resource": "*"}`), none},
		{"action null", inDocument(`{P"Effect": "Allow", "Action": null, "Resource": "*"}`), none},
		{"lists in a list", inDocument(`{P"Effect": "Allow", "Action": [["s3:*"]], "Resource": "*"}`), none},
		{"action and not action", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:Get*", "Resource": "*"}`), none},
		{"neither action", inDocument(`{P"Effect": "Deny", "Resource": "*"}`), []grammar.Kind{grammar.KeyPolicy}},

		// reference_policies_elements_resource.html, …_notresource.html; kms key-policy-overview.html
		{"not resource", inDocument(`{P"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}`), append(notRCP, grammar.RCP)},
		{"resource in any partition", inDocument(`{P"Effect": "Deny", "Action": "s3:*", "Resource": "arn:*:s3:::b/*"}`), append(notRCP, grammar.RCP)},
		{"resource with colons", inDocument(`{P"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/a:b:c/[x] ü$"}`), append(notRCP, grammar.RCP)},
		{"resource that is no ARN", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "b/*"}`), none},
		{"empty resource", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": ""}`), none},
		{"no resources", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": []}`), none},
		{"resource and not resource", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "*", "NotResource": "*"}`), none},
		{"neither resource", inDocument(`{P"Effect": "Deny", "Action": "s3:*"}`), []grammar.Kind{grammar.KeyPolicy}},
		{"fewer fields than an ARN has", inDocument(`{P"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs"}`), []grammar.Kind{grammar.Identity, grammar.Boundary}},
		{"wildcard in the service", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:*:::b/*"}`), none},

		// reference_policies_variables.html and access-analyzer-reference-policy-checks.html
		{"variables in a resource", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/${*}/${aws:PrincipalTag/team, 'none at all'}/*"}`), notRCP},
		{"variable in the account", inDocument(`{P"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/*"}`), none},
		{"variable without a brace", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username/*"}`), none},
		{"empty variable", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${}"}`), none},
		{"space in a variable", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws: username}"}`), none},
		{"default without quotes", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username, x}"}`), none},
		{"default without a space", inDocument(`{P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username,'x'}"}`), none},
		{"no variables in the older version", `{"Version": "2008-10-17", "Statement": {P"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${"}}`, append(identities, resources...)},

		// orgs_manage_policies_rcps_syntax.html
		{"RCPFullAWSAccess", inDocument(`{P"Effect": "Allow", "Action": "*", "Resource": "*"}`), append(notRCP, grammar.RCP)},
		{"all actions denied", inDocument(`{P"Effect": "Deny", "Action": "*", "Resource": "*"}`), notRCP},
		{"RCPFullAWSAccess in a list", inDocument(`{P"Sid": "x", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}`), append(notRCP, grammar.RCP)},
		{"RCPFullAWSAccess beside another statement", inDocument(`{P"Effect": "Allow", "Action": "*", "Resource": "*"}, {P` + denyGet + `}`), notRCP},
		{"actions of any service", inDocument(`{P"Effect": "Deny", "Action": "*:*", "Resource": "*"}`), notRCP},
		{"actions of services with a name like that", inDocument(`{P"Effect": "Deny", "Action": "s?:GetObject", "Resource": "*"}`), notRCP},
		{"wildcards at the front of an action", inDocument(`{P"Effect": "Deny", "Action": "s3:*Object", "Resource": "*"}`), append(notRCP, grammar.RCP)},

		// reference_policies_elements_condition.html: form
		{"empty condition", inDocument(`{P` + denyGet + `, "Condition": {}}`), append(notRCP, grammar.RCP)},
		{"condition as a list", inDocument(`{P` + denyGet + `, "Condition": []}`), none},
		{"condition null", inDocument(`{P` + denyGet + `, "Condition": null}`), none},
		{"operator without keys", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": "a"}}`), none},
		{"values of all types", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": ["a", 1, 2.5, true]}}}`), append(notRCP, grammar.RCP)},
		{"value null", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": null}}}`), none},
		{"value an object", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": {}}}}`), none},
		{"no values", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": []}}}`), none},
		{"key without a service", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"SourceIp": "a"}}}`), none},
		{"key in two cases", inDocument(`{P` + denyGet + `, "Condition": {"StringEquals": {"aws:x": "a", "AWS:X": "b"}}}`), none},
	} {
		valid := map[grammar.Kind]bool{}
		for _, k := range c.valid {
			valid[k] = true
		}
		for _, kind := range []grammar.Kind{grammar.Identity, grammar.Boundary, grammar.Session, grammar.SCP, grammar.RCP, grammar.BucketPolicy, grammar.KeyPolicy} {
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
		{"none", ``, []grammar.Kind{grammar.Identity, grammar.SCP}},
		{"everybody", `"Principal": "*"`, append(rcp, both...)},
		{"everybody by type", `"Principal": {"AWS": "*"}`, both},
		{"one of several is everybody", `"Principal": {"AWS": ["111111111111", "*"]}`, both},
		{"account", `"Principal": {"AWS": "111111111111"}`, both},
		{"account's root", `"Principal": {"AWS": "arn:aws:iam::111111111111:root"}`, both},
		{"root in another partition", `"Principal": {"AWS": "arn:aws-cn:iam::111111111111:root"}`, both},
		{"user and role with paths", `"Principal": {"AWS": ["arn:aws:iam::111111111111:user/a/b/ann", "arn:aws:iam::111111111111:role/x/app+=,.@_-1"]}`, both},
		{"role session", `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app/i-1"}`, both},
		{"session with a path", `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/x/app/i-1"}`, both},
		{"session as IAM's", `"Principal": {"AWS": "arn:aws:iam::111111111111:assumed-role/app/i-1"}`, both},
		{"federated user", `"Principal": {"AWS": "arn:aws:sts::111111111111:federated-user/bob"}`, both},
		{"deleted", `"Principal": {"AWS": ["AIDAJQABLZS4A3QDU576Q", "AROAEXAMPLEID"]}`, both},
		{"service", `"Principal": {"Service": ["cloudtrail.amazonaws.com", "s3.ap-east-1.amazonaws.com"]}`, both},
		{"canonical user", `"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`, bucket},
		{"types together", `"Principal": {"AWS": "111111111111", "Service": "cloudtrail.amazonaws.com"}`, both},

		{"a bare account", `"Principal": "111111111111"`, nil},
		{"a bare ARN", `"Principal": "arn:aws:iam::111111111111:root"`, nil},
		{"a list", `"Principal": ["*"]`, nil},
		{"empty object", `"Principal": {}`, nil},
		{"empty list", `"Principal": {"AWS": []}`, nil},
		{"empty string", `"Principal": {"AWS": ""}`, nil},
		{"null", `"Principal": null`, nil},
		{"other type", `"Principal": {"aws": "111111111111"}`, nil},
		{"account with too few digits", `"Principal": {"AWS": "11111111111"}`, nil},
		{"account as a number", `"Principal": {"AWS": 111111111111}`, nil},
		{"account with hyphens", `"Principal": {"AWS": "1111-1111-1111"}`, nil},
		{"all users", `"Principal": {"AWS": "arn:aws:iam::111111111111:user/*"}`, nil},
		{"part of a name", `"Principal": {"AWS": "arn:aws:iam::111111111111:role/app-?"}`, nil},
		{"all accounts", `"Principal": {"AWS": "arn:aws:iam::*:root"}`, nil},
		{"all sessions", `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app/*"}`, nil},
		{"group", `"Principal": {"AWS": "arn:aws:iam::111111111111:group/devs"}`, nil},
		{"session without its name", `"Principal": {"AWS": "arn:aws:sts::111111111111:assumed-role/app"}`, nil},
		{"user without a name", `"Principal": {"AWS": "arn:aws:iam::111111111111:user/"}`, nil},
		{"variable", `"Principal": {"AWS": "arn:aws:iam::111111111111:user/${aws:username}"}`, nil},
		{"all services", `"Principal": {"Service": "*"}`, nil},
		{"identity provider", `"Principal": {"Federated": "arn:aws:iam::111111111111:saml-provider/x"}`, both},
		{"web identity", `"Principal": {"Federated": "cognito-identity.amazonaws.com"}`, both},
		{"CloudFront origin access identity", `"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}`, both},
		{"CloudFront with another user", `"Principal": {"AWS": "arn:aws:iam::cloudfront:user/ann"}`, nil},
		{"both", byAnn + `, "NotPrincipal": {"AWS": "111111111111"}`, nil},
	} {
		for _, effect := range []string{"Allow", "Deny"} {
			for _, kind := range []grammar.Kind{grammar.Identity, grammar.SCP, grammar.RCP, grammar.BucketPolicy, grammar.KeyPolicy} {
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
	check(t, "NotPrincipal", inDocument(`{"NotPrincipal": "*", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}`), grammar.RCP, nil)
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
		{"StringEquals", []string{`""`, `"a"`, `"${aws:username}"`, `"*"`, `1`, `true`}, []string{`"${aws:username"`, `"${}"`}},
		{"StringNotEqualsIgnoreCase", []string{`"a"`}, nil},
		{"ForAnyValue:StringNotLikeIfExists", []string{`"a*"`}, nil},
		{"NumericEquals", []string{`"10"`, `"ten"`, `"${aws:x}"`, `"${"`}, nil},
		{"Bool", []string{`true`, `"${aws:SecureTransport}"`, `"yes"`}, []string{`"${"`}},
		{"IpAddress", []string{`"203.0.113.0/24"`, `"YOUR-IP"`}, nil},
		{"ArnLike", []string{`"arn:aws:iam::111111111111:role/*"`, `"${aws:PrincipalArn}"`, `"*"`}, []string{`"${"`}},
		{"ForAllValues:ArnNotEquals", []string{`"arn:aws:iam::111111111111:role/*"`}, nil},
		{"ForAllValues:Null", []string{`"true"`}, nil},

		{"StringEqualz", nil, []string{`"a"`}},
		{"Stringlike", []string{`"a"`}, nil},
		{"foranyvalue:STRINGEQUALSifexists", []string{`"a"`}, nil},
		{"NullIfExists", nil, []string{`"true"`}},
		{"ForEachValue:StringEquals", nil, []string{`"a"`}},
		{"nullifexists", nil, []string{`"true"`}},
		{"ForAnyValue:", nil, []string{`"a"`}},
		{"ForAnyValue:ForAllValues:StringEquals", nil, []string{`"a"`}},
		{"BoolNotEquals", nil, []string{`"true"`}},
		{"IfExists", nil, []string{`"true"`}},
		{"", nil, []string{`"true"`}},
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
		test string
		kind grammar.Kind
		want bool
	}{
		{`"ForAllValues:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`, grammar.KeyPolicy, false},
		{`"ForAllValues:StringLike": {"aws:requesttag/a": "x"}`, grammar.KeyPolicy, false},
		{`"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "x"}`, grammar.KeyPolicy, true},
		{`"ForAnyValue:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`, grammar.KeyPolicy, true},
		{`"ForAllValues:StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}`, grammar.BucketPolicy, true},
	} {
		text := inDocument(`{` + byAnn + `, ` + allowGet + `, "Condition": {` + c.test + `}}`)
		if _, problems := grammar.Parse(text, c.kind); (len(problems) == 0) != c.want {
			t.Errorf("%s in a %s: %v", c.test, c.kind, problems)
		}
	}
}

// TestProblemsHavePlaces: whoever has to mend a document must be told where, and by which page.
func TestProblemsHavePlaces(t *testing.T) {
	for _, c := range []struct {
		kind         grammar.Kind
		text, places string
	}{
		{grammar.Identity, `{"Version": "2012-10-17", "Statement": [{` + allowGet + `}, {` + allowGet + `, "Condition": {"StringEqualz": {"aws:x": "a"}}}]}`,
			"Statement[1].Condition.StringEqualz"},
		{grammar.Identity, `{"Statement": {"Effect": "allow", "Action": ["s3:*", "x"], "Resource": "x", "Principal": "*"}}`,
			"Statement.Effect Statement.Principal Statement.Action[1] Statement.Resource"},
		{grammar.BucketPolicy, inDocument(`{` + allowGet + `, "Principal": {"AWS": ["111111111111", "x"]}, "Condition": {"Bool": {"aws:x": "${"}}}`),
			"Statement[0].Principal.AWS[1] Statement[0].Condition.Bool.aws:x"},
		{grammar.KeyPolicy, inDocument(`{` + byAnn + `, "Sid": "für alle 人", ` + allowGet + `}`), "Statement[0].Sid"},
		{grammar.Identity, "{\n  \"Statement\": [,]\n}", ""},
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
	text := `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A b","Effect":"Deny","NotPrincipal":{"AWS":["111111111111","AIDAEXAMPLE"]},` +
		`"NotAction":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"NumericLessThan":{"s3:max-keys":"10"}}}]}`
	doc, problems := grammar.Parse(text, grammar.BucketPolicy)
	if len(problems) > 0 || doc.Text() != text {
		t.Errorf("read back as\n%s\nwant\n%s\n%v", doc.Text(), text, problems)
	}
	doc, _ = grammar.Parse(inDocument(`{`+allowGet+`, "Condition": {"Bool": {"aws:x": [true, 1.50]}}}`), grammar.Identity)
	if got, _ := json.Marshal(doc.Statements[0].Condition["Bool"]["aws:x"]); string(got) != `["true","1.50"]` {
		t.Errorf("boolean and number read as %s", got)
	}
}
