package evaluator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
)

// TestTexts: each kind of reason is a sentence that names who, what, and the statement or what is missing.
func TestTexts(t *testing.T) {
	all := []string{allowAll}
	deny := []string{`{"Sid": "NoReading", "Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}`}
	for _, c := range []struct {
		name string
		request
		want []string
	}{
		{
			name: "allowed by identity",
			request: request{who: ann, noKey: true,
				identity: []string{`{"Sid": "Reading", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}},
			want: []string{
				`statement "Reading" of an identity policy of ` + ann + ` allows s3:GetObject to ` + ann + ` on arn:aws:s3:::b/`},
		},
		{
			name:    "allowed by both sides",
			request: request{who: dilip, noKey: true, identity: all, bucket: []string{to(other)}},
			want: []string{`statement "Statement[0]" of the bucket policy of b allows s3:GetObject`,
				`statement "Statement[0]" of an identity policy of ` + dilip},
		},
		{
			name:    "root user",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true},
			want:    []string{`is the root user of the bucket's own account`},
		},
		{
			name:    "denied",
			request: request{who: ann, noKey: true, identity: deny},
			want:    []string{`statement "NoReading" of an identity policy of ` + ann + ` denies s3:GetObject`},
		},
		{
			name:    "denied by several layers",
			request: request{who: ann, noKey: true, identity: deny, bucket: []string{against("*")}},
			want:    []string{`the bucket policy of b denies`, `an identity policy of ` + ann + ` denies`},
		},
		{
			name:    "key policy without the account",
			request: request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{delegates(owner)}},
			want: []string{
				"the key policy of " + keyARN + " has no statement that lets account 222222222222 (or " + dilip +
					" itself) use kms:Decrypt"},
		},
		{
			name:    "key policy without delegation",
			request: request{who: ann, identity: all, keyPolicy: []string{to(dilip)}},
			want: []string{
				"the key policy of " + keyARN + " has no statement that lets " + ann +
					" use kms:Decrypt, nor one that lets account 111111111111 give it by identity policies"},
		},
		{
			name:    "no key policy",
			request: request{who: ann, identity: all},
			want:    []string{"the key policy of " + keyARN + " is missing, so nothing there lets " + ann + " use kms:Decrypt"},
		},
		{
			name:    "identity, with what is near",
			request: request{who: ann, noKey: true, identity: identityIf(`"StringEquals": {"aws:PrincipalOrgID": "o-1"}`)},
			want: []string{
				"no identity policy of " + ann +
					" allows s3:GetObject on arn:aws:s3:::b/, and neither does the bucket policy of b; " +
					`statement "Statement[0]" would, but its condition does not hold: StringEquals aws:PrincipalOrgID is "o-1", ` +
					`and the request has no such key`},
		},
		{
			name: "condition with another value",
			request: request{who: ann, noKey: true,
				identity: identityIf(`"StringEquals": {"aws:RequestedRegion": ["a", "b", "c", "d", "e", "f"]}`)},
			want: []string{
				`StringEquals aws:RequestedRegion is "a", "b", "c", "d", "e", 1 more, and the request has "eu-west-1"`},
		},
		{
			name:    "other resources",
			request: request{who: ann, noKey: true, identity: s3On("arn:aws:s3:::c/*")},
			want:    []string{`would, but is for other resources`},
		},
		{
			name:    "other principals",
			request: request{who: dilip, noKey: true, identity: all, bucket: []string{to(third)}},
			want:    []string{`statement "Statement[0]" would, but is for other principals`},
		},
		{
			name: "boundary",
			request: request{who: ann, noKey: true, identity: all,
				boundary: []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}},
			want: []string{"the permissions boundary of " + ann + " does not allow s3:GetObject"},
		},
		{
			name: "session policy",
			request: request{who: app, noKey: true, identity: all,
				session: []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}},
			want: []string{"the session policy of " + app + " does not allow s3:GetObject"},
		},
		{
			name:    "SCP level",
			request: request{who: ann, noKey: true, identity: all, scps: [][]string{all, nil}},
			want:    []string{"no SCP at level-1, a level of account 111111111111, allows s3:GetObject"},
		},
		{
			name:    "public",
			request: request{who: dilip, noKey: true, identity: all, bucket: []string{to("*")}, restrict: true},
			want: []string{
				"the bucket policy of b is public, and RestrictPublicBuckets then leaves the bucket to principals of account " +
					"111111111111"},
		},
		{
			name:    "anonymous at the bucket",
			request: request{who: "anonymous", noKey: true, bucket: []string{to(other)}},
			want:    []string{"has no statement that lets an anonymous requester use s3:GetObject"},
		},
		{
			name:    "anonymous at the key",
			request: request{who: "anonymous", bucket: []string{to("*")}, keyPolicy: []string{to("*")}},
			want:    []string{"KMS takes no anonymous requests"},
		},
		{
			name:    "invalid",
			request: request{who: ann, noKey: true, identity: []string{`{"Effect": "allow", "Action": "x", "Resource": "*"}`}},
			want: []string{
				"an identity policy of " + ann +
					` is not valid: Statement[0].Effect: must be Allow or Deny, not "allow" (https://docs.aws.amazon.com/`,
				"), and 1 more"},
		},
	} {
		var text strings.Builder
		for _, r := range c.decide(t).Reasons {
			text.WriteString(r.Text() + "\n")
		}
		for _, want := range c.want {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text.String())
			}
		}
	}
}

