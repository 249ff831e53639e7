package document

import (
	"cmp"

	"example.com/sharedbucket/internal/share"
)

// anyMark is as long as every mark.
var anyMark = MarkOf("", "")

// CheckShare finds the documents of a share that are too large as the share alone makes them. What stands in a policy
// already is not known before it was read; the plan checks the sum. The error is Violations.
func CheckShare(s share.Share) error {
	var bad share.Violations
	policies := OfShare(s, cmp.Or(s.KeyARN, s.Env.PendingKeyARN()), anyMark)
	addSize(&bad, "Consumers", policies.Bucket.limit.Check(len(policies.BucketPolicy().Text())))
	addSize(&bad, "Consumers", policies.Key.limit.Check(len(policies.KeyPolicy().Text())))
	policies.checkSizes(&bad, "Delegates", s.PolicyType)
	return bad.Err()
}

// CheckAccess is to an Access what CheckShare is to a Share.
func CheckAccess(a share.Access) error {
	var bad share.Violations
	OfAccess(a, cmp.Or(a.KeyARN, a.Env.PendingKeyARN()), anyMark).checkSizes(&bad, "Grantees", a.PolicyType)
	return bad.Err()
}

func (p Policies) checkSizes(bad *share.Violations, property, policyType string) {
	for _, i := range p.Identities {
		_, err := i.Fit(0).Type(policyType)
		addSize(bad, property, err)
	}
}

func addSize(bad *share.Violations, property string, err error) {
	if err != nil {
		bad.Add(property, "", "%s", err)
	}
}
