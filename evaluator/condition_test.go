package evaluator

import (
	"strings"
	"testing"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// holds says whether a Condition element holds in a request that has these keys. Values are separated by |; a key whose
// value has a | is multivalued.
func holds(t *testing.T, version, condition string, context map[string]string) bool {
	t.Helper()
	return applies(t, version, "Allow", condition, context)
}

// holdsInDeny is holds for a statement that denies.
func holdsInDeny(t *testing.T, condition string, context map[string]string) bool {
	t.Helper()
	return applies(t, policy.Version, "Deny", condition, context)
}

func applies(t *testing.T, version, effect, condition string, context map[string]string) bool {
	t.Helper()
	text := `{"Version": "` + version + `", "Statement": {"Effect": "` + effect +
		`", "Action": "*", "Resource": "*", "Condition": {` + condition + `}}}`
	p := NewPolicy("", text, grammar.Identity)
	if len(p.Problems) > 0 {
		t.Fatalf("%s: %v", condition, p.Problems)
	}
	var c Context
	for key, value := range context {
		if strings.Contains(value, "|") {
			c.Set(key, Many(strings.Split(strings.Trim(value, "|"), "|")...))
		} else {
			c.Set(key, One(value))
		}
	}
	return p.statements[0].failing(&requestContext{given: c.values}) == nil
}

type given = map[string]string

// TestConditionOperators: each operator of reference_policies_elements_condition_operators.html, holding and not.
func TestConditionOperators(t *testing.T) {
	const ann = "arn:aws:iam::111111111111:user/ann"
	for _, c := range []struct {
		condition string
		context   given
		want      bool
	}{
		// String operators
		{condition: `"StringEquals": {"aws:x": "a"}`, context: given{"aws:x": "a"}, want: true},
		{condition: `"StringEquals": {"aws:x": "a"}`, context: given{"aws:x": "A"}},
		{condition: `"StringEquals": {"aws:x": "a"}`, context: given{}},
		{condition: `"StringEquals": {"aws:x": ["a", "b"]}`, context: given{"aws:x": "b"}, want: true},
		{condition: `"StringEquals": {"aws:x": "a*"}`, context: given{"aws:x": "ab"}},
		{condition: `"StringEquals": {"aws:x": "a*"}`, context: given{"aws:x": "a*"}, want: true},
		{condition: `"StringEquals": {"aws:x": ""}`, context: given{"aws:x": ""}, want: true},
		{condition: `"StringEquals": {"aws:x": true}`, context: given{"aws:x": "true"}, want: true},
		{condition: `"StringEquals": {"aws:x": 10}`, context: given{"aws:x": "10"}, want: true},
		{condition: `"StringNotEquals": {"aws:x": "a"}`, context: given{"aws:x": "b"}, want: true},
		{condition: `"StringNotEquals": {"aws:x": "a"}`, context: given{"aws:x": "a"}},
		{condition: `"StringNotEquals": {"aws:x": "a"}`, context: given{}, want: true},
		{condition: `"StringNotEquals": {"aws:x": ["a", "b"]}`, context: given{"aws:x": "b"}},
		{condition: `"StringNotEquals": {"aws:x": ["a", "b"]}`, context: given{"aws:x": "c"}, want: true},
		{
			condition: `"StringEqualsIgnoreCase": {"aws:x": "prEprod"}`,
			context:   given{"aws:x": "Preprod"},
			want:      true,
		},
		{condition: `"StringEqualsIgnoreCase": {"aws:x": "preprod"}`, context: given{"aws:x": "prod"}},
		{condition: `"StringEqualsIgnoreCase": {"aws:x": "pre*"}`, context: given{"aws:x": "preprod"}},
		{condition: `"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`, context: given{"aws:x": "PREPROD"}},
		{
			condition: `"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`,
			context:   given{"aws:x": "prod"},
			want:      true,
		},
		{condition: `"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`, context: given{}, want: true},
		{condition: `"StringLike": {"aws:x": "home/*"}`, context: given{"aws:x": "home/a/b:c"}, want: true},
		{condition: `"StringLike": {"aws:x": "home/*"}`, context: given{"aws:x": "Home/a"}},
		{condition: `"StringLike": {"aws:x": "h?me"}`, context: given{"aws:x": "höme"}, want: true},
		{condition: `"StringLike": {"aws:x": "h?me"}`, context: given{"aws:x": "hme"}},
		{condition: `"StringLike": {"aws:x": ["", "home/"]}`, context: given{"aws:x": ""}, want: true},
		{condition: `"StringLike": {"aws:x": "*"}`, context: given{"aws:x": ""}, want: true},
		{condition: `"StringLike": {"aws:x": "*"}`, context: given{}},
		{condition: `"StringLike": {"aws:x": "a*b*c"}`, context: given{"aws:x": "a-b-b-c"}, want: true},
		{condition: `"StringLike": {"aws:x": "a*b*c"}`, context: given{"aws:x": "a-c-b"}},
		{condition: `"StringNotLike": {"aws:x": "home/*"}`, context: given{"aws:x": "home/a"}},
		{condition: `"StringNotLike": {"aws:x": "home/*"}`, context: given{"aws:x": "work/a"}, want: true},
		{condition: `"StringNotLike": {"aws:x": "home/*"}`, context: given{}, want: true},

		// Numeric operators
		{
			condition: `"NumericEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "10.0"},
			want:      true,
		},
		{
			condition: `"NumericEquals": {"s3:max-keys": 10}`,
			context:   given{"s3:max-keys": "1e1"},
			want:      true,
		},
		{condition: `"NumericEquals": {"s3:max-keys": "10"}`, context: given{"s3:max-keys": "11"}},
		{
			condition: `"NumericEquals": {"s3:max-keys": "0"}`,
			context:   given{"s3:max-keys": "-0.00"},
			want:      true,
		},
		{
			condition: `"NumericEquals": {"s3:max-keys": "0.1"}`,
			context:   given{"s3:max-keys": "0.1000000000000000000001"},
		},
		{condition: `"NumericEquals": {"s3:max-keys": "10"}`, context: given{"s3:max-keys": "ten"}},
		{condition: `"NumericEquals": {"s3:max-keys": "10"}`, context: given{}},
		{
			condition: `"NumericNotEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "11"},
			want:      true,
		},
		{condition: `"NumericNotEquals": {"s3:max-keys": "10"}`, context: given{"s3:max-keys": "10"}},
		{condition: `"NumericNotEquals": {"s3:max-keys": "10"}`, context: given{}, want: true},
		{
			condition: `"NumericLessThan": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "9.99"},
			want:      true,
		},
		{condition: `"NumericLessThan": {"s3:max-keys": "10"}`, context: given{"s3:max-keys": "10"}},
		{
			condition: `"NumericLessThan": {"s3:max-keys": "-1"}`,
			context:   given{"s3:max-keys": "-2"},
			want:      true,
		},
		{
			condition: `"NumericLessThan": {"s3:max-keys": ["5", "10"]}`,
			context:   given{"s3:max-keys": "7"},
			want:      true,
		},
		{
			condition: `"NumericLessThanEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "10"},
			want:      true,
		},
		{
			condition: `"NumericLessThanEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "10.01"},
		},
		{
			condition: `"NumericLessThanEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "9"},
			want:      true,
		},
		{
			condition: `"NumericGreaterThan": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "100"},
			want:      true,
		},
		{condition: `"NumericGreaterThan": {"s3:max-keys": "10"}`, context: given{"s3:max-keys": "9"}},
		{
			condition: `"NumericGreaterThanEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "10"},
			want:      true,
		},
		{
			condition: `"NumericGreaterThanEquals": {"s3:max-keys": "10"}`,
			context:   given{"s3:max-keys": "9.5"},
		},
		{condition: `"NumericGreaterThanEquals": {"s3:max-keys": "10"}`, context: given{}},

		// Date operators
		{
			condition: `"DateEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`,
			context:   given{"aws:CurrentTime": "2020-04-01T02:00:00+02:00"},
			want:      true,
		},
		{
			condition: `"DateEquals": {"aws:CurrentTime": "2020-04-01"}`,
			context:   given{"aws:CurrentTime": "1585699200"},
			want:      true,
		},
		{
			condition: `"DateEquals": {"aws:CurrentTime": "2020-04-01"}`,
			context:   given{"aws:CurrentTime": "2020-04-02"},
		},
		{
			condition: `"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`,
			context:   given{"aws:CurrentTime": "2020-04-02"},
			want:      true,
		},
		{
			condition: `"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`,
			context:   given{"aws:CurrentTime": "2020-04-01T00:00Z"},
		},
		{condition: `"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`, context: given{}, want: true},
		{
			condition: `"DateLessThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`,
			context:   given{"aws:CurrentTime": "2020-03-31T23:59:59.9Z"},
			want:      true,
		},
		{
			condition: `"DateLessThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`,
			context:   given{"aws:CurrentTime": "2020-04-01T00:00:00Z"},
		},
		{
			condition: `"DateLessThanEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`,
			context:   given{"aws:CurrentTime": "2020-04-01T00:00:00Z"},
			want:      true,
		},
		{
			condition: `"DateLessThanEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`,
			context:   given{"aws:CurrentTime": "2020-04-01T00:00:01Z"},
		},
		{
			condition: `"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`,
			context:   given{"aws:TokenIssueTime": "2020-01-01T00:00:02Z"},
			want:      true,
		},
		{
			condition: `"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`,
			context:   given{"aws:TokenIssueTime": "2020-01-01T00:00:01Z"},
		},
		{condition: `"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`, context: given{}},
		{
			condition: `"DateGreaterThan": {"aws:EpochTime": 1585699200}`,
			context:   given{"aws:EpochTime": "1585699200.5"},
			want:      true,
		},
		{
			condition: `"DateGreaterThanEquals": {"aws:EpochTime": "1585699200"}`,
			context:   given{"aws:EpochTime": "1585699200"},
			want:      true,
		},
		{
			condition: `"DateGreaterThanEquals": {"aws:EpochTime": "1585699200"}`,
			context:   given{"aws:EpochTime": "1585699199"},
		},
		{
			condition: `"DateGreaterThan": {"aws:CurrentTime": "2020"}`,
			context:   given{"aws:CurrentTime": "not a date"},
		},

		// Boolean operators
		{
			condition: `"Bool": {"aws:SecureTransport": "false"}`,
			context:   given{"aws:SecureTransport": "false"},
			want:      true,
		},
		{
			condition: `"Bool": {"aws:SecureTransport": "false"}`,
			context:   given{"aws:SecureTransport": "true"},
		},
		{condition: `"Bool": {"aws:SecureTransport": "false"}`, context: given{}},
		{
			condition: `"Bool": {"aws:SecureTransport": true}`,
			context:   given{"aws:SecureTransport": "True"},
			want:      true,
		},
		{condition: `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, context: given{}, want: true},
		{
			condition: `"ForAllValues:Bool": {"aws:x": "true"}`,
			context:   given{"aws:x": "true|true"},
			want:      true,
		},
		{condition: `"ForAllValues:Bool": {"aws:x": "true"}`, context: given{"aws:x": "true|false"}},
		{
			condition: `"ForAnyValue:Bool": {"aws:x": "true"}`,
			context:   given{"aws:x": "true|false"},
			want:      true,
		},
		{condition: `"ForAnyValue:Bool": {"aws:x": "true"}`, context: given{"aws:x": "false|false"}},

		// Binary operator
		{
			condition: `"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`,
			context:   given{"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="},
			want:      true,
		},
		{
			condition: `"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`,
			context:   given{"aws:x": "BinaryValueInBase64"},
			want:      true,
		},
		{
			condition: `"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`,
			context:   given{"aws:x": "ASIAIOSFODNN7EXAMPLE"},
		},
		{condition: `"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`, context: given{}},

		// IP address operators
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "203.0.113.1"},
			want:      true,
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "198.51.100.1"},
		},
		{condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, context: given{}},
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.7"}`,
			context:   given{"aws:SourceIp": "203.0.113.7"},
			want:      true,
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.7"}`,
			context:   given{"aws:SourceIp": "203.0.113.70"},
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.77/24"}`,
			context:   given{"aws:SourceIp": "203.0.113.1"},
			want:      true,
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}`,
			context:   given{"aws:SourceIp": "2001:db8:1234:5678:1::2"},
			want:      true,
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}`,
			context:   given{"aws:SourceIp": "2001:db8:1234:5679::2"},
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": "2001:db8::1"}`,
			context:   given{"aws:SourceIp": "2001:db8:0:0:0:0:0:1"},
			want:      true,
		},
		{
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "::ffff:203.0.113.1"},
			want:      true,
		},
		{
			condition: `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "198.51.100.1"},
			want:      true,
		},
		{
			condition: `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "203.0.113.1"},
		},
		{
			condition: `"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}`,
			context:   given{"aws:SourceIp": "198.51.100.1"},
		},
		{condition: `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, context: given{}, want: true},

		// ARN operators
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "` + ann + `"}`,
			context:   given{"aws:PrincipalArn": ann},
			want:      true,
		},
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/*"}`,
			context:   given{"aws:PrincipalArn": ann},
			want:      true,
		},
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/an?"}`,
			context:   given{"aws:PrincipalArn": ann},
			want:      true,
		},
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:USER/ann"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "arn:aws:*:user/ann"}`,
			context:   given{"aws:PrincipalArn": ann},
		}, // not across colons
		{
			condition: `"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam:*"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			condition: `"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:*"}`,
			context:   given{"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:a:b:c"},
			want:      true,
		},
		{
			condition: `"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:a"}`,
			context:   given{},
		},
		{
			condition: `"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`,
			context:   given{"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"},
			want:      true,
		},
		{
			condition: `"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`,
			context:   given{"aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:t"},
		},
		{
			condition: `"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`,
			context:   given{"aws:SourceArn": "no ARN"},
		},
		{
			condition: `"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`,
			context:   given{"aws:PrincipalArn": ann + "a"},
			want:      true,
		},
		{
			condition: `"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{condition: `"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`, context: given{}, want: true},
		{
			condition: `"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/*"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			condition: `"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}`,
			context:   given{"aws:PrincipalArn": ann},
			want:      true,
		},
		{
			condition: `"StringLike": {"aws:PrincipalArn": "arn:aws:*:user/ann"}`,
			context:   given{"aws:PrincipalArn": ann},
			want:      true,
		}, // across colons

		{condition: `"stringlike": {"aws:x": "a*"}`, context: given{"aws:x": "ab"}, want: true}, // operators in another case
		{condition: `"STRINGNOTLIKE": {"aws:x": "a*"}`, context: given{"aws:x": "ab"}},

		// …IfExists
		{
			condition: `"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`,
			context:   given{"ec2:InstanceType": "t1.micro"},
			want:      true,
		},
		{
			condition: `"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`,
			context:   given{"ec2:InstanceType": "m2.micro"},
		},
		{
			condition: `"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`,
			context:   given{},
			want:      true,
		},
		{condition: `"StringNotEqualsIfExists": {"aws:x": "a"}`, context: given{}, want: true},
		{condition: `"StringNotEqualsIfExists": {"aws:x": "a"}`, context: given{"aws:x": "a"}},
		{condition: `"NumericLessThanIfExists": {"aws:x": "1"}`, context: given{}, want: true},
		{condition: `"DateLessThanIfExists": {"aws:x": "2020"}`, context: given{}, want: true},
		{condition: `"BinaryEqualsIfExists": {"aws:x": "YQ=="}`, context: given{}, want: true},
		{condition: `"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}`, context: given{}, want: true},
		{
			condition: `"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "198.51.100.1"},
		},
		{
			condition: `"ArnLikeIfExists": {"aws:x": "arn:aws:iam::111111111111:user/*"}`,
			context:   given{},
			want:      true,
		},
		{
			condition: `"ForAnyValue:StringLikeIfExists": {"aws:x": "a"}`,
			context:   given{"aws:x": "a|b"},
			want:      true,
		},
		{condition: `"ForAllValues:StringLikeIfExists": {"aws:x": "a"}`, context: given{"aws:x": "a|b"}},

		// Null
		{condition: `"Null": {"aws:TokenIssueTime": "true"}`, context: given{}, want: true},
		{condition: `"Null": {"aws:TokenIssueTime": "true"}`, context: given{"aws:TokenIssueTime": "x"}},
		{condition: `"Null": {"aws:TokenIssueTime": "false"}`, context: given{}},
		{
			condition: `"Null": {"aws:TokenIssueTime": false}`,
			context:   given{"aws:TokenIssueTime": "x"},
			want:      true,
		},
		{condition: `"Null": {"aws:x": "true"}`, context: given{"aws:x": ""}},
		{condition: `"ForAllValues:Null": {"aws:x": "true"}`, context: given{"aws:x": "a"}, want: true},
		{condition: `"ForAnyValue:Null": {"aws:x": "true"}`, context: given{}},
		// "StringNotEqualsIfExists in a Deny does not spare requests without the key; it needs Null: false beside it"
		{
			condition: `"StringNotEqualsIfExists": {"aws:x": "a"}, "Null": {"aws:x": "false"}`,
			context:   given{},
		},
		{
			condition: `"StringNotEqualsIfExists": {"aws:x": "a"}, "Null": {"aws:x": "false"}`,
			context:   given{"aws:x": "b"},
			want:      true,
		},
	} {
		if got := holds(t, policy.Version, c.condition, c.context); got != c.want {
			t.Errorf("%s in %v: holds is %v, want %v", c.condition, c.context, got, c.want)
		}
	}
}

// TestSets is about reference_policies_condition-single-vs-multi-valued-context-keys.html and the tables of the page
// on operators.
func TestSets(t *testing.T) {
	const inside = `"StringNotLike": {"aws:PrincipalOrgPaths": "o-a/r-a/ou-a/*"}`
	for _, c := range []struct {
		condition string
		context   given
		want      bool
	}{
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{"aws:TagKeys": "environment|"},
			want:      true,
		},
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{"aws:TagKeys": "environment|cost-center"},
			want:      true,
		},
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{"aws:TagKeys": "environment|dept"},
		},
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}`,
			context:   given{},
			want:      true,
		},
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}`,
			context:   given{"aws:TagKeys": ""},
			want:      true,
		}, // "a null dataset, such as an empty string"
		{
			condition: `"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}, "Null": {"aws:TagKeys": "false"}`,
			context:   given{},
		},
		{
			condition: `"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{"aws:TagKeys": "environment|dept"},
			want:      true,
		},
		{
			condition: `"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{"aws:TagKeys": "dept|"},
		},
		{
			condition: `"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`,
			context:   given{},
		},
		{
			condition: `"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`,
			context:   given{"aws:TagKeys": "a|b"},
			want:      true,
		},
		{
			condition: `"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`,
			context:   given{"aws:TagKeys": "a|secret"},
		},
		{
			condition: `"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`,
			context:   given{},
			want:      true,
		},
		{
			condition: `"ForAnyValue:StringNotEquals": {"aws:TagKeys": "secret"}`,
			context:   given{"aws:TagKeys": "a|secret"},
			want:      true,
		},
		{
			condition: `"ForAnyValue:StringNotEquals": {"aws:TagKeys": "secret"}`,
			context:   given{"aws:TagKeys": "secret|"},
		},
		// "ForAnyValue:StringNotLike in a Deny lets accounts without an organization pass"
		{condition: `"ForAnyValue:` + inside[1:], context: given{}},
		{condition: `"ForAllValues:` + inside[1:], context: given{}, want: true},
		{
			condition: `"ForAnyValue:` + inside[1:],
			context:   given{"aws:PrincipalOrgPaths": "o-a/r-a/ou-b/|"},
			want:      true,
		},
		{
			condition: `"ForAnyValue:` + inside[1:],
			context:   given{"aws:PrincipalOrgPaths": "o-a/r-a/ou-a/ou-c/|"},
		},
		{
			condition: `"ForAnyValue:ArnLike": {"aws:x": "arn:aws:s3:::b/*"}`,
			context:   given{"aws:x": "arn:aws:s3:::c/x|arn:aws:s3:::b/x"},
			want:      true,
		},
		{
			condition: `"ForAllValues:ArnNotLike": {"aws:x": "arn:aws:s3:::b/*"}`,
			context:   given{"aws:x": "arn:aws:s3:::c/x|arn:aws:s3:::b/x"},
		},
		{
			condition: `"ForAnyValue:NumericLessThan": {"aws:x": "5"}`,
			context:   given{"aws:x": "7|3"},
			want:      true,
		},
		{condition: `"ForAllValues:NumericLessThan": {"aws:x": "5"}`, context: given{"aws:x": "7|3"}},
		// A multivalued key without a set operator: one value that matches is enough, and negated none may match.
		{condition: `"StringEquals": {"aws:x": "b"}`, context: given{"aws:x": "a|b"}, want: true},
		{condition: `"StringNotEquals": {"aws:x": "b"}`, context: given{"aws:x": "a|b"}},
		// reference_policies_condition-logic-multiple-context-keys-or-values.html: keys and operators are all needed
		{
			condition: `"StringEquals": {"aws:PrincipalTag/department": ["hr", "legal"], "aws:PrincipalTag/role": "audit"}`,
			context:   given{"aws:PrincipalTag/department": "hr", "aws:PrincipalTag/role": "audit"},
			want:      true,
		},
		{
			condition: `"StringEquals": {"aws:PrincipalTag/department": ["hr", "legal"], "aws:PrincipalTag/role": "audit"}`,
			context:   given{"aws:PrincipalTag/department": "hr"},
		},
		{
			condition: `"StringEquals": {"aws:x": "a"}, "StringLike": {"aws:y": "b*"}`,
			context:   given{"aws:x": "a", "aws:y": "c"},
		},
		// reference_policies_elements_condition.html: keys ignore case, also after the slash
		{
			condition: `"StringEquals": {"AWS:principaltag/DEPARTMENT": "hr"}`,
			context:   given{"aws:PrincipalTag/department": "hr"},
			want:      true,
		},
		{
			condition: `"StringEquals": {"kms:encryptioncontext:AWS:S3:ARN": "x"}`,
			context:   given{"kms:EncryptionContext:aws:s3:arn": "x"},
			want:      true,
		},
	} {
		if got := holds(t, policy.Version, c.condition, c.context); got != c.want {
			t.Errorf("%s in %v: holds is %v, want %v", c.condition, c.context, got, c.want)
		}
	}
}

// TestVariables is about reference_policies_variables.html.
func TestVariables(t *testing.T) {
	for _, c := range []struct {
		name      string
		version   string
		condition string
		context   given
		want      bool
	}{
		{
			name:      "filled in",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "home/${aws:username}/*"}`,
			context:   given{"s3:prefix": "home/ann/x", "aws:username": "ann"},
			want:      true,
		},
		{
			name:      "another's",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "home/${aws:username}/*"}`,
			context:   given{"s3:prefix": "home/bob/x", "aws:username": "ann"},
		},
		{
			name:      "name in another case",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${AWS:UserName}"}`,
			context:   given{"s3:prefix": "ann", "aws:username": "ann"},
			want:      true,
		},
		{
			name:      "literal in the older version",
			version:   "2008-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:username}"}`,
			context:   given{"s3:prefix": "${aws:username}", "aws:username": "ann"},
			want:      true,
		},
		{
			name:      "not filled in in the older version",
			version:   "2008-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:username}"}`,
			context:   given{"s3:prefix": "ann", "aws:username": "ann"},
		},
		{
			name:      "no value",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "${aws:username}*"}`,
			context:   given{"s3:prefix": "x"},
		},
		{
			name:      "no value, negated",
			version:   "2012-10-17",
			condition: `"StringNotEquals": {"s3:prefix": "${aws:username}"}`,
			context:   given{"s3:prefix": "x"},
			want:      true,
		},
		{
			name:      "no value, another value matches",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": ["${aws:username}", "x"]}`,
			context:   given{"s3:prefix": "x"},
			want:      true,
		},
		{
			name:      "both without value",
			version:   "2012-10-17",
			condition: `"StringEquals": {"aws:x": "${aws:y}"}`,
			context:   given{},
		},
		{
			name:      "default",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"}`,
			context:   given{"s3:prefix": "company-wide"},
			want:      true,
		},
		{
			name:      "default not needed",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"}`,
			context:   given{"s3:prefix": "company-wide", "aws:PrincipalTag/team": "yellow"},
		},
		{
			name:      "empty default",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, ''}"}`,
			context:   given{"s3:prefix": ""},
			want:      true,
		},
		{
			name:      "default with a brace",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'a}, b'}"}`,
			context:   given{"s3:prefix": "a}, b"},
			want:      true,
		},
		{
			name:      "literal asterisk",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "a${*}"}`,
			context:   given{"s3:prefix": "a*"},
			want:      true,
		},
		{
			name:      "literal asterisk is no wildcard",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "a${*}"}`,
			context:   given{"s3:prefix": "ab"},
		},
		{
			name:      "literal question mark",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "a${?}*"}`,
			context:   given{"s3:prefix": "a?b"},
			want:      true,
		},
		{
			name:      "literal question mark is no wildcard",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "a${?}*"}`,
			context:   given{"s3:prefix": "axb"},
		},
		{
			name:      "literal dollar",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${$}{aws:username}"}`,
			context:   given{"s3:prefix": "${aws:username}", "aws:username": "ann"},
			want:      true,
		},
		{
			name:      "a dollar alone",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "a$b$"}`,
			context:   given{"s3:prefix": "a$b$"},
			want:      true,
		},
		{
			name:      "wildcards in a value are literal",
			version:   "2012-10-17",
			condition: `"StringLike": {"s3:prefix": "${aws:username}"}`,
			context:   given{"s3:prefix": "anything", "aws:username": "*"},
		},
		{
			name:      "multivalued keys are no variables",
			version:   "2012-10-17",
			condition: `"StringEquals": {"s3:prefix": "${aws:TagKeys}"}`,
			context:   given{"s3:prefix": "a", "aws:TagKeys": "a|"},
		},
		{
			name:      "in an ARN",
			version:   "2012-10-17",
			condition: `"ArnEquals": {"aws:x": "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"}`,
			context: given{"aws:x": "arn:aws:iam::111111111111:user/ann", "aws:PrincipalAccount": "111111111111",
				"aws:username": "ann"},
			want: true,
		},
		{
			name:      "a whole ARN",
			version:   "2012-10-17",
			condition: `"ArnEquals": {"aws:x": "${aws:PrincipalArn}"}`,
			context: given{"aws:x": "arn:aws:iam::111111111111:user/ann",
				"aws:PrincipalArn": "arn:aws:iam::111111111111:user/ann"},
			want: true,
		},
		{
			name:      "ignoring case",
			version:   "2012-10-17",
			condition: `"StringEqualsIgnoreCase": {"s3:prefix": "${aws:username}/X"}`,
			context:   given{"s3:prefix": "ANN/x", "aws:username": "ann"},
			want:      true,
		},
		{
			name:      "in a boolean",
			version:   "2012-10-17",
			condition: `"Bool": {"aws:x": "${aws:y}"}`,
			context:   given{"aws:x": "true", "aws:y": "true"},
			want:      true,
		},
	} {
		if got := holds(t, c.version, c.condition, c.context); got != c.want {
			t.Errorf("%s: %s in %v: holds is %v, want %v", c.name, c.condition, c.context, got, c.want)
		}
	}
}

// TestUnsure: where the documentation leaves open whether a condition holds, an Allow does not apply and a Deny does.
func TestUnsure(t *testing.T) {
	const ann = "arn:aws:iam::111111111111:user/ann"
	for _, c := range []struct {
		name, condition string
		context         given
	}{
		{
			name:      "number, ill-typed",
			condition: `"NumericLessThan": {"aws:x": "ten"}`,
			context:   given{"aws:x": "5"},
		},
		{
			name:      "number, ill-typed, negated",
			condition: `"NumericNotEquals": {"aws:x": "ten"}`,
			context:   given{"aws:x": "5"},
		},
		{
			name:      "number, one of two ill-typed",
			condition: `"NumericEquals": {"aws:x": ["ten", "7"]}`,
			context:   given{"aws:x": "5"},
		},
		{
			name:      "number, of the request",
			condition: `"NumericNotEquals": {"aws:x": "5"}`,
			context:   given{"aws:x": "five"},
		},
		{
			name:      "date, ill-typed",
			condition: `"DateLessThan": {"aws:CurrentTime": "tomorrow"}`,
			context:   given{"aws:CurrentTime": "2026-01-01"},
		},
		{
			name:      "address, a placeholder",
			condition: `"IpAddress": {"aws:SourceIp": "YOUR-IP"}`,
			context:   given{"aws:SourceIp": "203.0.113.1"},
		},
		{
			name:      "address, negated",
			condition: `"NotIpAddress": {"aws:SourceIp": "YOUR-IP"}`,
			context:   given{"aws:SourceIp": "203.0.113.1"},
		},
		{
			name:      "address, of the request",
			condition: `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			context:   given{"aws:SourceIp": "AWS Internal"},
		},
		{
			name:      "base64, ill-typed",
			condition: `"BinaryEquals": {"aws:x": "?"}`,
			context:   given{"aws:x": "?!"},
		},
		{
			name:      "boolean, ill-typed",
			condition: `"Bool": {"aws:SecureTransport": "no"}`,
			context:   given{"aws:SecureTransport": "true"},
		},
		{
			name:      "boolean, both",
			condition: `"Bool": {"aws:SecureTransport": ["true", "false"]}`,
			context:   given{"aws:SecureTransport": "true"},
		},
		{name: "Null, ill-typed", condition: `"Null": {"aws:x": "yes"}`, context: given{}},
		{name: "Null, both", condition: `"Null": {"aws:x": ["true", "false"]}`, context: given{}},
		{
			name:      "ARN of five fields",
			condition: `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			name:      "ARN of five fields, negated",
			condition: `"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			name:      "ARN that is only a wildcard",
			condition: `"ArnNotEquals": {"aws:PrincipalArn": "*"}`,
			context:   given{"aws:PrincipalArn": ann},
		},
		{
			name:      "ARN, of the request",
			condition: `"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::b"}`,
			context:   given{"aws:SourceArn": "b"},
		},
		{
			name:      "ForAnyValue with IfExists",
			condition: `"ForAnyValue:StringLikeIfExists": {"aws:x": "a"}`,
			context:   given{},
		},
		{
			name:      "ForAnyValue with IfExists, negated",
			condition: `"ForAnyValue:StringNotLikeIfExists": {"aws:x": "a"}`,
			context:   given{},
		},
		{
			name:      "ForAllValues, one ill-typed",
			condition: `"ForAllValues:NumericEquals": {"aws:x": ["5", "x"]}`,
			context:   given{"aws:x": "5|6"},
		},
		{
			name:      "ForAnyValue, one ill-typed",
			condition: `"ForAnyValue:NumericEquals": {"aws:x": ["5", "x"]}`,
			context:   given{"aws:x": "6|7"},
		},
	} {
		if holds(t, policy.Version, c.condition, c.context) {
			t.Errorf("%s: %s in %v: an Allow applies", c.name, c.condition, c.context)
		}
		if !holdsInDeny(t, c.condition, c.context) {
			t.Errorf("%s: %s in %v: a Deny does not apply", c.name, c.condition, c.context)
		}
	}
	for _, c := range []struct {
		name, condition string
		context         given
		want            bool
	}{
		{
			name:      "a value that matches beside an ill-typed one",
			condition: `"NumericEquals": {"aws:x": ["ten", "5"]}`,
			context:   given{"aws:x": "5"},
			want:      true,
		},
		{
			name:      "the same, negated",
			condition: `"NumericNotEquals": {"aws:x": ["ten", "5"]}`,
			context:   given{"aws:x": "5"},
		},
		{
			name:      "without the key the type does not matter",
			condition: `"NumericEquals": {"aws:x": "ten"}`,
			context:   given{},
		},
		{
			name:      "without the key, negated",
			condition: `"NumericNotEquals": {"aws:x": "ten"}`,
			context:   given{},
			want:      true,
		},
		{
			name:      "ForAllValues, one that is none of them",
			condition: `"ForAllValues:StringEquals": {"aws:x": "a"}`,
			context:   given{"aws:x": "a|b"},
		},
	} {
		if got, deny := holds(t, policy.Version, c.condition, c.context), holdsInDeny(t, c.condition,
			c.context); got != c.want || deny != c.want {
			t.Errorf("%s: %s in %v: holds is %v in an Allow and %v in a Deny, want %v", c.name, c.condition, c.context, got,
				deny, c.want)
		}
	}
}
