package grammar_test

import (
	"testing"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// TestWellTyped: reference_policies_elements_condition_operators.html says what values each operator takes.
func TestWellTyped(t *testing.T) {
	for _, c := range []struct {
		operator  string
		well, ill []string
	}{
		{
			operator: "NumericEquals",
			well:     []string{"10", "-1.5", "1e3", "+0.10", ".5"},
			ill:      []string{"ten", "", "1 ", "${aws:x}", "1.2.3", "*", "0x10", "true"},
		},
		{
			operator: "DateGreaterThan",
			well: []string{
				"2020-04-01T00:00:00Z", "2020-04-01T00:00Z", "2020-04-01T00:00:00.5+02:00", "2020-04-01", "2020-04",
				"2020", "1585699200", "1585699200000", "1585699200.25", "-1",
			},
			ill: []string{"yesterday", "2020-13-01", "2020-04-01T00:00:00", "2020-04-01 00:00:00Z", "", "2020-*"},
		},
		{operator: "Bool", well: []string{"true", "False", "${aws:SecureTransport}"}, ill: []string{"yes", "1", "", "${*}"}},
		{operator: "Null", well: []string{"true", "false"}, ill: []string{"yes", "${aws:x}", ""}},
		{
			operator: "BinaryEquals",
			well:     []string{"QmluYXJ5VmFsdWVJbkJhc2U2NA==", ""},
			ill:      []string{"QmluYXJ5VmFsdWVJbkJhc2U2NA", "?"},
		},
		{
			operator: "IpAddress",
			well: []string{
				"203.0.113.0/24", "203.0.113.5", "2001:DB8:1234:5678::/64", "::1", "203.0.113.5/24", "0.0.0.0/0",
			},
			ill: []string{
				"203.0.113.0/33", "203.0.113", "203.0.113.*", "localhost", "", "fe80::1%eth0", "203.0.113.0/-1",
			},
		},
		{
			operator: "ArnLike",
			well:     []string{"arn:aws:iam::111111111111:role/*", "${aws:PrincipalArn}", "arn:aws:sns:*:*:a:b"},
			ill:      []string{"*", "arn:aws:iam::*", "arn:aws:s3:*", ""},
		},
		{operator: "StringLike", well: []string{"", "a*", "${aws:x}"}},
	} {
		o, known := grammar.ParseOperator(c.operator)
		if !known {
			t.Fatalf("%s is not known", c.operator)
		}
		for i, v := range append(c.well, c.ill...) {
			if got, want := o.WellTyped(v, policy.Version), i < len(c.well); got != want {
				t.Errorf("%s %q: well typed is %v, want %v", c.operator, v, got, want)
			}
		}
	}
	if o, _ := grammar.ParseOperator("Bool"); o.WellTyped("${aws:x}", "2008-10-17") {
		t.Error("a variable counts in a version that has none")
	}
}
