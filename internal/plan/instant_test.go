package plan_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

// reach is what an inline policy alone lets somebody do in a bucket, by the evaluator.
func reach(env share.Env, bucket, inline string) map[string]bool {
	account := &evaluator.Account{ID: env.Account}
	e := evaluator.NewEvaluator(evaluator.Bucket{Name: bucket, Region: env.Region, Owner: account})
	who := evaluator.Principal{ARN: env.ARN("iam", "", env.Account, "user/x"), Account: account, Type: evaluator.User}
	if inline != "" {
		who.Identity = []*evaluator.Policy{evaluator.NewPolicy("inline", inline, grammar.Identity)}
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
			return reach(s.Env, s.Bucket, document.DelegatePolicy(s, id, sharetest.KeyOf(s.Env), "").Text())
		}
	}
	return nil
}

// At no instant of an Update may an identity do what neither declaration lets it do; and as soon as anything is done
// but taking away, it may do nothing that only the old one lets it do.
func TestIdentitiesAtAnyInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		was, is := sharetest.Properties(env).Draw(t, "was"), sharetest.Properties(env).Draw(t, "is")
		is["BucketName"] = was["BucketName"]
		old, want := sharetest.Parse(t, was, env), sharetest.Parse(t, is, env)
		owner := sharetest.Owners(env)[0]
		w := drawWorld(t, env)
		_ = apply(t, w, plan.Wanted{Share: old, Owner: owner})
		if rapid.Bool().Draw(t, "drift") {
			w.Buckets[want.Bucket].AccessBlocked = false
		}
		update := plan.Wanted{Share: want, Previous: &old, Owner: owner}
		steps, err := plan.ForShare(update, w.Observe(update))
		sharetest.Must(t, err)
		narrowed := false
		_, err = w.Run(steps, func(step plan.Step) bool {
			narrowed = narrowed || step.Round > 1
			for _, id := range sharetest.IdentityPool {
				before, after := delegated(old, id), delegated(want, id)
				for can := range reach(env, want.Bucket, w.Identities[id][want.PolicyName()]) {
					if !after[can] && (narrowed || !before[can]) {
						t.Fatalf("after %s in round %d, %s may still do %s", step, step.Round, id, can)
					}
				}
			}
			return true
		})
		sharetest.Must(t, err)

		gone := plan.Wanted{Share: want, Owner: owner, Removal: plan.Completed}
		steps, err = removal(w, gone)
		sharetest.Must(t, err)
		_, err = w.Run(steps, func(step plan.Step) bool {
			for _, id := range share.Identities(want.Delegates) {
				if step.Operation == plan.DeleteBucketPolicy && w.Identities[id][want.PolicyName()] != "" {
					t.Fatalf("the bucket's denials go while %s may still write", id)
				}
			}
			return true
		})
		sharetest.Must(t, err)
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
	if w.NeedsTagged(now) {
		now.Tagged = all.Tagged
	}
	if w.NeedsContents(now) {
		now.HoldsObjects = all.HoldsObjects
	}
	return now
}
