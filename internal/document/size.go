package document

import (
	"cmp"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

const groupRemedy = "give consumers the same level and prefixes, so that they share statements, " +
	"let the Organization or an OrganizationalUnit in instead of single accounts, write {account} for a folder of each, " +
	"or leave the canary out (Canary: false)"

// anyMark is as long as every mark.
var anyMark = MarkOf("", "")

// CheckShare finds the documents of a share that are too large as the share alone makes them. What stands in a policy
// already is not known before it was read; the plan checks the sum. The error is Violations.
func CheckShare(s share.Share) error {
	var bad share.Violations
	policies := OfShare(s, cmp.Or(s.KeyARN, s.Env.PendingKeyARN()), anyMark)
	addSize(&bad, "Consumers", BucketPolicySize(policies.BucketPolicy().Text(), s.Bucket))
	addSize(&bad, "Consumers", KeyPolicySize(policies.KeyPolicy().Text()))
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
		_, err := FitOf(i.Identity, i.Document.Text(), 0).Type(policyType)
		addSize(bad, property, err)
	}
}

func addSize(bad *share.Violations, property string, err error) {
	if err != nil {
		bad.Add(property, "", "%s", err)
	}
}

// BucketPolicySize is an error for a bucket policy that S3 would refuse for its size.
func BucketPolicySize(document, bucket string) error {
	return tooLarge("the bucket policy of "+bucket, len(document), policy.BucketPolicyLimit, groupRemedy)
}

// KeyPolicySize is an error for a key policy that KMS would refuse for its size.
func KeyPolicySize(document string) error {
	return tooLarge("the key policy", len(document), policy.KeyPolicyLimit, groupRemedy)
}
