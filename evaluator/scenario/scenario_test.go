package scenario_test

import (
	"bytes"
	"encoding/json"
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
			r, err := scenario.Run([]byte(line))
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

// minimal is a scenario of one request by one user, with members added or replaced.
func minimal(members string) string {
	return `{"id": "x", "region": "eu-west-1", "owner_account": "111111111111", "bucket": "b", ` + members +
		`"principals": [{"arn": "arn:aws:iam::111111111111:user/ann", "account": "111111111111", "type": "user",` +
		` "identity_policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}],` +
		` "requests": [{"principal": "arn:aws:iam::111111111111:user/ann", "operation": "GetObject", "key": "k"}]}`
}

// TestFormat: the optional fields, and what they may be.
func TestFormat(t *testing.T) {
	const key = `"key_arn": "arn:aws:kms:eu-west-1:111111111111:key/x", `
	const delegates = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"}}`
	for _, c := range []struct {
		name, line string
		s3, kms    evaluator.Verdict
	}{
		{"the least", minimal(``), evaluator.Allow, evaluator.None},
		{"nulls", minimal(`"bucket_policy": null, "key_arn": null, "key_policy": null, "accounts": null, "scps": null, "rcps": null, "block_public_access": null, `), evaluator.Allow, evaluator.None},
		{"unknown fields", minimal(`"comment": {"a": [1]}, `), evaluator.Allow, evaluator.None},
		{"key", minimal(key + `"key_policy": ` + delegates + `, `), evaluator.Allow, evaluator.Allow},
		{"key without policy", minimal(key), evaluator.Allow, evaluator.Deny},
		{"policy as text", minimal(key + `"key_policy": ` + asString(delegates) + `, `), evaluator.Allow, evaluator.Allow},
		{"policy as text that is not JSON", minimal(`"bucket_policy": "{", `), evaluator.Invalid, evaluator.None},
		{"policy as empty text", minimal(`"bucket_policy": "", `), evaluator.Invalid, evaluator.None},
		{"policy as text with a repeated key", minimal(`"bucket_policy": ` + asString(`{"Statement": [], "Statement": []}`) + `, `), evaluator.Invalid, evaluator.None},
		{"policy with a repeated key", minimal(`"bucket_policy": {"Version": "2012-10-17", "Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*"}}, `), evaluator.Invalid, evaluator.None},
		{"policy that is no object", minimal(`"bucket_policy": 5, `), evaluator.Invalid, evaluator.None},
		{"SCP levels", minimal(`"scps": {"111111111111": [{"target": "root", "policies": []}]}, `), evaluator.Deny, evaluator.None},
		{"SCPs of another account", minimal(`"scps": {"222222222222": [{"target": "root", "policies": []}]}, `), evaluator.Allow, evaluator.None},
		{"management account", minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": true}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `), evaluator.Allow, evaluator.None},
		{"management account by id", minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": "111111111111"}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `), evaluator.Allow, evaluator.None},
		{"another management account", minimal(`"accounts": {"111111111111": {"org_id": "o-1", "org_paths": ["o-1/"], "management_account": "222222222222"}}, "scps": {"111111111111": [{"target": "root", "policies": []}]}, `), evaluator.Deny, evaluator.None},
		{"AWS managed key", minimal(key + `"key_manager": "AWS", "key_policy": ` + delegates + `, "rcps": {"111111111111": [{"target": "root", "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}]}]}, `), evaluator.Allow, evaluator.Allow},
	} {
		r, err := scenario.Run([]byte(c.line))
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
		{`"a"`, `"StringEquals": {"s3:x": "a"}`, evaluator.Allow},
		{`5`, `"NumericEquals": {"s3:x": "5.0"}`, evaluator.Allow},
		{`true`, `"Bool": {"s3:x": "true"}`, evaluator.Allow},
		{`["a", "b"]`, `"ForAllValues:StringEquals": {"s3:x": ["a", "b"]}, "Null": {"s3:x": "false"}`, evaluator.Allow},
		{`["a", "c"]`, `"ForAllValues:StringEquals": {"s3:x": ["a", "b"]}`, evaluator.Deny},
		{`[]`, `"Null": {"s3:x": "true"}`, evaluator.Allow},
		{`null`, `"Null": {"s3:x": "true"}`, evaluator.Allow},
	} {
		line := strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "context": {"s3:x": `+c.value+`}`, 1)
		line = strings.Replace(line, `"Resource": "*"`, `"Resource": "*", "Condition": {`+c.condition+`}`, 1)
		r, err := scenario.Run([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", c.value, err)
		} else if d := r.Decisions[0]; d.S3 != c.want {
			t.Errorf("%s with %s: %s, want %s", c.value, c.condition, d.S3, c.want)
		}
	}
	line := strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "context": {"aws:SecureTransport": null}`, 1)
	line = strings.Replace(line, `"Resource": "*"`, `"Resource": "*", "Condition": {"Null": {"aws:SecureTransport": "true"}}`, 1)
	if r, err := scenario.Run([]byte(line)); err != nil || r.Decisions[0].S3 != evaluator.Allow {
		t.Errorf("null does not take a key away: %v", err)
	}
}

// TestNotAScenario: what cannot be decided is an error that says why.
func TestNotAScenario(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{``, "reading scenario"},
		{`{`, "reading scenario"},
		{`[]`, "reading scenario"},
		{`null`, "id"},
		{`{}`, "id"},
		{`{"id": 5}`, "id"},
		{strings.Replace(minimal(``), `"owner_account": "111111111111"`, `"owner_account": ""`, 1), "owner_account"},
		{strings.Replace(minimal(``), `"bucket": "b"`, `"bucket": ""`, 1), "bucket"},
		{minimal(`"key_arn": "alias/x", `), "key_arn"},
		{strings.Replace(minimal(``), `"GetObject"`, `"CopyObjekt"`, 1), `"CopyObjekt"`},
		{strings.Replace(minimal(``), `"type": "user"`, `"type": "group"`, 1), `"group"`},
		{strings.Replace(minimal(``), `"principal": "arn:aws:iam::111111111111:user/ann"`, `"principal": "bob"`, 1), `"bob"`},
		{strings.Replace(minimal(``), `"key": "k"`, `"context": {"a": {}}`, 1), "context"},
	} {
		if _, err := scenario.Run([]byte(c.line)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %s", c.line, err, c.want)
		}
	}
}

// FuzzRun: no line crashes, decisions can be written, and the same line is decided the same again.
func FuzzRun(f *testing.F) {
	for _, name := range []string{"walkthrough.jsonl", "organization.jsonl"} {
		for _, line := range examples(f, name) {
			f.Add([]byte(line))
		}
	}
	f.Add([]byte(minimal(`"bucket_policy": "{", `)))
	f.Add([]byte(`{"id": "x", "owner_account": "1", "bucket": "b", "principals": [{"type": "anonymous", "arn": "anonymous"}], "requests": [{"principal": "anonymous", "operation": "MultipartUpload"}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := scenario.Run(line)
		if err != nil {
			return
		}
		first, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range r.Decisions {
			if d.S3 == evaluator.None || d.Overall == evaluator.Allow && (d.S3 != evaluator.Allow || d.KMS != evaluator.Allow && d.KMS != evaluator.None) || len(d.Reasons) == 0 {
				t.Errorf("%s %s %s with %d reasons", d.S3, d.KMS, d.Overall, len(d.Reasons))
			}
		}
		again, _ := scenario.Run(line)
		if second, _ := json.Marshal(again); !bytes.Equal(first, second) {
			t.Errorf("decided differently:\n%s\n%s", first, second)
		}
	})
}
