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
	text := `{"Version": "` + version + `", "Statement": {"Effect": "` + effect + `", "Action": "*", "Resource": "*", "Condition": {` + condition + `}}}`
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
		{`"StringEquals": {"aws:x": "a"}`, given{"aws:x": "a"}, true},
		{`"StringEquals": {"aws:x": "a"}`, given{"aws:x": "A"}, false},
		{`"StringEquals": {"aws:x": "a"}`, given{}, false},
		{`"StringEquals": {"aws:x": ["a", "b"]}`, given{"aws:x": "b"}, true},
		{`"StringEquals": {"aws:x": "a*"}`, given{"aws:x": "ab"}, false},
		{`"StringEquals": {"aws:x": "a*"}`, given{"aws:x": "a*"}, true},
		{`"StringEquals": {"aws:x": ""}`, given{"aws:x": ""}, true},
		{`"StringEquals": {"aws:x": true}`, given{"aws:x": "true"}, true},
		{`"StringEquals": {"aws:x": 10}`, given{"aws:x": "10"}, true},
		{`"StringNotEquals": {"aws:x": "a"}`, given{"aws:x": "b"}, true},
		{`"StringNotEquals": {"aws:x": "a"}`, given{"aws:x": "a"}, false},
		{`"StringNotEquals": {"aws:x": "a"}`, given{}, true},
		{`"StringNotEquals": {"aws:x": ["a", "b"]}`, given{"aws:x": "b"}, false},
		{`"StringNotEquals": {"aws:x": ["a", "b"]}`, given{"aws:x": "c"}, true},
		{`"StringEqualsIgnoreCase": {"aws:x": "prEprod"}`, given{"aws:x": "Preprod"}, true},
		{`"StringEqualsIgnoreCase": {"aws:x": "preprod"}`, given{"aws:x": "prod"}, false},
		{`"StringEqualsIgnoreCase": {"aws:x": "pre*"}`, given{"aws:x": "preprod"}, false},
		{`"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`, given{"aws:x": "PREPROD"}, false},
		{`"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`, given{"aws:x": "prod"}, true},
		{`"StringNotEqualsIgnoreCase": {"aws:x": "preprod"}`, given{}, true},
		{`"StringLike": {"aws:x": "home/*"}`, given{"aws:x": "home/a/b:c"}, true},
		{`"StringLike": {"aws:x": "home/*"}`, given{"aws:x": "Home/a"}, false},
		{`"StringLike": {"aws:x": "h?me"}`, given{"aws:x": "höme"}, true},
		{`"StringLike": {"aws:x": "h?me"}`, given{"aws:x": "hme"}, false},
		{`"StringLike": {"aws:x": ["", "home/"]}`, given{"aws:x": ""}, true},
		{`"StringLike": {"aws:x": "*"}`, given{"aws:x": ""}, true},
		{`"StringLike": {"aws:x": "*"}`, given{}, false},
		{`"StringLike": {"aws:x": "a*b*c"}`, given{"aws:x": "a-b-b-c"}, true},
		{`"StringLike": {"aws:x": "a*b*c"}`, given{"aws:x": "a-c-b"}, false},
		{`"StringNotLike": {"aws:x": "home/*"}`, given{"aws:x": "home/a"}, false},
		{`"StringNotLike": {"aws:x": "home/*"}`, given{"aws:x": "work/a"}, true},
		{`"StringNotLike": {"aws:x": "home/*"}`, given{}, true},

		// Numeric operators
		{`"NumericEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10.0"}, true},
		{`"NumericEquals": {"s3:max-keys": 10}`, given{"s3:max-keys": "1e1"}, true},
		{`"NumericEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "11"}, false},
		{`"NumericEquals": {"s3:max-keys": "0"}`, given{"s3:max-keys": "-0.00"}, true},
		{`"NumericEquals": {"s3:max-keys": "0.1"}`, given{"s3:max-keys": "0.1000000000000000000001"}, false},
		{`"NumericEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "ten"}, false},
		{`"NumericEquals": {"s3:max-keys": "10"}`, given{}, false},
		{`"NumericNotEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "11"}, true},
		{`"NumericNotEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10"}, false},
		{`"NumericNotEquals": {"s3:max-keys": "10"}`, given{}, true},
		{`"NumericLessThan": {"s3:max-keys": "10"}`, given{"s3:max-keys": "9.99"}, true},
		{`"NumericLessThan": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10"}, false},
		{`"NumericLessThan": {"s3:max-keys": "-1"}`, given{"s3:max-keys": "-2"}, true},
		{`"NumericLessThan": {"s3:max-keys": ["5", "10"]}`, given{"s3:max-keys": "7"}, true},
		{`"NumericLessThanEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10"}, true},
		{`"NumericLessThanEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10.01"}, false},
		{`"NumericLessThanEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "9"}, true},
		{`"NumericGreaterThan": {"s3:max-keys": "10"}`, given{"s3:max-keys": "100"}, true},
		{`"NumericGreaterThan": {"s3:max-keys": "10"}`, given{"s3:max-keys": "9"}, false},
		{`"NumericGreaterThanEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "10"}, true},
		{`"NumericGreaterThanEquals": {"s3:max-keys": "10"}`, given{"s3:max-keys": "9.5"}, false},
		{`"NumericGreaterThanEquals": {"s3:max-keys": "10"}`, given{}, false},

		// Date operators
		{`"DateEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`, given{"aws:CurrentTime": "2020-04-01T02:00:00+02:00"}, true},
		{`"DateEquals": {"aws:CurrentTime": "2020-04-01"}`, given{"aws:CurrentTime": "1585699200"}, true},
		{`"DateEquals": {"aws:CurrentTime": "2020-04-01"}`, given{"aws:CurrentTime": "2020-04-02"}, false},
		{`"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`, given{"aws:CurrentTime": "2020-04-02"}, true},
		{`"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`, given{"aws:CurrentTime": "2020-04-01T00:00Z"}, false},
		{`"DateNotEquals": {"aws:CurrentTime": "2020-04-01"}`, given{}, true},
		{`"DateLessThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`, given{"aws:CurrentTime": "2020-03-31T23:59:59.9Z"}, true},
		{`"DateLessThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`, given{"aws:CurrentTime": "2020-04-01T00:00:00Z"}, false},
		{`"DateLessThanEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`, given{"aws:CurrentTime": "2020-04-01T00:00:00Z"}, true},
		{`"DateLessThanEquals": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}`, given{"aws:CurrentTime": "2020-04-01T00:00:01Z"}, false},
		{`"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`, given{"aws:TokenIssueTime": "2020-01-01T00:00:02Z"}, true},
		{`"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`, given{"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}, false},
		{`"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}`, given{}, false},
		{`"DateGreaterThan": {"aws:EpochTime": 1585699200}`, given{"aws:EpochTime": "1585699200.5"}, true},
		{`"DateGreaterThanEquals": {"aws:EpochTime": "1585699200"}`, given{"aws:EpochTime": "1585699200"}, true},
		{`"DateGreaterThanEquals": {"aws:EpochTime": "1585699200"}`, given{"aws:EpochTime": "1585699199"}, false},
		{`"DateGreaterThan": {"aws:CurrentTime": "2020"}`, given{"aws:CurrentTime": "not a date"}, false},

		// Boolean operators
		{`"Bool": {"aws:SecureTransport": "false"}`, given{"aws:SecureTransport": "false"}, true},
		{`"Bool": {"aws:SecureTransport": "false"}`, given{"aws:SecureTransport": "true"}, false},
		{`"Bool": {"aws:SecureTransport": "false"}`, given{}, false},
		{`"Bool": {"aws:SecureTransport": true}`, given{"aws:SecureTransport": "True"}, true},
		{`"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, given{}, true},
		{`"ForAllValues:Bool": {"aws:x": "true"}`, given{"aws:x": "true|true"}, true},
		{`"ForAllValues:Bool": {"aws:x": "true"}`, given{"aws:x": "true|false"}, false},
		{`"ForAnyValue:Bool": {"aws:x": "true"}`, given{"aws:x": "true|false"}, true},
		{`"ForAnyValue:Bool": {"aws:x": "true"}`, given{"aws:x": "false|false"}, false},

		// Binary operator
		{`"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`, given{"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, true},
		{`"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`, given{"aws:x": "BinaryValueInBase64"}, true},
		{`"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`, given{"aws:x": "ASIAIOSFODNN7EXAMPLE"}, false},
		{`"BinaryEquals": {"aws:x": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}`, given{}, false},

		// IP address operators
		{`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "203.0.113.1"}, true},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "198.51.100.1"}, false},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{}, false},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.7"}`, given{"aws:SourceIp": "203.0.113.7"}, true},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.7"}`, given{"aws:SourceIp": "203.0.113.70"}, false},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.77/24"}`, given{"aws:SourceIp": "203.0.113.1"}, true},
		{`"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}`, given{"aws:SourceIp": "2001:db8:1234:5678:1::2"}, true},
		{`"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}`, given{"aws:SourceIp": "2001:db8:1234:5679::2"}, false},
		{`"IpAddress": {"aws:SourceIp": "2001:db8::1"}`, given{"aws:SourceIp": "2001:db8:0:0:0:0:0:1"}, true},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "::ffff:203.0.113.1"}, true},
		{`"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "198.51.100.1"}, true},
		{`"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "203.0.113.1"}, false},
		{`"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}`, given{"aws:SourceIp": "198.51.100.1"}, false},
		{`"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{}, true},

		// ARN operators
		{`"ArnEquals": {"aws:PrincipalArn": "` + ann + `"}`, given{"aws:PrincipalArn": ann}, true},
		{`"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/*"}`, given{"aws:PrincipalArn": ann}, true},
		{`"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/an?"}`, given{"aws:PrincipalArn": ann}, true},
		{`"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:USER/ann"}`, given{"aws:PrincipalArn": ann}, false},
		{`"ArnEquals": {"aws:PrincipalArn": "arn:aws:*:user/ann"}`, given{"aws:PrincipalArn": ann}, false}, // not across colons
		{`"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam:*"}`, given{"aws:PrincipalArn": ann}, false},
		{`"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:*"}`, given{"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:a:b:c"}, true},
		{`"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:a"}`, given{}, false},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`, given{"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}, true},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`, given{"aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:t"}, false},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t"}`, given{"aws:SourceArn": "no ARN"}, false},
		{`"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`, given{"aws:PrincipalArn": ann + "a"}, true},
		{`"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`, given{"aws:PrincipalArn": ann}, false},
		{`"ArnNotEquals": {"aws:PrincipalArn": "` + ann + `"}`, given{}, true},
		{`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/*"}`, given{"aws:PrincipalArn": ann}, false},
		{`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}`, given{"aws:PrincipalArn": ann}, true},
		{`"StringLike": {"aws:PrincipalArn": "arn:aws:*:user/ann"}`, given{"aws:PrincipalArn": ann}, true}, // across colons

		{`"stringlike": {"aws:x": "a*"}`, given{"aws:x": "ab"}, true}, // operators in another case
		{`"STRINGNOTLIKE": {"aws:x": "a*"}`, given{"aws:x": "ab"}, false},

		// …IfExists
		{`"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`, given{"ec2:InstanceType": "t1.micro"}, true},
		{`"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`, given{"ec2:InstanceType": "m2.micro"}, false},
		{`"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "m3.*"]}`, given{}, true},
		{`"StringNotEqualsIfExists": {"aws:x": "a"}`, given{}, true},
		{`"StringNotEqualsIfExists": {"aws:x": "a"}`, given{"aws:x": "a"}, false},
		{`"NumericLessThanIfExists": {"aws:x": "1"}`, given{}, true},
		{`"DateLessThanIfExists": {"aws:x": "2020"}`, given{}, true},
		{`"BinaryEqualsIfExists": {"aws:x": "YQ=="}`, given{}, true},
		{`"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}`, given{}, true},
		{`"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "198.51.100.1"}, false},
		{`"ArnLikeIfExists": {"aws:x": "arn:aws:iam::111111111111:user/*"}`, given{}, true},
		{`"ForAnyValue:StringLikeIfExists": {"aws:x": "a"}`, given{"aws:x": "a|b"}, true},
		{`"ForAllValues:StringLikeIfExists": {"aws:x": "a"}`, given{"aws:x": "a|b"}, false},

		// Null
		{`"Null": {"aws:TokenIssueTime": "true"}`, given{}, true},
		{`"Null": {"aws:TokenIssueTime": "true"}`, given{"aws:TokenIssueTime": "x"}, false},
		{`"Null": {"aws:TokenIssueTime": "false"}`, given{}, false},
		{`"Null": {"aws:TokenIssueTime": false}`, given{"aws:TokenIssueTime": "x"}, true},
		{`"Null": {"aws:x": "true"}`, given{"aws:x": ""}, false},
		{`"ForAllValues:Null": {"aws:x": "true"}`, given{"aws:x": "a"}, true},
		{`"ForAnyValue:Null": {"aws:x": "true"}`, given{}, false},
		// "StringNotEqualsIfExists in a Deny does not spare requests without the key; it needs Null: false beside it"
		{`"StringNotEqualsIfExists": {"aws:x": "a"}, "Null": {"aws:x": "false"}`, given{}, false},
		{`"StringNotEqualsIfExists": {"aws:x": "a"}, "Null": {"aws:x": "false"}`, given{"aws:x": "b"}, true},
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
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{"aws:TagKeys": "environment|"}, true},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{"aws:TagKeys": "environment|cost-center"}, true},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{"aws:TagKeys": "environment|dept"}, false},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}`, given{}, true},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}`, given{"aws:TagKeys": ""}, true}, // "a null dataset, such as an empty string"
		{`"ForAllValues:StringEquals": {"aws:TagKeys": "environment"}, "Null": {"aws:TagKeys": "false"}`, given{}, false},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{"aws:TagKeys": "environment|dept"}, true},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{"aws:TagKeys": "dept|"}, false},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}`, given{}, false},
		{`"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`, given{"aws:TagKeys": "a|b"}, true},
		{`"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`, given{"aws:TagKeys": "a|secret"}, false},
		{`"ForAllValues:StringNotEquals": {"aws:TagKeys": "secret"}`, given{}, true},
		{`"ForAnyValue:StringNotEquals": {"aws:TagKeys": "secret"}`, given{"aws:TagKeys": "a|secret"}, true},
		{`"ForAnyValue:StringNotEquals": {"aws:TagKeys": "secret"}`, given{"aws:TagKeys": "secret|"}, false},
		// "ForAnyValue:StringNotLike in a Deny lets accounts without an organization pass"
		{`"ForAnyValue:` + inside[1:], given{}, false},
		{`"ForAllValues:` + inside[1:], given{}, true},
		{`"ForAnyValue:` + inside[1:], given{"aws:PrincipalOrgPaths": "o-a/r-a/ou-b/|"}, true},
		{`"ForAnyValue:` + inside[1:], given{"aws:PrincipalOrgPaths": "o-a/r-a/ou-a/ou-c/|"}, false},
		{`"ForAnyValue:ArnLike": {"aws:x": "arn:aws:s3:::b/*"}`, given{"aws:x": "arn:aws:s3:::c/x|arn:aws:s3:::b/x"}, true},
		{`"ForAllValues:ArnNotLike": {"aws:x": "arn:aws:s3:::b/*"}`, given{"aws:x": "arn:aws:s3:::c/x|arn:aws:s3:::b/x"}, false},
		{`"ForAnyValue:NumericLessThan": {"aws:x": "5"}`, given{"aws:x": "7|3"}, true},
		{`"ForAllValues:NumericLessThan": {"aws:x": "5"}`, given{"aws:x": "7|3"}, false},
		// A multivalued key without a set operator: one value that matches is enough, and negated none may match.
		{`"StringEquals": {"aws:x": "b"}`, given{"aws:x": "a|b"}, true},
		{`"StringNotEquals": {"aws:x": "b"}`, given{"aws:x": "a|b"}, false},
		// reference_policies_condition-logic-multiple-context-keys-or-values.html: keys and operators are all needed
		{`"StringEquals": {"aws:PrincipalTag/department": ["hr", "legal"], "aws:PrincipalTag/role": "audit"}`, given{"aws:PrincipalTag/department": "hr", "aws:PrincipalTag/role": "audit"}, true},
		{`"StringEquals": {"aws:PrincipalTag/department": ["hr", "legal"], "aws:PrincipalTag/role": "audit"}`, given{"aws:PrincipalTag/department": "hr"}, false},
		{`"StringEquals": {"aws:x": "a"}, "StringLike": {"aws:y": "b*"}`, given{"aws:x": "a", "aws:y": "c"}, false},
		// reference_policies_elements_condition.html: keys ignore case, also after the slash
		{`"StringEquals": {"AWS:principaltag/DEPARTMENT": "hr"}`, given{"aws:PrincipalTag/department": "hr"}, true},
		{`"StringEquals": {"kms:encryptioncontext:AWS:S3:ARN": "x"}`, given{"kms:EncryptionContext:aws:s3:arn": "x"}, true},
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
		{"filled in", "2012-10-17", `"StringLike": {"s3:prefix": "home/${aws:username}/*"}`, given{"s3:prefix": "home/ann/x", "aws:username": "ann"}, true},
		{"another's", "2012-10-17", `"StringLike": {"s3:prefix": "home/${aws:username}/*"}`, given{"s3:prefix": "home/bob/x", "aws:username": "ann"}, false},
		{"name in another case", "2012-10-17", `"StringEquals": {"s3:prefix": "${AWS:UserName}"}`, given{"s3:prefix": "ann", "aws:username": "ann"}, true},
		{"literal in the older version", "2008-10-17", `"StringEquals": {"s3:prefix": "${aws:username}"}`, given{"s3:prefix": "${aws:username}", "aws:username": "ann"}, true},
		{"not filled in in the older version", "2008-10-17", `"StringEquals": {"s3:prefix": "${aws:username}"}`, given{"s3:prefix": "ann", "aws:username": "ann"}, false},
		{"no value", "2012-10-17", `"StringLike": {"s3:prefix": "${aws:username}*"}`, given{"s3:prefix": "x"}, false},
		{"no value, negated", "2012-10-17", `"StringNotEquals": {"s3:prefix": "${aws:username}"}`, given{"s3:prefix": "x"}, true},
		{"no value, another value matches", "2012-10-17", `"StringEquals": {"s3:prefix": ["${aws:username}", "x"]}`, given{"s3:prefix": "x"}, true},
		{"both without value", "2012-10-17", `"StringEquals": {"aws:x": "${aws:y}"}`, given{}, false},
		{"default", "2012-10-17", `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"}`, given{"s3:prefix": "company-wide"}, true},
		{"default not needed", "2012-10-17", `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'company-wide'}"}`, given{"s3:prefix": "company-wide", "aws:PrincipalTag/team": "yellow"}, false},
		{"empty default", "2012-10-17", `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, ''}"}`, given{"s3:prefix": ""}, true},
		{"default with a brace", "2012-10-17", `"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'a}, b'}"}`, given{"s3:prefix": "a}, b"}, true},
		{"literal asterisk", "2012-10-17", `"StringLike": {"s3:prefix": "a${*}"}`, given{"s3:prefix": "a*"}, true},
		{"literal asterisk is no wildcard", "2012-10-17", `"StringLike": {"s3:prefix": "a${*}"}`, given{"s3:prefix": "ab"}, false},
		{"literal question mark", "2012-10-17", `"StringLike": {"s3:prefix": "a${?}*"}`, given{"s3:prefix": "a?b"}, true},
		{"literal question mark is no wildcard", "2012-10-17", `"StringLike": {"s3:prefix": "a${?}*"}`, given{"s3:prefix": "axb"}, false},
		{"literal dollar", "2012-10-17", `"StringEquals": {"s3:prefix": "${$}{aws:username}"}`, given{"s3:prefix": "${aws:username}", "aws:username": "ann"}, true},
		{"a dollar alone", "2012-10-17", `"StringEquals": {"s3:prefix": "a$b$"}`, given{"s3:prefix": "a$b$"}, true},
		{"wildcards in a value are literal", "2012-10-17", `"StringLike": {"s3:prefix": "${aws:username}"}`, given{"s3:prefix": "anything", "aws:username": "*"}, false},
		{"multivalued keys are no variables", "2012-10-17", `"StringEquals": {"s3:prefix": "${aws:TagKeys}"}`, given{"s3:prefix": "a", "aws:TagKeys": "a|"}, false},
		{"in an ARN", "2012-10-17", `"ArnEquals": {"aws:x": "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"}`, given{"aws:x": "arn:aws:iam::111111111111:user/ann", "aws:PrincipalAccount": "111111111111", "aws:username": "ann"}, true},
		{"a whole ARN", "2012-10-17", `"ArnEquals": {"aws:x": "${aws:PrincipalArn}"}`, given{"aws:x": "arn:aws:iam::111111111111:user/ann", "aws:PrincipalArn": "arn:aws:iam::111111111111:user/ann"}, true},
		{"ignoring case", "2012-10-17", `"StringEqualsIgnoreCase": {"s3:prefix": "${aws:username}/X"}`, given{"s3:prefix": "ANN/x", "aws:username": "ann"}, true},
		{"in a boolean", "2012-10-17", `"Bool": {"aws:x": "${aws:y}"}`, given{"aws:x": "true", "aws:y": "true"}, true},
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
		{"number, ill-typed", `"NumericLessThan": {"aws:x": "ten"}`, given{"aws:x": "5"}},
		{"number, ill-typed, negated", `"NumericNotEquals": {"aws:x": "ten"}`, given{"aws:x": "5"}},
		{"number, one of two ill-typed", `"NumericEquals": {"aws:x": ["ten", "7"]}`, given{"aws:x": "5"}},
		{"number, of the request", `"NumericNotEquals": {"aws:x": "5"}`, given{"aws:x": "five"}},
		{"date, ill-typed", `"DateLessThan": {"aws:CurrentTime": "tomorrow"}`, given{"aws:CurrentTime": "2026-01-01"}},
		{"address, a placeholder", `"IpAddress": {"aws:SourceIp": "YOUR-IP"}`, given{"aws:SourceIp": "203.0.113.1"}},
		{"address, negated", `"NotIpAddress": {"aws:SourceIp": "YOUR-IP"}`, given{"aws:SourceIp": "203.0.113.1"}},
		{"address, of the request", `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, given{"aws:SourceIp": "AWS Internal"}},
		{"base64, ill-typed", `"BinaryEquals": {"aws:x": "?"}`, given{"aws:x": "?!"}},
		{"boolean, ill-typed", `"Bool": {"aws:SecureTransport": "no"}`, given{"aws:SecureTransport": "true"}},
		{"boolean, both", `"Bool": {"aws:SecureTransport": ["true", "false"]}`, given{"aws:SecureTransport": "true"}},
		{"Null, ill-typed", `"Null": {"aws:x": "yes"}`, given{}},
		{"Null, both", `"Null": {"aws:x": ["true", "false"]}`, given{}},
		{"ARN of five fields", `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*"}`, given{"aws:PrincipalArn": ann}},
		{"ARN of five fields, negated", `"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*"}`, given{"aws:PrincipalArn": ann}},
		{"ARN that is only a wildcard", `"ArnNotEquals": {"aws:PrincipalArn": "*"}`, given{"aws:PrincipalArn": ann}},
		{"ARN, of the request", `"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::b"}`, given{"aws:SourceArn": "b"}},
		{"ForAnyValue with IfExists", `"ForAnyValue:StringLikeIfExists": {"aws:x": "a"}`, given{}},
		{"ForAnyValue with IfExists, negated", `"ForAnyValue:StringNotLikeIfExists": {"aws:x": "a"}`, given{}},
		{"ForAllValues, one ill-typed", `"ForAllValues:NumericEquals": {"aws:x": ["5", "x"]}`, given{"aws:x": "5|6"}},
		{"ForAnyValue, one ill-typed", `"ForAnyValue:NumericEquals": {"aws:x": ["5", "x"]}`, given{"aws:x": "6|7"}},
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
		{"a value that matches beside an ill-typed one", `"NumericEquals": {"aws:x": ["ten", "5"]}`, given{"aws:x": "5"}, true},
		{"the same, negated", `"NumericNotEquals": {"aws:x": ["ten", "5"]}`, given{"aws:x": "5"}, false},
		{"without the key the type does not matter", `"NumericEquals": {"aws:x": "ten"}`, given{}, false},
		{"without the key, negated", `"NumericNotEquals": {"aws:x": "ten"}`, given{}, true},
		{"ForAllValues, one that is none of them", `"ForAllValues:StringEquals": {"aws:x": "a"}`, given{"aws:x": "a|b"}, false},
	} {
		if got, deny := holds(t, policy.Version, c.condition, c.context), holdsInDeny(t, c.condition, c.context); got != c.want || deny != c.want {
			t.Errorf("%s: %s in %v: holds is %v in an Allow and %v in a Deny, want %v", c.name, c.condition, c.context, got, deny, c.want)
		}
	}
}
