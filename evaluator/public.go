package evaluator

import (
	"net/netip"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// Public says whether Block Public Access takes a bucket policy for a public one.
func (p *Policy) Public() bool { return isPublic(p) }

// isPublic is Block Public Access' own test, which starts from the assumption that a policy is public: it is not when
// every Allow is for fixed values. One statement that is public makes the whole policy so. "An access point policy that
// grants access to a set of access points using s3:DataAccessPointArn is considered public."
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
func isPublic(p *Policy) bool {
	if p == nil || len(p.Problems) > 0 {
		return false
	}
	_, ofPoint := pointKindOf(p.Kind)
	return slices.ContainsFunc(p.statements, func(s statement) bool {
		return s.effect == policy.Allow && s.principals.everyone &&
			!slices.ContainsFunc(s.conditions, func(c condition) bool {
				return c.restrictsToFixedValues() && !(ofPoint && c.key == "s3:dataaccesspointarn")
			})
	})
}

// fixingKeys are the condition keys that the page lists, with the KMS key id, which the API's page on the setting still
// has. Of the keys for principals it names aws:PrincipalOrgID; others, such as aws:PrincipalArn, do not make a policy
// non-public here.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PublicAccessBlockConfiguration.html
var fixingKeys = []string{
	"aws:principalorgid", "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
	"aws:sourceaccount", "aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id",
	"s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}

// restrictsToFixedValues says whether a condition lets only fixed values through. A negated one lets all others
// through, …IfExists and ForAllValues everybody without the key.
func (c condition) restrictsToFixedValues() bool {
	o := c.operator
	if o.Negated || o.IfExists || o.Set == grammar.ForAllValues || !slices.Contains(fixingKeys, c.key) {
		return false
	}
	for _, value := range c.want {
		if !fixed(o.Operand, c.key, value) {
			return false
		}
	}
	return len(c.want) > 0
}

// fixed says whether a value is without wildcard and policy variable. An access point's name can be a wildcard when
// its account is not; address ranges are fixed up to a size.
func fixed(operand grammar.Operand, key, value string) bool {
	switch {
	case operand == grammar.AddressOperand:
		network, ok := grammar.ParseNetwork(value)
		return key == "aws:sourceip" && ok && !isBroad(network)
	case operand == grammar.ARNOperand && !isARN(value), operand != grammar.StringOperand && operand != grammar.ARNOperand:
		return false
	case key == "s3:dataaccesspointarn":
		arn, ok := grammar.ParseARN(value)
		return ok && !strings.ContainsAny(arn.Account, "*?$") && arn.Account != "" && !strings.Contains(value, "${")
	}
	return !strings.ContainsAny(value, "*?") && !strings.Contains(value, "${")
}

// isBroad: "values broader than /8 for IPv4 and /32 for IPv6 (excluding RFC1918 private ranges)". No private range is
// broader than /8, so the exception never matters.
func isBroad(n netip.Prefix) bool {
	if n.Addr().Is4() {
		return n.Bits() < 8
	}
	return n.Bits() < 32
}
