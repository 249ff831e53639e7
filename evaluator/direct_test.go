package evaluator_test

import (
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// TestActionsOnResourcesWithoutAPolicy: kms:CreateKey is about no key yet, and an alias has no policy. The requester's
// own policies decide, and no key policy is missed, nor does that of the bucket's key count.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
func TestActionsOnResourcesWithoutAPolicy(t *testing.T) {
	account := &evaluator.Account{ID: owner}
	closed := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement":
		{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}`, grammar.KeyPolicy)
	e := evaluator.NewEvaluator(evaluator.Bucket{
		Name: "b", Region: "eu-west-1", Owner: account,
		Key: &evaluator.Key{ARN: "arn:aws:kms:eu-west-1:111111111111:key/k", Owner: account, Policy: closed},
	})
	const alias = "arn:aws:kms:eu-west-1:111111111111:alias/a"
	for _, test := range []struct {
		name, allowed, action, resource string
		want                            evaluator.Verdict
	}{
		{name: "a new key", allowed: "*", action: "kms:CreateKey", resource: "*", want: evaluator.Allow},
		{
			name: "a new key by a right on keys", allowed: "arn:aws:kms:*:*:key/*",
			action: "kms:CreateKey", resource: "*", want: evaluator.Deny,
		},
		{name: "an alias", allowed: alias, action: "kms:CreateAlias", resource: alias, want: evaluator.Allow},
		{name: "another alias", allowed: alias, action: "kms:CreateAlias", resource: alias + "b", want: evaluator.Deny},
		{name: "the bucket's key", allowed: "*", action: "kms:CreateAlias", want: evaluator.Deny},
	} {
		t.Run(test.name, func(t *testing.T) {
			identity := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "` + test.action +
				`", "Resource": "` + test.allowed + `"}}`
			r := evaluator.NewRequester(evaluator.Principal{
				ARN: ann, Type: evaluator.User, Account: account,
				Identity: []*evaluator.Policy{evaluator.NewPolicy("", identity, grammar.Identity)},
			})
			d := e.Decide(r, evaluator.Request{Operation: evaluator.Operation(test.action), Resource: test.resource})
			if d.Overall != test.want {
				t.Errorf("%s, want %s", d.Overall, test.want)
			}
		})
	}
}
