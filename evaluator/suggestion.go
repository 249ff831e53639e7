package evaluator

import (
	"strings"

	"example.com/sharedbucket/policy"
)

// literal writes a text so that in a document of Version 2012-10-17 it stands for itself only: an object key can have
// the characters of wildcards and policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
var literal = strings.NewReplacer("*", "${*}", "?", "${?}", "${", "${$}{")

// Suggestion is the smallest set of statements that, added to a policy of the reason's layer, would be enough there:
// with the suggestions of all reasons of a denied request followed, it is allowed. There is none where adding an Allow
// cannot help (an explicit Deny, Block Public Access, a document that is not valid) and none that would open a bucket
// to everybody.
func (r Reason) Suggestion() []policy.Statement {
	if r.cause != notAllowed {
		return nil
	}
	s := policy.Statement{
		Effect:   policy.Allow,
		Action:   policy.Values{r.Action},
		Resource: policy.Values{literal.Replace(r.Resource)},
	}
	switch r.Layer {
	case LayerBucketPolicy, LayerKeyPolicy:
		if r.check.requester.Account == nil {
			return nil
		}
		s.Principal = &policy.Principal{AWS: policy.Values{r.check.requester.principalARN()}}
		if r.Layer == LayerKeyPolicy {
			s.Resource = policy.Values{"*"} // "this KMS key"
		}
	}
	return []policy.Statement{s}
}
