package policy

import (
	"encoding/json"
	"strings"
	"testing"
)

func document(statement string) string {
	return `{"Version":"2012-10-17","Statement":[` + statement + `]}`
}

func TestEqual(t *testing.T) {
	const base = `{"Sid":"A","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:role/r"]},` +
		`"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`
	const other = `{"Sid":"B","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`
	replaced := func(old, new string) string {
		if !strings.Contains(base, old) {
			t.Fatalf("the base has no %s", old)
		}
		return document(strings.Replace(base, old, new, 1))
	}
	for _, c := range []struct {
		name string
		a, b string
		want bool
	}{
		{"the same", document(base), document(base), true},
		{"white space", document(base), Indent(document(base)), true},
		{"order of statements", document(base + "," + other), document(other + "," + base), true},
		{"one statement alone or in a list", document(base), `{"Version":"2012-10-17","Statement":` + base + `}`, true},
		{"order of actions", document(base), replaced(`["s3:GetObject","s3:PutObject"]`, `["s3:PutObject","s3:GetObject"]`), true},
		{"case of actions", document(base), replaced(`s3:GetObject`, `S3:getobject`), true},
		{"single value or list", document(base), replaced(`"arn:aws:s3:::b/*"`, `["arn:aws:s3:::b/*"]`), true},
		{"account id or root ARN", document(base), replaced(`arn:aws:iam::111111111111:root`, `111111111111`), true},
		{"everybody, written in two ways", document(other), document(strings.Replace(other, `"*"`, `{"AWS":"*"}`, 1)), true},
		{"a boolean or its text", document(base), replaced(`"true"`, `true`), true},
		{"case of a condition key", document(base), replaced(`aws:SecureTransport`, `AWS:securetransport`), true},
		{"an empty Sid or none", document(`{"Sid":"","Effect":"Deny"}`), document(`{"Effect":"Deny"}`), true},

		{"another effect", document(base), replaced(`Allow`, `Deny`), false},
		{"another account", document(base), replaced(`111111111111`, `333333333333`), false},
		{"another resource, in case only", document(base), replaced(`:::b/*`, `:::B/*`), false},
		{"a unique id for a role", document(base), replaced(`arn:aws:iam::222222222222:role/r`, `AROAEXAMPLEEXAMPLE123`), false},
		{"a condition less", document(base), replaced(`,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, ``), false},
		{"Action or NotAction", document(base), replaced(`"Action"`, `"NotAction"`), false},
		{"a statement more", document(base), document(base + "," + other), false},
		{"another Version", document(base), strings.Replace(document(base), "2012-10-17", "2008-10-17", 1), false},
		{"none and one", "", document(base), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
				if got, err := Equal(pair[0], pair[1]); err != nil || got != c.want {
					t.Errorf("Equal is %t (%v), want %t for\n%s\n%s", got, err, c.want, pair[0], pair[1])
				}
			}
		})
	}
	if _, err := Equal(document(base), `{"Statement"`); err == nil {
		t.Error("a text that is no JSON is compared without an error")
	}
}

func TestContains(t *testing.T) {
	root := Statement{Sid: "Mine", Effect: Allow, Principal: &Principal{AWS: Values{"arn:aws:iam::111111111111:root"}}, Action: Values{"kms:*"}, Resource: Values{"*"}}
	for _, c := range []struct {
		name, document string
		want           bool
	}{
		{"under another Sid", document(`{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["kms:*"],"Resource":"*"}`), true},
		{"with a condition", document(`{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*","Condition":{"Bool":{"x":"true"}}}`), false},
		{"for another account", document(`{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"kms:*","Resource":"*"}`), false},
		{"in no document", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Contains(c.document, root); err != nil || got != c.want {
				t.Errorf("Contains is %t (%v), want %t", got, err, c.want)
			}
		})
	}
}

// FuzzCanonical: the canonical form is JSON, is its own canonical form, and equals its source.
func FuzzCanonical(f *testing.F) {
	f.Add(document(`{"Sid":"A","Effect":"Allow","Principal":"*","Action":["a:B"],"Resource":"*","Condition":{"Bool":{"k":true}}}`))
	f.Add(`{"Statement":{"Condition":{"StringEquals":{"A":[1,2.0,"x"],"a":"y"}}}}`)
	f.Add(`{"Statement":[null,7,"x",[]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		canonical, err := Canonical(text)
		if err != nil || text == "" {
			return
		}
		if !json.Valid([]byte(canonical)) {
			t.Fatalf("not JSON: %s", canonical)
		}
		if again, err := Canonical(canonical); err != nil || again != canonical {
			t.Errorf("not stable (%v):\n%s\n%s", err, canonical, again)
		}
		if same, err := Equal(text, canonical); err != nil || !same {
			t.Errorf("not equal to its source (%v): %s", err, canonical)
		}
	})
}