// TestSuggestions: what would be enough, as it would stand in a policy.
func TestSuggestions(t *testing.T) {
	nothing := []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}
	for _, c := range []struct {
		name string
		request
		want []string
	}{
		{
			name:    "other account",
			request: request{who: far, key: "a*b", identity: nothing},
			want: []string{
				`bucket policy: {"Effect":"Allow","Principal":{"AWS":"` + farRole +
					`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/a?b"}`,
				`identity: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/a${*}b"}`,
				`key policy: {"Effect":"Allow","Principal":{"AWS":"` + farRole + `"},"Action":"kms:Decrypt","Resource":"*"}`,
				`identity: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `"}`,
			},
		},
		{
			name:    "variables in a key",
			request: request{who: ann, noKey: true, key: "${x}", identity: nothing},
			want:    []string{`identity: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${$}{x}"}`},
		},
		{
			name:    "wildcards in a key, for a document before 2012-10-17",
			request: request{who: ann, noKey: true, key: "a*b?${x}", identity: nothing, version: "2008-10-17"},
			want:    []string{`identity: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/a?b??{x}"}`},
		},
		{name: "none for a Deny", request: request{who: ann, noKey: true, bucket: []string{against("*")}}},
		{name: "none for everybody", request: request{who: "anonymous", noKey: true}},
	} {
		var got []string
		for _, r := range c.decide(t).Reasons {
			for _, s := range r.Suggestion() {
				text, _ := json.Marshal(s)
				got = append(got, string(r.Layer)+": "+string(text))
			}
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestReasonJSON: the fields of a reason as simulate writes them.
func TestReasonJSON(t *testing.T) {
	d := request{who: ann, noKey: true}.decide(t)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"s3":"deny","kms":"none","overall":"deny","reasons":[{"check":"s3","action":"s3:GetObject",` +
		`"resource":"arn:aws:s3:::b/","verdict":"deny","layer":"identity","statement":"",` +
		`"text":"no identity policy of arn:aws:iam::111111111111:user/ann allows s3:GetObject on arn:aws:s3:::b/, and ` +
		`neither does the bucket policy of b",` +
		`"suggestion":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/"}]}]}`
	if string(text) != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if d.Overall != evaluator.Deny {
		t.Errorf("overall %s", d.Overall)
	}
}
