package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

func drawAccount(t *rapid.T, env share.Env) *sharetest.Account {
	return sharetest.NewAccount(env, sharetest.IdentityPool...)
}

// protected says what a bucket lacks before anybody may be let in.
func unprotected(b *sharetest.Bucket) string {
	switch {
	case !bool(b.AccessBlocked):
		return "Block Public Access"
	case !bool(b.OwnerEnforced):
		return "ownership"
	case b.Versioning == "":
		return "versioning"
	case b.Encryption.Algorithm != "aws:kms" || !b.Encryption.SSECBlocked || !b.Encryption.BucketKey:
		return "default encryption"
	}
	return ""
}

// admitted is everybody outside the account who is let in by bucket and key.
func admitted(t sharetest.Fataler, w *sharetest.Account, bucket string) []string {
	var all []string
	add := func(document string) {
		who, err := sharetest.Admitted(document, w.Env.Account)
		sharetest.Must(t, err)
		all = append(all, who...)
	}
	if b := w.Buckets[bucket]; b != nil {
		add(b.Policy.Text())
	}
	for _, k := range w.Keys {
		add(k.Policy.Text())
	}
	return all
}

// liveKeys are the keys that do not wait for their deletion.
func liveKeys(w *sharetest.Account) []*plan.Key {
	var live []*plan.Key
	for _, k := range w.Keys {
		if k.State != plan.KeyPendingDeletion {
			live = append(live, k)
		}
	}
	return live
}

// run plans and applies, at most stopAfter steps (all when negative), and checks every state on the way.
func run(t *rapid.T, w *sharetest.Account, wanted plan.Wanted, stopAfter int, allowed func(string) bool) (done int) {
	t.Helper()
	s := wanted.Share
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	sharetest.Must(t, err)
	if stopAfter == 0 {
		return 0
	}
	before := admitted(t, w, s.Bucket)
	had := map[share.Identity]bool{}
	for id := range w.Identities {
		had[id] = len(w.InForce(id, s.PolicyName())) > 0
	}
	_, err = w.Run(steps, func(step plan.Step) bool {
		done++
		now := admitted(t, w, s.Bucket)
		for _, who := range now {
			if !allowed(who) {
				t.Fatalf("after %s, %s is let in", step, who)
			}
			if lacks := unprotected(w.Buckets[s.Bucket]); lacks != "" && !known(before, who) {
				t.Fatalf("after %s, %s is let in before there is %s", step, who, lacks)
			}
		}
		for id := range w.Identities {
			if len(w.InForce(id, s.PolicyName())) > 0 && !had[id] {
				if there := w.Buckets[s.Bucket].Policy.Says(document.OfShare(s, "", "").Bucket.Statements[0]); !there ||
					unprotected(w.Buckets[s.Bucket]) != "" {
					t.Fatalf("after %s, the bucket's denials are not in force", step)
				}
			}
		}
		return done != stopAfter
	})
	sharetest.Must(t, err)
	return done
}

// known says whether somebody was let in before. The canary's statement lets in the providers' roles of accounts that
// stand in it as well: who had the whole bucket and now only reads gets it when the rest goes, which is nothing new.
func known(before []string, who string) bool {
	return slices.Contains(before, who) || strings.HasSuffix(who, "role/"+share.ProviderRolePrefix+"*")
}

func planIsEmpty(t *rapid.T, w *sharetest.Account, wanted plan.Wanted) {
	t.Helper()
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	sharetest.Must(t, err)
	if len(steps) > 0 {
		t.Fatalf("a second plan has steps: %v", steps)
	}
}

func TestCreateConvergesAfterAnyCrash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		properties := sharetest.Properties(env).Draw(t, "properties")
		s := sharetest.Parse(t, properties, env)
		owner := sharetest.Owners(env)[0]
		wanted := plan.Wanted{Share: s, Owner: owner}
		declared := func(who string) bool { return sharetest.Declared(who, properties) }

		smooth := drawAccount(t, env)
		total := run(t, smooth, wanted, -1, declared)
		planIsEmpty(t, smooth, wanted)
		planIsEmpty(t, smooth, plan.Wanted{Share: s, Previous: &s, Owner: owner})

		crashed := drawAccount(t, env)
		run(t, crashed, wanted, rapid.IntRange(0, total).Draw(t, "first crash"), declared)
		run(t, crashed, wanted, rapid.IntRange(0, total).Draw(t, "second crash"), declared)
		afterCrash := crashed.Clone()
		run(t, crashed, wanted, -1, declared)
		planIsEmpty(t, crashed, wanted)
		if diff := cmp.Diff(smooth.Buckets, crashed.Buckets); diff != "" {
			t.Fatalf("crashes lead to another bucket: %s", diff)
		}
		if diff := cmp.Diff(smooth.Keys, crashed.Keys); diff != "" {
			t.Fatalf("crashes lead to other keys: %s", diff)
		}
		if diff := cmp.Diff(smooth.Identities, crashed.Identities); diff != "" {
			t.Fatalf("crashes lead to other inline policies: %s", diff)
		}
		if diff := cmp.Diff(smooth.Policies, crashed.Policies); diff != "" {
			t.Fatalf("crashes lead to other managed policies: %s", diff)
		}

		remove(t, afterCrash, s, owner, plan.Unfinished)
		nothingLeft(t, afterCrash, s)
	})
}

func remove(t *rapid.T, w *sharetest.Account, s share.Share, owner plan.Owner, how plan.Completion) {
	t.Helper()
	steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: how})
	sharetest.Must(t, err)
	total := len(steps)
	crash := rapid.IntRange(0, total).Draw(t, "crash of removal")
	if crash > 0 {
		n := 0
		_, err = w.Run(steps, func(plan.Step) bool { n++; return n != crash })
		sharetest.Must(t, err)
	}
	steps, err = removal(w, plan.Wanted{Share: s, Owner: owner, Removal: how})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
}

