package evaluator

import (
	"strings"

	"example.com/sharedbucket/policy"
)

// literal writes a text so that in a document of Version 2012-10-17 it stands for itself only: an object key can have
// the characters of wildcards and policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
var literal = strings.NewReplacer("*", "${*}", "?", "${?}", "${", "${$}{")

// anyVersion writes a text so that it stands for itself in a document of any Version. Before 2012-10-17 there is no way
// to write a literal * or ?, so that a ? stands for each, and for the $ of what would be a variable.
var anyVersion = strings.NewReplacer("*", "?", "${", "?{")

// Suggestion is the smallest set of statements that, added to a policy of the reason's layer, would be enough there:
// with the suggestions of all reasons of a denied request followed, it is allowed. There is none where adding an Allow
// cannot help (an explicit Deny, Block Public Access, a document that is not valid) and none that would open a bucket
// to everybody.
func (r Reason) Suggestion() []policy.Statement {
	if r.cause != notAllowed {
		return nil
	}
	s := policy.Statement{
		Effect: policy.Allow, Action: policy.Values{r.Action}, Resource: policy.Values{r.resourceLiteral()},
	}
	if r.authorization.kind != "" && r.Layer == r.authorization.resourceLayer() {
		if r.authorization.requester.Account == nil {
			return nil
		}
		s.Principal = &policy.Principal{AWS: policy.Values{r.authorization.requester.principalARN()}}
		if r.Layer == LayerKeyPolicy {
			s.Resource = policy.Values{"*"} // "this KMS key"
		}
	}
	return []policy.Statement{s}
}

// resourceLiteral is the resource as it must be written in the layer's policies. Nobody knows what Version a policy
// gets that is not there yet.
func (r Reason) resourceLiteral() string {
	current := 0
	for _, p := range r.candidates() {
		switch {
		case p == nil:
		case p.Document.Version != policy.Version:
			return anyVersion.Replace(r.Resource)
		default:
			current++
		}
	}
	if current == 0 {
		return anyVersion.Replace(r.Resource)
	}
	return literal.Replace(r.Resource)
}
