package grammar_test

import (
	"math/big"
	"testing"

	"example.com/sharedbucket/policy/grammar"
)

var kinds = []grammar.Kind{grammar.Identity, grammar.Boundary, grammar.Session, grammar.SCP, grammar.RCP,
	grammar.BucketPolicy, grammar.KeyPolicy}

// FuzzParse: no text crashes the parser, problems always say what they are, and a document that is valid is so as well
// when it is written again.
func FuzzParse(f *testing.F) {
	for i, text := range []string{
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": ` +
			`"arn:aws:s3:::b/${aws:username, 'x'}/*"}}`,
		`{"Version": "2012-10-17", "Id": "x", "Statement": [{"Sid": "a b", "Effect": "Deny", "NotPrincipal": {"AWS": ` +
			`["111111111111", "AIDAEXAMPLE"]}, "NotAction": ["kms:*"], "NotResource": "*"}]}`,
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", ` +
			`"Condition": {"ForAllValues:StringNotLikeIfExists": {"aws:x": ["a*", 1, true]}, "Null": {"aws:y": false}}}]}`,
		`{"Statement": [{"Effect": "Allow", "Action": [], "Resource": null, "Condition": {"DateLessThan": {"aws:x": ` +
			`"2020-13"}}}], "Statement": {}}`,
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},]}`,
		"\xef\xbb\xbf{}", `[[[[`, `"`, ``,
	} {
		f.Add(text, byte(i))
	}
	f.Fuzz(func(t *testing.T, text string, k byte) {
		kind := kinds[int(k)%len(kinds)]
		doc, problems := grammar.Parse(text, kind)
		for _, p := range problems {
			if p.Text == "" || p.Page == "" {
				t.Errorf("problem without text or page: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		again, problems := grammar.Parse(doc.Text(), kind)
		if len(problems) > 0 || again.Text() != doc.Text() {
			t.Errorf("%s\nis valid, written again it is not the same: %s\n%v", text, doc.Text(), problems)
		}
	})
}

// FuzzNumber: numbers compare as the rational numbers they are.
func FuzzNumber(f *testing.F) {
	for _, pair := range [][2]string{{"1", "1.0"}, {"-0", "0"}, {"1e3", "999.999"}, {".5", "5e-1"}, {"-2", "-10"},
		{"1e999999999", "0"}, {"+0.10", "00.1"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := grammar.ParseNumber(a)
		y, also := grammar.ParseNumber(b)
		if !ok || !also || len(a) > 40 || len(b) > 40 {
			return
		}
		p, okA := rational(a)
		q, okB := rational(b)
		if !okA || !okB {
			return
		}
		if got, want := x.Compare(y), p.Cmp(q); got != want {
			t.Errorf("%s and %s compare as %d, want %d", a, b, got, want)
		}
	})
}

// rational is the number by math/big, which would take for ever on a large exponent.
func rational(text string) (*big.Rat, bool) {
	if f, _, err := big.ParseFloat(text, 10, 200, big.ToZero); err != nil || f.MantExp(nil) > 400 ||
		f.MantExp(nil) < -400 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// FuzzValues: no text crashes the readers of dates, address ranges, templates and operators.
func FuzzValues(f *testing.F) {
	for _, text := range []string{"2020-04-01T00:00:00Z", "1585699200.5", "-1", "203.0.113.0/24", "::1",
		"a${aws:x, 'y'}b${*}", "${", "ForAnyValue:StringLikeIfExists"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		grammar.ParseDate(text)
		grammar.ParseOperator(text)
		if n, ok := grammar.ParseNetwork(text); ok && !n.IsValid() {
			t.Errorf("%q is a range that is not valid", text)
		}
		parts, err := grammar.ParseTemplate(text)
		if err != nil {
			return
		}
		for _, p := range parts {
			if p.Variable == p.Escaped && p.Variable {
				t.Errorf("%q has a part that is both: %+v", text, p)
			}
		}
	})
}
