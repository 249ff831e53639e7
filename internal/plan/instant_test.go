package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// reach is what policies alone let somebody do in a bucket, by the evaluator.
func reach(env share.Env, bucket string, documents ...string) map[string]bool {
	account := &evaluator.Account{ID: env.Account}
	e := evaluator.NewEvaluator(evaluator.Bucket{Name: bucket, Region: env.Region, Owner: account})
	who := evaluator.Principal{ARN: env.ARN("iam", "", env.Account, "user/x"), Account: account, Type: evaluator.User}
	for _, d := range documents {
		who.Identity = append(who.Identity, evaluator.NewPolicy("its own", d, grammar.Identity))
	}
	requester, can := evaluator.NewRequester(who), map[string]bool{}
	for _, operation := range []evaluator.Operation{"GetObject", "PutObject", "DeleteObject", "GetObjectTagging",
		"ListBucket"} {
		for _, key := range []string{"x", "team-a/x", "team-b/x", "in/x", "in/raw/x", "out/x", "a b/x"} {
			if operation == "ListBucket" {
				key = ""
			}
			if e.Decide(requester, evaluator.Request{Operation: operation, Key: key}).S3 == evaluator.Allow {
				can[fmt.Sprint(operation, " ", key)] = true
			}
		}
	}
	return can
}

// delegated is what each delegate may do as a share declares it.
func delegated(s share.Share, id share.Identity) map[string]bool {
	for _, declared := range share.Identities(s.Delegates) {
		if declared == id {
			return reach(s.Env, s.Bucket, document.OfShare(s, sharetest.KeyOf(s.Env), "").Of(id).Document.Text())
		}
	}
	return nil
}

// crowd gives some identities large inline policies of somebody else's, so that Auto has no room for another.
func crowd(t *rapid.T, w *sharetest.Account, kinds ...string) {
	if slices.Contains(kinds, share.PolicyInline) {
		return // would be refused
	}
	for _, id := range sharetest.IdentityPool {
		delete(w.Identities[id], "theirs")
		room := id.Kind.InlineLimit() - len(`{"Id":""}`)
		for _, text := range w.Identities[id] {
			room -= policy.CharactersIAMCounts(text)
		}
		if rapid.Bool().Draw(t, "crowded") {
			w.Identities[id]["theirs"] = `{"Id":"` + strings.Repeat("x", room) + `"}`
		}
	}
}

// At no instant of an Update may an identity do what neither declaration lets it do; as soon as anything is done but
// taking away, it may do nothing that only the old one lets it do; and what both let it do, it may do all the time. All
// that holds for policies that move from inline to managed or back, too.
func TestIdentitiesAtAnyInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		was, is := sharetest.Properties(env).Draw(t, "was"), sharetest.Properties(env).Draw(t, "is")
		is["BucketName"] = was["BucketName"]
		old, want := sharetest.Parse(t, was, env), sharetest.Parse(t, is, env)
		owner := sharetest.Owners(env)[0]
		w := drawAccount(t, env)
		if rapid.Bool().Draw(t, "crowded before") {
			crowd(t, w, old.PolicyType, want.PolicyType)
		}
		_ = apply(t, w, plan.Wanted{Share: old, Owner: owner})
		crowd(t, w, old.PolicyType, want.PolicyType)
		if rapid.Bool().Draw(t, "drift") {
			w.Buckets[want.Bucket].AccessBlocked = false
		}
		update := plan.Wanted{Share: want, Previous: &old, Owner: owner}
		steps, err := plan.ForShare(update, w.Observe(update))
		sharetest.Must(t, err)
		narrowed := false
		_, err = w.Run(steps, func(step plan.Step) bool {
			narrowed = narrowed || step.Round > 1 && step.PolicyName == ""
			for _, id := range sharetest.IdentityPool {
				before, after := delegated(old, id), delegated(want, id)
				now := reach(env, want.Bucket, w.InForce(id, want.PolicyName())...)
				gained := slices.ContainsFunc(slices.Collect(maps.Keys(now)), func(can string) bool { return !before[can] })
				for can := range now {
					if !after[can] && (narrowed || gained || !before[can]) {
						t.Fatalf("after %s in round %d, %s may still do %s", step, step.Round, id, can)
					}
				}
				for can := range before {
					if after[can] && !now[can] {
						t.Fatalf("after %s in round %d, %s may not do %s any more", step, step.Round, id, can)
					}
				}
			}
			return true
		})
		sharetest.Must(t, err)
		for _, id := range sharetest.IdentityPool {
			now := reach(env, want.Bucket, w.InForce(id, want.PolicyName())...)
			if diff := cmp.Diff(delegated(want, id), now, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("in the end, %s: %s", id, diff)
			}
		}

		gone := plan.Wanted{Share: want, Owner: owner, Removal: plan.Completed}
		steps, err = removal(w, gone)
		sharetest.Must(t, err)
		_, err = w.Run(steps, func(step plan.Step) bool {
			for _, id := range share.Identities(want.Delegates) {
				if step.Operation == plan.DeleteBucketPolicy && len(w.InForce(id, want.PolicyName())) > 0 {
					t.Fatalf("the bucket's denials go while %s may still write", id)
				}
			}
			return true
		})
		sharetest.Must(t, err)
		if len(w.Policies) > 0 {
			t.Fatalf("managed policies stay behind: %v", slices.Collect(maps.Keys(w.Policies)))
		}
	})
}

