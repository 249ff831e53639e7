package scenario_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/evaluator/scenario"
)

func examples(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile("../../examples/simulate/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// run decides one line by a Decider that remembers nothing.
func run(line string) (scenario.Result, error) { return scenario.NewDecider().Decide([]byte(line)) }

// TestExamples: what the examples show.
func TestExamples(t *testing.T) {
	for name, want := range map[string][][]evaluator.Verdict{
		"walkthrough.jsonl": {
			{evaluator.Allow, evaluator.Allow, evaluator.Allow, evaluator.Deny},
			{evaluator.Allow, evaluator.Deny, evaluator.Allow, evaluator.Deny},
			{evaluator.Allow, evaluator.Invalid, evaluator.Invalid, evaluator.Invalid},
		},
		"organization.jsonl": {{evaluator.Allow, evaluator.Deny, evaluator.Deny, evaluator.Deny, evaluator.Deny}},
	} {
		for i, line := range examples(t, name) {
			r, err := run(line)
			if err != nil {
				t.Fatal(err)
			}
			for j, d := range r.Decisions {
				if d.Overall != want[i][j] {
					t.Errorf("%s, request %d: %s, want %s", r.ID, j, d.Overall, want[i][j])
				}
			}
		}
	}
}

// TestExampleOfExpectations: every expectation of the example holds, and nothing but annotations is said of it.
func TestExampleOfExpectations(t *testing.T) {
	for _, line := range examples(t, "expectations.jsonl") {
		r, err := run(line)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range r.Decisions {
			if d.Err != nil || d.Expect == nil || d.Unexpected() {
				t.Errorf("request %d, %s %s: %s, expected %s, %v", i, d.Operation, d.Key, d.Overall, d.Expect, d.Err)
			}
		}
	}
}

// minimal is a scenario of one request by one user, with members added or replaced.
func minimal(members string) string {
	return `{"id": "x", "region": "eu-west-1", "owner_account": "111111111111", "bucket": "b", ` + members +
		`"principals": [{"arn": "arn:aws:iam::111111111111:user/ann", "account": "111111111111", "type": "user",` +
		` "identity_policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": ` +
		`"*"}}]}],` +
		` "requests": [{"principal": "arn:aws:iam::111111111111:user/ann", "operation": "GetObject", "key": "k"}]}`
}

// TestFormat: the optional fields, and what they may be.
func TestFormat(t *testing.T) {
	const key = `"key_arn": "arn:aws:kms:eu-west-1:111111111111:key/x", `
	const delegates = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111111111111"},` +
		` "Action": "kms:*", "Resource": "*"}}`
	for _, c := range []struct {
		name, line string
		s3, kms    evaluator.Verdict
	}{
		{name: "the least", line: minimal(``), s3: evaluator.Allow, kms: evaluator.None},
		{
			name: "nulls",
			line: minimal(`"bucket_policy": null, "key_arn": null, "key_policy": null, "accounts": null, "scps": null, ` +
				`"rcps": null, "block_public_access": null, `),
			s3:  evaluator.Allow,
			kms: evaluator.None,
		},
		{
			name: "unknown fields",
			line: minimal(`"comment": {"a": [1]}, `),
			s3:   evaluator.Allow,
			kms:  evaluator.None,
		},
		{
			name: "key",
			line: minimal(key + `"key_policy": ` + delegates + `, `),
			s3:   evaluator.Allow,
			kms:  evaluator.Allow,
		},
		{name: "key without policy", line: minimal(key), s3: evaluator.Allow, kms: evaluator.Deny},
		{
			name: "policy as text",
			line: minimal(key + `"key_policy": ` + asString(delegates) + `, `),
			s3:   evaluator.Allow,
			kms:  evaluator.Allow,
		},
		{
			name: "policy as text that is not JSON",
			line: minimal(`"bucket_policy": "{", `),
			s3:   evaluator.Invalid,
			kms:  evaluator.None,
		},
		{
			name: "policy as empty text",
			line: minimal(`"bucket_policy": "", `),
			s3:   evaluator.Invalid,
			kms:  evaluator.None,
		},
		{
			name: "policy as text with a repeated key",
			line: minimal(`"bucket_policy": ` + asString(`{"Statement": [], "Statement": []}`) + `, `),
			s3:   evaluator.Invalid,
			kms:  evaluator.None,
		},
		{
			name: "policy with a repeated key",
			line: minimal(`"bucket_policy": {"Version": "2012-10-17", "Version": "2012-10-17", "Statement": {"Effect": ` +
				`"Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*"}}, `),
			s3:  evaluator.Invalid,
			kms: evaluator.None,
		},
		{
			name: "policy that is no object",
			line: minimal(`"bucket_policy": 5, `),
			s3:   evaluator.Invalid,
			kms:  evaluator.None,
		},
		{
			name: "SCP levels",
			line: minimal(`"scps": {"111111111111": [{"target": "root", "policies": []}]}, `),
			s3:   evaluator.Deny,
			kms:  evaluator.None,
		},
		{
			name: "SCPs of another account",
			line: minimal(`"scps": {"222222222222": [{"target": "root", "policies": []}]}, `),
			s3:   evaluator.Allow,
			kms:  evaluator.None,
		},
		{
			name: "management account",
			line: minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": ` +
				`true}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `),
			s3:  evaluator.Allow,
			kms: evaluator.None,
		},
		{
			name: "management account by id",
			line: minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": ` +
				`"111111111111"}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `),
			s3:  evaluator.Allow,
			kms: evaluator.None,
		},
		{
			name: "another management account",
			line: minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": ` +
				`"222222222222"}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `),
			s3:  evaluator.Deny,
			kms: evaluator.None,
		},
		{
			name: "AWS managed key",
			line: minimal(key + `"key_manager": "AWS", "key_policy": ` + delegates +
				`, "rcps": {"111111111111": [{"target": "root", "policies": [{"Version": "2012-10-17", "Statement": {"Effect": ` +
				`"Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}]}]}, `),
			s3:  evaluator.Allow,
			kms: evaluator.Allow,
		},
	} {
		r, err := run(c.line)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := r.Decisions[0]; d.S3 != c.s3 || d.KMS != c.kms {
			t.Errorf("%s: %s %s, want %s %s", c.name, d.S3, d.KMS, c.s3, c.kms)
		}
	}
}

