package plan_test

import (
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// lostKey is what a run of the share's event leaves that dies right after its CreateKey.
func lostKey(t sharetest.Fataler, w *sharetest.Account, s share.Share) *plan.Key {
	t.Helper()
	tags := map[string]string{
		plan.TagStackID: owner.StackID, plan.TagLogicalID: owner.LogicalID, plan.TagForBucket: s.Bucket,
	}
	made, err := w.Apply(plan.Step{
		Operation: plan.CreateKey, Tags: tags, After: document.OfNewKey(s.Env),
	})
	sharetest.Must(t, err)
	return w.Keys[made]
}

// Whatever event comes next gives up the key of a run that died, and no key that may have been used.
func TestKeyOfARunThatDiedIsGivenUp(t *testing.T) {
	const goes, stays = plan.KeyPendingDeletion, plan.KeyEnabled
	for _, c := range []struct {
		name string
		with func(k, own *plan.Key, b *sharetest.Bucket)
		want string
	}{
		{name: "as CreateKey left it", want: goes},
		{
			name: "with an alias",
			with: func(k, _ *plan.Key, _ *sharetest.Bucket) { k.Aliases = []string{"alias/old"} }, want: stays,
		},
		{name: "with rotation", with: func(k, _ *plan.Key, _ *sharetest.Bucket) { k.Rotation = 365 }, want: stays},
		{
			name: "that lets somebody in",
			with: func(k, own *plan.Key, _ *sharetest.Bucket) { k.Policy = own.Policy }, want: stays,
		},
		{
			name: "for another bucket of the resource",
			with: func(k, _ *plan.Key, _ *sharetest.Bucket) { k.Tags[plan.TagForBucket] = "other-bucket" }, want: stays,
		},
		{
			name: "of another resource of the stack",
			with: func(k, _ *plan.Key, _ *sharetest.Bucket) { k.Tags[plan.TagLogicalID] = "Other" }, want: stays,
		},
		{
			name: "of another stack",
			with: func(k, _ *plan.Key, _ *sharetest.Bucket) { k.Tags[plan.TagStackID] = otherOwner.StackID }, want: stays,
		},
		{
			name: "that the bucket uses all the same",
			with: func(k, _ *plan.Key, b *sharetest.Bucket) { b.Encryption.KeyID = k.ARN }, want: stays,
		},
		{
			name: "while the share's key has lost its alias, which it gets first",
			with: func(_, own *plan.Key, _ *sharetest.Bucket) { own.Aliases = nil }, want: goes,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := declare(t, walkthrough)
			w := deployed(t, s)
			own := liveKeys(w)[0]
			lost := lostKey(t, w, s)
			if c.with != nil {
				c.with(lost, own, w.Buckets[bucket])
			}
			steps := apply(t, w, plan.Wanted{Share: s, Previous: &s, Owner: owner})
			if own.State != plan.KeyEnabled || w.Keys[lost.ARN].State != c.want {
				t.Errorf("the share's key is %s, the other one %s after %s", own.State, w.Keys[lost.ARN].State, operations(steps))
			}
		})
	}
}

func TestKeyOfARunThatDiedGoesWithTheShare(t *testing.T) {
	for _, more := range []string{
		"", `, "RemovalPolicy": "Delete"`, `, "Encryption": {"KeyArn": "` + sharetest.KeyOf(sharetest.Sydney) + `"}`,
	} {
		s := declare(t, walkthrough+more)
		w := accountWithBucket("", rootOnly)
		delete(w.Buckets, bucket)
		w.Identities[ann] = map[string]string{}
		apply(t, w, plan.Wanted{Share: s, Owner: owner, Limits: share.Limits{KeyArns: []string{"*"}}})
		lost := lostKey(t, w, s)
		steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed})
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
		if lost.State != plan.KeyPendingDeletion {
			t.Errorf("%s: it is %s after %s", more, lost.State, operations(steps))
		}
	}
}

// A share whose own key is not settled gives up none: another run may be about to use it.
func TestNoKeyIsGivenUpBeforeTheAliasIsThere(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	liveKeys(w)[0].Aliases = nil
	lostKey(t, w, s)
	steps, err := plan.ForShare(plan.Wanted{Share: s, Previous: &s, Owner: owner},
		w.Observe(plan.Wanted{Share: s, Previous: &s, Owner: owner}))
	sharetest.Must(t, err)
	if operations(steps) != "CreateAlias; ScheduleKeyDeletion" {
		t.Error(operations(steps))
	}
}