// What is not asked for changes nothing: a plan from all that there is equals one from what was asked for.
func TestLookingNoFurtherChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := declare(t, rapid.SampledFrom([]string{walkthrough, walkthrough + `, "Adopt": true`}).Draw(t, "declared"))
		w := deployed(t, declare(t, walkthrough))
		b, k := w.Buckets[bucket], liveKeys(w)[0]
		b.Objects = rapid.IntRange(0, 1).Draw(t, "objects")
		switch rapid.SampledFrom([]string{"", "no bucket", "no alias", "not in use", "nobody's", "another's"}).Draw(t,
			"change") {
		case "no bucket":
			clear(w.Buckets)
		case "no alias":
			k.Aliases = nil
		case "not in use":
			k.Aliases, b.Encryption.KeyID = nil, ""
		case "nobody's":
			clear(b.Tags)
		case "another's":
			b.Tags[plan.TagStackID] = otherOwner.StackID
		}
		wanted := plan.Wanted{
			Share: s, Owner: rapid.SampledFrom([]plan.Owner{owner, otherOwner}).Draw(t, "owner"),
			Limits: share.Limits{KeyArns: []string{"*"}},
		}
		if rapid.Bool().Draw(t, "update") {
			wanted.Previous = &s
		} else {
			wanted.Removal = rapid.SampledFrom([]plan.Completion{"", plan.Completed, plan.Unfinished}).Draw(t, "removal")
		}
		do := func(now plan.State) (plan.Plan, string) {
			plans := plan.ForShare
			if wanted.Removal != "" {
				plans = plan.Removal
			}
			steps, err := plans(wanted, now)
			return steps, fmt.Sprint(err)
		}
		all, allErr := do(w.Observe(wanted))
		asked, askedErr := do(asked(wanted, w.Observe(wanted)))
		if diff := cmp.Diff(all, asked); diff != "" || allErr != askedErr {
			t.Fatalf("%s\n%s\n%s", diff, allErr, askedErr)
		}
	})
}

// asked is what package cloud would have found of a state.
func asked(w plan.Wanted, all plan.State) plan.State {
	now := all
	now.OfBucket, now.Tagged, now.HoldsObjects = nil, nil, false
	if b := all.Bucket; b != nil && !w.ExpectsBucket() && !w.Concerns(b) {
		now.Bucket = &plan.Bucket{Tags: b.Tags}
	}
	if w.KeyOfBucket(now) != "" {
		now.OfBucket = all.OfBucket
	}
	if w.LooksForTagged(now) {
		now.Tagged = all.Tagged
	}
	if w.NeedsContents(now) {
		now.HoldsObjects = all.HoldsObjects
	}
	return now
}