func asString(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// TestContextValues: strings, numbers, booleans, lists, and null for a key that is absent.
func TestContextValues(t *testing.T) {
	for _, c := range []struct {
		value, condition string
		want             evaluator.Verdict
	}{
		{value: `"a"`, condition: `"StringEquals": {"s3:x": "a"}`, want: evaluator.Allow},
		{value: `5`, condition: `"NumericEquals": {"s3:x": "5.0"}`, want: evaluator.Allow},
		{value: `true`, condition: `"Bool": {"s3:x": "true"}`, want: evaluator.Allow},
		{
			value:     `["a", "b"]`,
			condition: `"ForAllValues:StringEquals": {"s3:x": ["a", "b"]}, "Null": {"s3:x": "false"}`,
			want:      evaluator.Allow,
		},
		{value: `["a", "c"]`, condition: `"ForAllValues:StringEquals": {"s3:x": ["a", "b"]}`, want: evaluator.Deny},
		{value: `[]`, condition: `"Null": {"s3:x": "true"}`, want: evaluator.Allow},
		{value: `null`, condition: `"Null": {"s3:x": "true"}`, want: evaluator.Allow},
	} {
		line := strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "context": {"s3:x": `+c.value+`}`, 1)
		line = strings.Replace(line, `"Resource": "*"`, `"Resource": "*", "Condition": {`+c.condition+`}`, 1)
		r, err := run(line)
		if err != nil {
			t.Errorf("%s: %v", c.value, err)
		} else if d := r.Decisions[0]; d.S3 != c.want {
			t.Errorf("%s with %s: %s, want %s", c.value, c.condition, d.S3, c.want)
		}
	}
	line := strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "context": {"aws:SecureTransport": null}`, 1)
	line = strings.Replace(line, `"Resource": "*"`,
		`"Resource": "*", "Condition": {"Null": {"aws:SecureTransport": "true"}}`, 1)
	if r, err := run(line); err != nil || r.Decisions[0].S3 != evaluator.Allow {
		t.Errorf("null does not take a key away: %v", err)
	}
}

// TestNotAScenario: what cannot be decided is an error that says why.
func TestNotAScenario(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{line: ``, want: "reading scenario"},
		{line: `{`, want: "reading scenario"},
		{line: `[]`, want: "reading scenario"},
		{line: `null`, want: "object"},
		{line: `{}`, want: "id"},
		{line: `{"id": 5}`, want: "id"},
		{
			line: strings.Replace(minimal(``), `"owner_account": "111111111111"`, `"owner_account": ""`, 1),
			want: "owner_account",
		},
		{line: strings.Replace(minimal(``), `"bucket": "b"`, `"bucket": ""`, 1), want: "bucket"},
		{line: minimal(`"key_arn": "alias/x", `), want: "key_arn"},
		{line: strings.Replace(minimal(``), `"type": "user"`, `"type": "group"`, 1), want: `"group"`},
		{line: strings.Replace(minimal(``), `"key": "k"`, `"context": {"a": {}}`, 1), want: "context"},
	} {
		if _, err := run(c.line); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %s", c.line, err, c.want)
		}
	}
}

