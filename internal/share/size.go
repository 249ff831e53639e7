package share

import (
	"example.com/sharedbucket/policy"
)

const groupRemedy = "give consumers the same level and prefixes, so that they share statements, or let the Organization or an OrganizationalUnit in instead of single accounts"

// checkSizes adds a violation for every document that is too large as the share alone makes it. What stands in a policy
// already is not known before it was read; the plan checks the sum.
func (s Share) checkSizes(bad *Violations) {
	key := s.keyOrPending()
	bucketPolicy := policy.Document{Version: policy.Version, Statements: s.BucketPolicy(key)}
	keyPolicy := policy.Document{Version: policy.Version, Statements: append([]policy.Statement{s.Administration()}, s.KeyPolicy()...)}
	addSize(bad, "Consumers", bucketPolicySize(bucketPolicy.Text(), s.Bucket))
	addSize(bad, "Consumers", keyPolicySize(keyPolicy.Text()))
	for _, id := range Identities(s.Delegates) {
		addSize(bad, "Delegates", inlineSize(id, s.InlinePolicy(id, key).Text(), 0))
	}
}

func (a Access) checkSizes(bad *Violations) {
	key := orDefault(a.KeyARN, a.Env.PendingKeyARN())
	for _, id := range Identities(a.Grantees) {
		addSize(bad, "Grantees", inlineSize(id, a.InlinePolicy(id, key).Text(), 0))
	}
}

func (s Share) keyOrPending() string { return orDefault(s.KeyARN, s.Env.PendingKeyARN()) }

func addSize(bad *Violations, property string, err error) {
	if err != nil {
		bad.add(property, "", "%s", err)
	}
}

func bucketPolicySize(document, bucket string) error {
	return tooLarge("the bucket policy of "+bucket, len(document), policy.BucketPolicyLimit, groupRemedy)
}

func keyPolicySize(document string) error {
	return tooLarge("the key policy", len(document), policy.KeyPolicyLimit, groupRemedy)
}

// inlineSize checks an inline policy together with others bytes of the identity's other inline policies.
func inlineSize(id Identity, document string, others int) error {
	return tooLarge("inline policies of "+id.String()+" together", policy.CharactersIAMCounts(document)+others, id.Kind.inlineLimit(),
		"use fewer prefixes, move other inline policies into managed ones, or use a role instead of a user")
}

// tooLarge returns a nil error, not a nil *policy.SizeError in one, for what fits.
func tooLarge(what string, size, limit int, remedy string) error {
	if size <= limit {
		return nil
	}
	return &policy.SizeError{What: what, Size: size, Limit: limit, Remedy: remedy}
}
