package plan_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/plan"
)

// In an adopted bucket's policy of an older Version, {account} would be text and give nobody anything.
func TestVariablesInAnAdoptedBucketsPolicy(t *testing.T) {
	const theirs = `{"Version": "2008-10-17", "Statement": {"Sid": "Theirs", "Effect": "Deny", "Principal": "*",
		"Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::account-a-bucket/KEPT/*"}}`
	const folders = `"Adopt": true, "Consumers": [{"Organization": "o-a1b2c3d4e5", "Prefixes": "accounts/{account}"}]`
	const conflict = "older Version with ${ in it, in which {account} and the Canary's folder would be text"
	for _, c := range []struct{ name, kept, declared, conflict string }{
		{name: "no ${ of somebody else's", kept: "kept", declared: folders},
		{name: "a ${ that is text today", kept: "${kept}", declared: folders + `, "Canary": false`, conflict: conflict},
		{
			name: "the same beside a canary", kept: "${kept}", conflict: conflict,
			declared: `"Adopt": true, "Consumers": [{"Account": "222222222222"}]`,
		},
	} {
		declared := declare(t, c.declared)
		w := accountWithBucket(strings.Replace(theirs, "KEPT", c.kept, 1), "")
		wanted := plan.Wanted{Share: declared, Owner: owner}
		if c.conflict == "" {
			apply(t, w, wanted)
			if text := w.Buckets[bucket].Policy.Text(); !strings.Contains(text, `"Version":"2012-10-17"`) {
				t.Errorf("%s: %s", c.name, text)
			}
			continue
		}
		if _, err := plan.ForShare(wanted, w.Observe(wanted)); err == nil || !strings.Contains(err.Error(), c.conflict) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