// TestRequestErrors: a request that cannot be decided says why, and the others are decided.
func TestRequestErrors(t *testing.T) {
	line := func(members string) string {
		return strings.Replace(minimal(``), `"requests": [`,
			`"requests": [{"principal": "arn:aws:iam::111111111111:user/ann", `+members+`}, `, 1)
	}
	for _, c := range []struct{ name, members, want string }{
		{
			name:    "unknown operation",
			members: `"operation": "CopyObjekt", "key": "k"`,
			want:    `unknown operation "CopyObjekt": it is none of AbortMultipartUpload`,
		},
		{
			name:    "unknown principal",
			members: `"principal": "bob", "operation": "GetObject"`,
			want:    `principal "bob"`,
		},
		{name: "copy of nothing", members: `"operation": "CopyObject", "key": "k"`, want: "copy_from"},
		{
			name:    "copy from nowhere",
			members: `"operation": "CopyObject", "key": "k", "copy_from": {"bucket": "c", "key": "k"}`,
			want:    `bucket "c"`,
		},
		{
			name:    "unknown access point",
			members: `"operation": "GetObject", "access_point": "arn:aws:s3:eu-west-1:111111111111:accesspoint/x"`,
			want:    "access_points",
		},
		{
			name:    "mistyped field",
			members: `"operation": "GetObject", "contxt": {}`,
			want:    `unknown field "contxt" of a request: did you mean "context"?`,
		},
	} {
		text := line(c.members)
		if c.name == "unknown principal" {
			text = strings.Replace(text, `"principal": "arn:aws:iam::111111111111:user/ann", "principal"`, `"principal"`, 1)
		}
		r, err := run(text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		d := r.Decisions[0]
		if d.Err == nil || !strings.Contains(d.Err.Error(), c.want) || d.Overall != scenario.Undecided {
			t.Errorf("%s: %s, error %v, want one about %s", c.name, d.Overall, d.Err, c.want)
		}
		if other := r.Decisions[1]; other.Overall != evaluator.Allow || other.Err != nil {
			t.Errorf("%s: the other request is %s, %v", c.name, other.Overall, other.Err)
		}
	}
}

// TestUnknownFields: a mistyped field is an error with the nearest known one, an annotation is ignored and said.
func TestUnknownFields(t *testing.T) {
	inPrincipal := func(members string) string {
		return strings.Replace(minimal(``), `"type": "user"`, `"type": "user", `+members, 1)
	}
	inRequest := func(members string) string {
		return strings.Replace(minimal(``), `"key": "k"`, `"key": "k", `+members, 1)
	}
	for _, c := range []struct{ name, line, want string }{
		{
			name: "boundary with an s",
			line: inPrincipal(`"permissions_boundary": null`),
			want: `did you mean "permission_boundary"?`,
		},
		{
			name: "boundary alone",
			line: inPrincipal(`"boundary": null`),
			want: `did you mean "permission_boundary"?`,
		},
		{
			name: "boundary in camel case",
			line: inPrincipal(`"permissionBoundary": null`),
			want: `did you mean "permission_boundary"?`,
		},
		{
			name: "policies in the singular",
			line: inPrincipal(`"identity_policy": []`),
			want: `did you mean "identity_policies"?`,
		},
		{name: "scp", line: minimal(`"scp": {}, `), want: `did you mean "scps"?`},
		{
			name: "public access block",
			line: minimal(`"block_publicaccess": {}, `),
			want: `did you mean "block_public_access"?`,
		},
		{
			name: "restrict",
			line: minimal(`"block_public_access": {"restrict_public_bucket": true}, `),
			want: `did you mean "restrict_public_buckets"?`,
		},
		{
			name: "level",
			line: minimal(`"scps": {"111111111111": [{"target": "root", "polices": []}]}, `),
			want: `did you mean "policies"?`,
		},
		{
			name: "account",
			line: minimal(`"accounts": {"111111111111": {"org_idd": "o-1"}}, `),
			want: `did you mean "org_id"?`,
		},
		{
			name: "another bucket",
			line: minimal(`"other_buckets": [{"bucket": "c", "owner_account": "111111111111", "bucket_polcy": null}], `),
			want: `did you mean "bucket_policy"?`,
		},
		{
			name: "access point",
			line: minimal(`"access_points": [{"arn": "arn:aws:s3:eu-west-1:111111111111:accesspoint/x", "polcy": null}], `),
			want: `did you mean "policy"?`,
		},
		{name: "case", line: minimal(`"Bucket_Policy": null, `), want: `did you mean "bucket_policy"?`},
	} {
		if _, err := run(c.line); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %s", c.name, err, c.want)
		}
	}
	for _, field := range []string{
		"description", "tags", "source", "why", "note", "notes", "category", "name", "comment", "title", "reason", "expected",
		"rule", "page", "group", "kind", "url", "docs", "test", "author", "label", "purpose", "severity",
	} {
		member := `"` + field + `": {"a": 1}`
		for place, line := range map[string]string{"a scenario": minimal(member + `, `), "a request": inRequest(member)} {
			r, err := run(line)
			if err != nil || r.Decisions[0].Err != nil || r.Decisions[0].Overall != evaluator.Allow {
				t.Errorf("%s in %s: %v, %+v", field, place, err, r.Decisions)
			} else if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], `"`+field+`" of `+place+" is ignored") {
				t.Errorf("%s in %s: warnings %q", field, place, r.Warnings)
			}
		}
	}
}

