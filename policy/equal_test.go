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
	const base = `{"Sid":"A","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root",` +
		`"arn:aws:iam::222222222222:role/r"]},` +
		`"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*",` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`
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
		{name: "the same", a: document(base), b: document(base), want: true},
		{name: "white space", a: document(base), b: Indent(document(base)), want: true},
		{
			name: "order of statements",
			a:    document(base + "," + other),
			b:    document(other + "," + base),
			want: true,
		},
		{
			name: "one statement alone or in a list",
			a:    document(base),
			b:    `{"Version":"2012-10-17","Statement":` + base + `}`,
			want: true,
		},
		{
			name: "order of actions",
			a:    document(base),
			b:    replaced(`["s3:GetObject","s3:PutObject"]`, `["s3:PutObject","s3:GetObject"]`),
			want: true,
		},
		{
			name: "case of actions",
			a:    document(base),
			b:    replaced(`s3:GetObject`, `S3:getobject`),
			want: true,
		},
		{
			name: "single value or list",
			a:    document(base),
			b:    replaced(`"arn:aws:s3:::b/*"`, `["arn:aws:s3:::b/*"]`),
			want: true,
		},
		{
			name: "account id or root ARN",
			a:    document(base),
			b:    replaced(`arn:aws:iam::111111111111:root`, `111111111111`),
			want: true,
		},
		{
			name: "everybody, written in two ways",
			a:    document(other),
			b:    document(strings.Replace(other, `"*"`, `{"AWS":"*"}`, 1)),
			want: true,
		},
		{name: "a boolean or its text", a: document(base), b: replaced(`"true"`, `true`), want: true},
		{
			name: "case of a condition key",
			a:    document(base),
			b:    replaced(`aws:SecureTransport`, `AWS:securetransport`),
			want: true,
		},
		{
			name: "an empty Sid or none",
			a:    document(`{"Sid":"","Effect":"Deny"}`),
			b:    document(`{"Effect":"Deny"}`),
			want: true,
		},

		{name: "another effect", a: document(base), b: replaced(`Allow`, `Deny`)},
		{name: "another account", a: document(base), b: replaced(`111111111111`, `333333333333`)},
		{name: "another resource, in case only", a: document(base), b: replaced(`:::b/*`, `:::B/*`)},
		{
			name: "a unique id for a role",
			a:    document(base),
			b:    replaced(`arn:aws:iam::222222222222:role/r`, `AROAEXAMPLEEXAMPLE123`),
		},
		{
			name: "a condition less",
			a:    document(base),
			b:    replaced(`,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, ``),
		},
		{name: "Action or NotAction", a: document(base), b: replaced(`"Action"`, `"NotAction"`)},
		{name: "a statement more", a: document(base), b: document(base + "," + other)},
		{
			name: "another Version",
			a:    document(base),
			b:    strings.Replace(document(base), "2012-10-17", "2008-10-17", 1),
		},
		{name: "none and one", b: document(base)},
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
	root := Statement{Sid: "Mine", Effect: Allow, Principal: &Principal{AWS: Values{"arn:aws:iam::111111111111:root"}},
		Action: Values{"kms:*"}, Resource: Values{"*"}}
	for _, c := range []struct {
		name, document string
		want           bool
	}{
		{
			name: "under another Sid",
			document: document(
				`{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["kms:*"],` +
					`"Resource":"*"}`),
			want: true,
		},
		{
			name: "with a condition",
			document: document(
				`{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*",` +
					`"Condition":{"Bool":{"x":"true"}}}`),
		},
		{
			name:     "for another account",
			document: document(`{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"kms:*","Resource":"*"}`),
		},
		{name: "in no document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ReadStored(c.document)
			if got := d.Says(root); err != nil || got != c.want {
				t.Errorf("Contains is %t (%v), want %t", got, err, c.want)
			}
		})
	}
}

// FuzzCanonical: the canonical form is JSON, is its own canonical form, and equals its source.
func FuzzCanonical(f *testing.F) {
	f.Add(document(
		`{"Sid":"A","Effect":"Allow","Principal":"*","Action":["a:B"],"Resource":"*","Condition":{"Bool":{"k":true}}}`))
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
