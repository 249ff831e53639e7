package plan_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

func accountWithAKey() *sharetest.Account {
	w := accountWithBucket("", `{"Version": "2012-10-17", "Statement": [{"Sid": "ours", "Effect": "Allow",
		"Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*", "Resource": "*"}]}`)
	delete(w.Buckets, bucket)
	return w
}

// TestAnotherKeyLeavesNothingOnTheFormerOne goes from a key of the share's own to one of the account's and back, and
// then away.
func TestAnotherKeyLeavesNothingOnTheFormerOne(t *testing.T) {
	properties := `"Consumers": [{"Account": "222222222222"}], "RemovalPolicy": "Delete"`
	own, _ := rememberedShare(t, properties)
	keyOfTheAccount := sharetest.KeyOf(sharetest.Sydney)
	declared, _ := rememberedShare(t, properties+`, "Encryption": {"KeyArn": "`+keyOfTheAccount+`"}`)
	w := accountWithAKey()
	shared := func(arn string) bool {
		return strings.Contains(w.Keys[arn].Policy.Text(), document.InKeyPolicy(own.Bucket).SidPrefix)
	}
	apply(t, w, plan.Wanted{Share: own, Owner: owner})
	made := w.Buckets[bucket].Encryption.KeyID
	for _, s := range []struct {
		to, from   plan.Wanted
		uses, left string
	}{
		{to: plan.Wanted{Share: declared}, from: plan.Wanted{Share: own}, uses: keyOfTheAccount, left: made},
		{to: plan.Wanted{Share: own}, from: plan.Wanted{Share: declared}, uses: made, left: keyOfTheAccount},
		{to: plan.Wanted{Share: declared}, from: plan.Wanted{Share: own}, uses: keyOfTheAccount, left: made},
	} {
		apply(t, w, plan.Wanted{Share: s.to.Share, Previous: &s.from.Share, Owner: owner})
		if !shared(s.uses) || shared(s.left) {
			t.Fatalf("after going to %s: statements on it %t, on the former one %t", s.uses, shared(s.uses), shared(s.left))
		}
	}
	gone := plan.Wanted{Share: declared, Owner: owner, Removal: plan.Completed}
	steps, err := removal(w, gone)
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	if shared(keyOfTheAccount) || w.Keys[keyOfTheAccount].State != plan.KeyEnabled {
		t.Errorf("the account's key after the removal: %+v", w.Keys[keyOfTheAccount])
	}
	if w.Keys[made].State != plan.KeyPendingDeletion {
		t.Errorf("the share's own key is %s", w.Keys[made].State)
	}
}

func TestFormerKeyThatWasNotFoundIsLeftAllTheSame(t *testing.T) {
	properties := `"Consumers": [{"Account": "222222222222"}]`
	own, _ := rememberedShare(t, properties)
	keyOfTheAccount := sharetest.KeyOf(sharetest.Sydney)
	declared, _ := rememberedShare(t, properties+`, "Encryption": {"KeyArn": "`+keyOfTheAccount+`"}`)
	w := accountWithAKey()
	apply(t, w, plan.Wanted{Share: declared, Owner: owner})
	update := plan.Wanted{Share: own, Previous: &declared, Owner: owner}
	now := w.Observe(update)
	now.Former = nil
	steps, err := plan.ForShare(update, now)
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	if text := w.Keys[keyOfTheAccount].Policy.Text(); strings.Contains(text, document.InKeyPolicy(own.Bucket).SidPrefix) {
		t.Errorf("the key that is used no more has %s", text)
	}
}