// TestRepeatedFields: a field that stands twice is an error, except within a policy, which is not valid then.
func TestRepeatedFields(t *testing.T) {
	for _, line := range []string{
		minimal(`"id": "y", `),
		minimal(`"bucket": "c", `),
		minimal(`"requests": [], `),
		strings.Replace(minimal(``), `"type": "user"`, `"type": "user", "type": "root"`, 1),
		strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "key": "l"`, 1),
		strings.Replace(minimal(`"bucket_policy": {"Version": "x", "Version": "x"}, `), `"type": "user"`,
			`"type": "user", "type": "root"`, 1),
	} {
		if _, err := run(line); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: error %v", line, err)
		}
	}
}

// TestEncodedPolicies: documents as the API of IAM gives them.
func TestEncodedPolicies(t *testing.T) {
	const deny = `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", ` +
		`"Resource": "arn:aws:s3:::b/*"}}`
	for _, c := range []struct {
		name, text string
		want       evaluator.Verdict
	}{
		{name: "encoded", text: url.PathEscape(deny), want: evaluator.Deny},
		{
			name: "encoded with plus signs for themselves",
			text: url.PathEscape(strings.Replace(deny, "b/*", "b/a+b", 1)),
			want: evaluator.Allow,
		},
		{
			name: "encoded in lower case",
			text: strings.ToLower(url.PathEscape(`{`)) + `"Version": "2012-10-17"}`,
			want: evaluator.Invalid,
		},
		{name: "as it is", text: deny, want: evaluator.Deny},
		{name: "encoded badly", text: "%7B%zz", want: evaluator.Invalid},
		{name: "encoded twice", text: url.PathEscape(url.PathEscape(deny)), want: evaluator.Invalid},
	} {
		r, err := run(minimal(`"bucket_policy": ` + asString(c.text) + `, `))
		if err != nil || r.Decisions[0].S3 != c.want {
			t.Errorf("%s: %v, %+v, want %s", c.name, err, r.Decisions, c.want)
		}
	}
}

// TestExpect: what may be expected, and whether it holds.
func TestExpect(t *testing.T) {
	for _, c := range []struct {
		name, expect string
		expected     bool // there is an expectation
		unexpected   bool
		err          string
	}{
		{name: "a verdict that holds", expect: `"allow"`, expected: true},
		{name: "in capitals", expect: `"ALLOW"`, expected: true},
		{name: "a verdict that does not hold", expect: `"deny"`, expected: true, unexpected: true},
		{name: "one of several", expect: `["invalid", "allow"]`, expected: true},
		{name: "none of several", expect: `["invalid", "deny"]`, expected: true, unexpected: true},
		{name: "by service", expect: `{"s3": "allow", "kms": "none", "overall": "allow"}`, expected: true},
		{name: "one service", expect: `{"kms": "allow"}`, expected: true, unexpected: true},
		{name: "nothing", expect: `null`},
		{name: "no verdict", expect: `"alow"`, err: `"alow" is no verdict`},
		{name: "nothing known", expect: `{"verdict": "allow"}`, err: "none of s3, kms and overall"},
		{name: "a number", expect: `1`, err: "expect is a verdict"},
	} {
		r, err := run(strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "expect": `+c.expect, 1))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		d := r.Decisions[0]
		if (d.Expect != nil) != c.expected || d.Unexpected() != c.unexpected || d.Overall != evaluator.Allow {
			t.Errorf("%s: %+v", c.name, d)
		}
		if got := fmt.Sprint(d.Err); c.err == "" && d.Err != nil || !strings.Contains(got, c.err) {
			t.Errorf("%s: error %s, want %q", c.name, got, c.err)
		}
	}
}

// TestCopiesAndAccessPoints: what a request may go through and read from.
func TestCopiesAndAccessPoints(t *testing.T) {
	const point = "arn:aws:s3:eu-west-1:111111111111:accesspoint/x"
	with := func(members, request string) string {
		return strings.Replace(minimal(members), `"operation": "GetObject", "key": "k"`, request, 1)
	}
	none := `"bucket_policy": {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": ` +
		`"s3:*", "Resource": "*"}}`
	for _, c := range []struct {
		name, line string
		want       evaluator.Verdict
	}{
		{
			name: "within the bucket",
			line: with(``, `"operation": "CopyObject", "key": "k", "copy_from": {"key": "l"}`),
			want: evaluator.Allow,
		},
		{
			name: "from another bucket",
			line: with(`"other_buckets": [{"bucket": "c", "owner_account": "111111111111"}], `,
				`"operation": "CopyObject", "key": "k", "copy_from": {"bucket": "c", "key": "l"}`),
			want: evaluator.Allow,
		},
		{
			name: "from another bucket that denies",
			line: with(`"other_buckets": [{"bucket": "c", "owner_account": "111111111111", `+none+`}], `,
				`"operation": "CopyObject", "key": "k", "copy_from": {"bucket": "c", "key": "l"}`),
			want: evaluator.Deny,
		},
		{
			name: "through an access point",
			line: with(`"access_points": [{"arn": "`+point+`"}], `,
				`"operation": "GetObject", "key": "k", "access_point": "`+point+`"`),
			want: evaluator.Allow,
		},
		{
			name: "through one that denies",
			line: with(`"access_points": [{"arn": "`+point+`", `+strings.Replace(none, "bucket_policy", "policy", 1)+`}], `,
				`"operation": "GetObject", "key": "k", "access_point": "`+point+`"`),
			want: evaluator.Deny,
		},
		{
			name: "from another VPC",
			line: with(`"access_points": [{"arn": "`+point+`", "vpc": "vpc-1"}], `,
				`"operation": "GetObject", "key": "k", "access_point": "`+point+`"`),
			want: evaluator.Deny,
		},
		{
			name: "another service",
			line: with(``, `"operation": "iam:GetUser", "resource_arn": "arn:aws:iam::111111111111:user/ann"`),
			want: evaluator.Allow,
		},
		{
			name: "a job of S3, whatever the bucket says",
			line: with(none+`, `, `"operation": "s3:DescribeJob", "resource_arn": "arn:aws:s3:eu-west-1:111111111111:job/j"`),
			want: evaluator.Allow,
		},
		{
			name: "several keys",
			line: with(``, `"operation": "DeleteObjects", "keys": ["a", "b"]`),
			want: evaluator.Allow,
		},
	} {
		r, err := run(c.line)
		if err != nil || r.Decisions[0].Err != nil || r.Decisions[0].Overall != c.want {
			t.Errorf("%s: %v, %+v, want %s", c.name, err, r.Decisions, c.want)
		}
	}
}

// TestRemembered: a Decider that remembers decides as one that does not, also when texts differ in little, and when it
// has to forget.
func TestRemembered(t *testing.T) {
	decider := scenario.NewDecider()
	for i := range 6000 {
		line := minimal(
			fmt.Sprintf(`"bucket_policy": {"Version": "2012-10-17", "Id": %q, "Statement": {"Effect": %q, "Principal": "*", `+
				`"Action": "s3:*", "Resource": "arn:aws:s3:::b/k"}}, `,
				strings.Repeat("x", i%3000), [...]string{"Allow", "Deny"}[i%2]))
		r, err := decider.Decide([]byte(line))
		want := [...]evaluator.Verdict{evaluator.Allow, evaluator.Deny}[i%2]
		if err != nil || r.Decisions[0].S3 != want {
			t.Fatalf("%d: %v, %+v, want %s", i, err, r.Decisions, want)
		}
	}
}

// FuzzDecide: no line crashes, what is written is JSON, and the same line is decided the same again.
func FuzzDecide(f *testing.F) {
	for _, name := range []string{"walkthrough.jsonl", "organization.jsonl"} {
		for _, line := range examples(f, name) {
			f.Add([]byte(line))
		}
	}
	f.Add([]byte(minimal(`"bucket_policy": "{", `)))
	f.Add([]byte(`{"id": "x", "owner_account": "1", "bucket": "b", "principals": [{"type": "anonymous", "arn": ` +
		`"anonymous"}], "requests": [{"principal": "anonymous", "operation": "MultipartUpload"}]}`))
	f.Add([]byte(`{"id": "x", "owner_account": "1", "bucket": "b", "principals": [{"type": "root", "arn": "r", ` +
		`"account": "1"}], "requests": [{"principal": "r", "operation": "iam:GetUser"}, {"principal": "r", "operation": ` +
		`"kms:Decrypt", "expect": []}, 5]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		decider := scenario.NewDecider()
		r, err := decider.Decide(line)
		if err != nil {
			return
		}
		first := r.AppendJSON(nil)
		if !json.Valid(first) {
			t.Fatalf("not JSON: %s", first)
		}
		for _, d := range r.Decisions {
			if d.Err == nil && d.Overall == evaluator.Allow &&
				(d.S3 == evaluator.Deny || d.KMS == evaluator.Deny || d.S3 == evaluator.Invalid || d.KMS == evaluator.Invalid ||
					len(d.Reasons) == 0) {
				t.Errorf("%s %s %s with %d reasons", d.S3, d.KMS, d.Overall, len(d.Reasons))
			}
		}
		again, _ := decider.Decide(line)
		if second := again.AppendJSON(nil); !bytes.Equal(first, second) {
			t.Errorf("decided differently:\n%s\n%s", first, second)
		}
	})
}