// nothingLeft asks that nobody is let in and that neither bucket nor key is there.
func nothingLeft(t *rapid.T, w *sharetest.Account, s share.Share) {
	t.Helper()
	nobodyIn(t, w, s)
	if len(w.Buckets) > 0 || len(liveKeys(w)) > 0 {
		t.Fatalf("left: %d buckets, %d keys", len(w.Buckets), len(liveKeys(w)))
	}
}

func nobodyIn(t sharetest.Fataler, w *sharetest.Account, s share.Share) {
	t.Helper()
	if who := admitted(t, w, s.Bucket); len(who) > 0 {
		t.Fatalf("still let in: %v", who)
	}
	for id := range w.Identities {
		if len(w.InForce(id, s.PolicyName())) > 0 {
			t.Fatalf("%s still has its policy", id)
		}
	}
	if len(w.Policies) > 0 {
		t.Fatalf("left: %d managed policies", len(w.Policies))
	}
}

func TestUpdateFromAnyShareToAnyOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		owner := sharetest.Owners(env)[0]
		was := sharetest.Properties(env).Draw(t, "was")
		is := sharetest.Properties(env).Draw(t, "is")
		is["BucketName"] = was["BucketName"]
		old, want := sharetest.Parse(t, was, env), sharetest.Parse(t, is, env)
		eitherDeclared := func(who string) bool { return sharetest.Declared(who, was) || sharetest.Declared(who, is) }

		w := drawAccount(t, env)
		run(t, w, plan.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		drift := rapid.SampledFrom([]string{"none", "access", "encryption", "versioning", "policies"}).Draw(t, "drift")
		b := w.Buckets[want.Bucket]
		switch drift {
		case "access":
			b.AccessBlocked = false
		case "encryption":
			b.Encryption = setting.Encryption{Algorithm: "AES256"}
		case "versioning":
			b.Versioning = "Suspended"
		case "policies":
			b.Policy = policy.Stored{}
		}
		b.Objects = rapid.IntRange(0, 1).Draw(t, "objects")
		update := plan.Wanted{Share: want, Previous: &old, Owner: owner}
		steps := run(t, w, update, -1, eitherDeclared)
		for _, who := range admitted(t, w, want.Bucket) {
			if !sharetest.Declared(who, is) {
				t.Fatalf("%s left the declaration and is still let in", who)
			}
		}
		for id := range w.Identities {
			left := !slices.Contains(share.Identities(want.Delegates), id)
			if n := len(w.InForce(id, want.PolicyName())); left && n > 0 || n > 1 {
				t.Fatalf("%s has %d policies of the share; it left: %t", id, n, left)
			}
		}
		planIsEmpty(t, w, update)
		if got := w.Buckets[want.Bucket].Tags; len(got) != 2+len(want.Tags) {
			t.Fatalf("tags of the bucket: %v, declared: %v", got, want.Tags)
		}

		// CloudFormation rolls an Update back with the properties swapped, also one that failed halfway.
		back := w.Clone()
		run(t, back, plan.Wanted{Share: old, Previous: &want, Owner: owner}, -1, eitherDeclared)
		fresh := drawAccount(t, env)
		run(t, fresh, plan.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		fresh.Buckets[want.Bucket].Objects = b.Objects
		fresh.Keys = renamed(fresh.Keys, back.Keys)
		if diff := cmp.Diff(inForce(fresh, old), inForce(back, old)); diff != "" {
			t.Fatalf("rolling back leads elsewhere: %s", diff)
		}
		if diff := cmp.Diff(fresh.Buckets, back.Buckets); diff != "" {
			t.Fatalf("rolling back leads elsewhere: %s", diff)
		}

		half := drawAccount(t, env)
		run(t, half, plan.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		run(t, half, update, rapid.IntRange(0, steps).Draw(t, "crash"), eitherDeclared)
		run(t, half, plan.Wanted{Share: old, Previous: &want, Owner: owner}, -1, eitherDeclared)
		if diff := cmp.Diff(inForce(fresh, old), inForce(half, old)); diff != "" {
			t.Fatalf("rolling back a crash leads elsewhere: %s", diff)
		}
		for _, who := range admitted(t, half, want.Bucket) {
			if !sharetest.Declared(who, was) {
				t.Fatalf("rolled back, but %s is let in", who)
			}
		}

		remove(t, half, old, owner, plan.Completed)
		nobodyIn(t, half, old)
		if ours := ownTags(half); len(ours) > 0 && old.Removal == share.Retain {
			t.Fatalf("retained, but still tagged: %v", ours)
		}
	})
}

// inForce is what everybody has of a share: a roll-back may leave under Auto as a managed policy what was inline.
func inForce(w *sharetest.Account, s share.Share) map[share.Identity][]string {
	all := map[share.Identity][]string{}
	for id := range w.Identities {
		all[id] = w.InForce(id, s.PolicyName())
	}
	return all
}

// renamed is keys as they are: accounts number their keys alike.
func renamed(keys, _ map[string]*plan.Key) map[string]*plan.Key { return keys }

// ownTags are the share's own tags on anything that is not on its way out.
func ownTags(w *sharetest.Account) []string {
	var found []string
	collect := func(what string, tags map[string]string) {
		for k := range tags {
			if strings.HasPrefix(k, share.TagPrefix) {
				found = append(found, fmt.Sprintf("%s %s", what, k))
			}
		}
	}
	for name, b := range w.Buckets {
		collect(name, b.Tags)
	}
	for _, k := range liveKeys(w) {
		collect(k.ARN, k.Tags)
	}
	return found
}
