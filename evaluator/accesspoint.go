package evaluator

import (
	"slices"

	"example.com/sharedbucket/policy/grammar"
)

// AccessPoint is a way to the bucket with a policy of its own. Its owner need not be the bucket's.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html
type AccessPoint struct {
	ARN                   string
	Owner                 *Account
	Policy                *Policy // nil for none
	VPC                   string  // the VPC from which alone it takes requests; empty for the internet
	RestrictPublicBuckets bool
}

// pointKind is a kind of access point.
type pointKind struct {
	policy grammar.Kind
	layer  Layer
	is     func(grammar.ARN) bool // says whether an ARN is that of one; the first kind that says so counts
}

var pointKinds = []pointKind{
	{
		policy: grammar.AccessPointPolicy, layer: LayerAccessPoint,
		is: func(arn grammar.ARN) bool { return arn.Service == "s3" },
	},
}

// PolicyKind is the kind of policy that the access point has, by its ARN; "" when that is no access point's.
func (p AccessPoint) PolicyKind() grammar.Kind {
	arn, ok := grammar.ParseARN(p.ARN)
	for _, k := range pointKinds {
		if ok && k.is(arn) {
			return k.policy
		}
	}
	return ""
}

// pointKindOf is the kind of access point that has a kind of policy.
func pointKindOf(policy grammar.Kind) (pointKind, bool) {
	i := slices.IndexFunc(pointKinds, func(k pointKind) bool { return k.policy == policy })
	if i < 0 {
		return pointKind{}, false
	}
	return pointKinds[i], true
}
