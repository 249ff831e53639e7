package share_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/share/sharetest"
	"example.com/sharedbucket/policy"
)

// fullBucketPolicy is the share's bucket policy on top of what stands there.
func fullBucketPolicy(t fataler, current string, statements []policy.Statement) string {
	after, err := policy.Merge(current, statements, share.OursInBucketPolicy)
	must(t, err)
	return after
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func canonical(t fataler, document string) string {
	t.Helper()
	c, err := policy.Canonical(document)
	must(t, err)
	return c
}

func drawEnv(t *rapid.T) share.Env { return sharetest.Envs().Draw(t, "env") }

func parse(t fataler, properties map[string]any, env share.Env) share.Share {
	t.Helper()
	s, err := share.ParseShare(properties, env)
	must(t, err)
	return s
}

func TestDocumentsOfAnyShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := drawEnv(t)
		properties := sharetest.Properties(env).Draw(t, "properties")
		s := parse(t, properties, env)
		key := env.KeyARN("12345678-aaaa-4bbb-8ccc-dddddddddddd")
		documents := map[string]policy.Document{
			"bucket policy": {Version: policy.Version, Statements: s.BucketPolicy(key)},
			"key policy":    {Version: policy.Version, Statements: append(s.KeyPolicy(), s.Administration())},
		}
		for _, id := range share.Identities(s.Delegates) {
			documents[id.String()] = s.InlinePolicy(id, key)
		}
		for name, d := range documents {
			text := d.Text()
			if !json.Valid([]byte(text)) {
				t.Fatalf("%s is no JSON: %s", name, text)
			}
			var sids []string
			for _, statement := range d.Statements {
				if !strings.HasPrefix(statement.Sid, share.SidPrefix) || strings.Trim(statement.Sid, alphanumeric) != "" {
					t.Fatalf("%s has Sid %q", name, statement.Sid)
				}
				if statement.Effect == policy.Allow && name == "bucket policy" {
					checkResources(t, statement, env.BucketARN(s.Bucket))
				}
				sids = append(sids, statement.Sid)
			}
			if slices.Sort(sids); len(slices.Compact(slices.Clone(sids))) != len(sids) {
				t.Fatalf("%s has a Sid twice: %v", name, sids)
			}
			who, err := sharetest.Admitted(text, env.Account)
			must(t, err)
			for _, w := range who {
				if !sharetest.Declared(w, properties) {
					t.Fatalf("%s lets %s in, who is not declared in %v", name, w, properties["Consumers"])
				}
			}
		}
	})
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func checkResources(t *rapid.T, s policy.Statement, bucketARN string) {
	for _, r := range s.Resource {
		if r != bucketARN && !strings.HasPrefix(r, bucketARN+"/") {
			t.Fatalf("%s reaches beyond the bucket: %s", s.Sid, r)
		}
	}
}

// The order in which properties are declared, and CloudFormation's way to write them, make no difference.
func TestSameDeclarationSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := drawEnv(t)
		properties := sharetest.Properties(env).Draw(t, "properties")
		shuffled := maps.Clone(properties)
		for _, list := range []string{"Consumers", "Delegates"} {
			shuffled[list] = rapid.Permutation(properties[list].([]any)).Draw(t, list)
		}
		a, b := parse(t, properties, env), parse(t, sharetest.Stringified(shuffled).(map[string]any), env)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("another share: %s", diff)
		}
		key := env.PendingKeyARN()
		if x, y := fullBucketPolicy(t, "", a.BucketPolicy(key)), fullBucketPolicy(t, "", b.BucketPolicy(key)); x != y {
			t.Fatalf("other bytes:\n%s\n%s", x, y)
		}
	})
}

func TestForeignStatementsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := drawEnv(t)
		s := sharetest.Shares(env).Draw(t, "share")
		foreign := sharetest.ForeignPolicies(env.BucketARN(s.Bucket)).Draw(t, "foreign")
		merged := fullBucketPolicy(t, foreign, s.BucketPolicy(env.PendingKeyARN()))
		if again := fullBucketPolicy(t, merged, s.BucketPolicy(env.PendingKeyARN())); again != merged {
			t.Fatalf("merging twice is not merging once:\n%s\n%s", merged, again)
		}
		without := fullBucketPolicy(t, merged, nil)
		if canonical(t, without) != canonical(t, foreign) {
			t.Fatalf("before: %s\nafter:  %s", foreign, without)
		}
	})
}

// world is an account in which a drawn share can be made.
func drawWorld(t *rapid.T, env share.Env) *sharetest.World {
	return sharetest.NewWorld(env, sharetest.IdentityPool...)
}

// protected says what a bucket lacks before anybody may be let in.
func unprotected(b *sharetest.Bucket) string {
	switch {
	case !b.AccessBlocked:
		return "Block Public Access"
	case !b.OwnerEnforced:
		return "ownership"
	case b.Versioning == "":
		return "versioning"
	case b.Encryption.Algorithm != "aws:kms" || !b.Encryption.SSECBlocked || !b.Encryption.BucketKey:
		return "default encryption"
	}
	return ""
}

// admitted is everybody outside the account who is let in by bucket and key.
func admitted(t fataler, w *sharetest.World, bucket string) []string {
	var all []string
	add := func(document string) {
		who, err := sharetest.Admitted(document, w.Env.Account)
		must(t, err)
		all = append(all, who...)
	}
	if b := w.Buckets[bucket]; b != nil {
		add(b.Policy)
	}
	for _, k := range w.Keys {
		add(k.Policy)
	}
	return all
}

// liveKeys are the keys that do not wait for their deletion.
func liveKeys(w *sharetest.World) []*share.Key {
	var live []*share.Key
	for _, k := range w.Keys {
		if k.State != share.KeyPendingDeletion {
			live = append(live, k)
		}
	}
	return live
}

// run plans and applies, at most stopAfter steps (all when negative), and checks every state on the way.
func run(t *rapid.T, w *sharetest.World, wanted share.Wanted, stopAfter int, allowed func(string) bool) (steps int) {
	t.Helper()
	s := wanted.Share
	plan, err := share.PlanShare(wanted, w.Observe(s, wanted.Previous, wanted.Owner))
	must(t, err)
	if stopAfter == 0 {
		return 0
	}
	before := admitted(t, w, s.Bucket)
	_, err = w.Run(plan, func(step share.Step) bool {
		steps++
		now := admitted(t, w, s.Bucket)
		for _, who := range now {
			if !allowed(who) {
				t.Fatalf("after %s, %s is let in", step, who)
			}
			if lacks := unprotected(w.Buckets[s.Bucket]); lacks != "" && !slices.Contains(before, who) {
				t.Fatalf("after %s, %s is let in before there is %s", step, who, lacks)
			}
		}
		for id, policies := range w.Identities {
			if policies[s.PolicyName()] != "" && !slices.Contains(before, id.String()) && step.Operation == share.PutInlinePolicy {
				if _, missing := policy.Contains(w.Buckets[s.Bucket].Policy, s.BucketPolicy("")[0]); missing != nil || unprotected(w.Buckets[s.Bucket]) != "" {
					t.Fatalf("after %s, the bucket's denials are not in force", step)
				}
			}
		}
		return steps != stopAfter
	})
	must(t, err)
	return steps
}

func planIsEmpty(t *rapid.T, w *sharetest.World, wanted share.Wanted) {
	t.Helper()
	plan, err := share.PlanShare(wanted, w.Observe(wanted.Share, wanted.Previous, wanted.Owner))
	must(t, err)
	if len(plan) > 0 {
		t.Fatalf("a second plan has steps: %v", plan)
	}
}

func TestCreateConvergesAfterAnyCrash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := drawEnv(t)
		properties := sharetest.Properties(env).Draw(t, "properties")
		s := parse(t, properties, env)
		owner := sharetest.Owners(env)[0]
		wanted := share.Wanted{Share: s, Owner: owner}
		declared := func(who string) bool { return sharetest.Declared(who, properties) }

		smooth := drawWorld(t, env)
		total := run(t, smooth, wanted, -1, declared)
		planIsEmpty(t, smooth, wanted)
		planIsEmpty(t, smooth, share.Wanted{Share: s, Previous: &s, Owner: owner})
		if wrong := s.NotAsApplied(liveKeys(smooth)[0].ARN, smooth.Observe(s, nil, owner)); wrong != nil {
			t.Fatalf("applied, but %v", wrong)
		}

		crashed := drawWorld(t, env)
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

		remove(t, afterCrash, s, owner, share.Unfinished)
		nothingLeft(t, afterCrash, s)
	})
}

func remove(t *rapid.T, w *sharetest.World, s share.Share, owner share.Owner, how share.Completion) {
	t.Helper()
	plan, err := share.PlanRemoval(s, owner, how, w.Observe(s, nil, owner))
	must(t, err)
	total := len(plan)
	crash := rapid.IntRange(0, total).Draw(t, "crash of removal")
	if crash > 0 {
		n := 0
		_, err = w.Run(plan, func(share.Step) bool { n++; return n != crash })
		must(t, err)
	}
	plan, err = share.PlanRemoval(s, owner, how, w.Observe(s, nil, owner))
	must(t, err)
	_, err = w.Run(plan, nil)
	must(t, err)
}

// nothingLeft asks that nobody is let in and that neither bucket nor key is there.
func nothingLeft(t *rapid.T, w *sharetest.World, s share.Share) {
	t.Helper()
	nobodyIn(t, w, s)
	if len(w.Buckets) > 0 || len(liveKeys(w)) > 0 {
		t.Fatalf("left: %d buckets, %d keys", len(w.Buckets), len(liveKeys(w)))
	}
}

func nobodyIn(t fataler, w *sharetest.World, s share.Share) {
	t.Helper()
	if who := admitted(t, w, s.Bucket); len(who) > 0 {
		t.Fatalf("still let in: %v", who)
	}
	for id, policies := range w.Identities {
		if policies[s.PolicyName()] != "" {
			t.Fatalf("%s still has its inline policy", id)
		}
	}
}

func TestUpdateFromAnyShareToAnyOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := drawEnv(t)
		owner := sharetest.Owners(env)[0]
		was := sharetest.Properties(env).Draw(t, "was")
		is := sharetest.Properties(env).Draw(t, "is")
		is["BucketName"] = was["BucketName"]
		old, want := parse(t, was, env), parse(t, is, env)
		eitherDeclared := func(who string) bool { return sharetest.Declared(who, was) || sharetest.Declared(who, is) }

		w := drawWorld(t, env)
		run(t, w, share.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		drift := rapid.SampledFrom([]string{"none", "access", "encryption", "versioning", "policies"}).Draw(t, "drift")
		b := w.Buckets[want.Bucket]
		switch drift {
		case "access":
			b.AccessBlocked = false
		case "encryption":
			b.Encryption = share.BucketEncryption{Algorithm: "AES256"}
		case "versioning":
			b.Versioning = "Suspended"
		case "policies":
			b.Policy = ""
		}
		b.Objects = rapid.IntRange(0, 1).Draw(t, "objects")
		update := share.Wanted{Share: want, Previous: &old, Owner: owner}
		steps := run(t, w, update, -1, eitherDeclared)
		for _, who := range admitted(t, w, want.Bucket) {
			if !sharetest.Declared(who, is) {
				t.Fatalf("%s left the declaration and is still let in", who)
			}
		}
		for id, policies := range w.Identities {
			left := !slices.Contains(share.Identities(want.Delegates), id)
			if left && policies[want.PolicyName()] != "" {
				t.Fatalf("%s left the declaration and keeps its inline policy", id)
			}
		}
		planIsEmpty(t, w, update)
		if got := w.Buckets[want.Bucket].Tags; len(got) != 2+len(want.Tags) {
			t.Fatalf("tags of the bucket: %v, declared: %v", got, want.Tags)
		}

		// CloudFormation rolls an Update back with the properties swapped, also one that failed halfway.
		back := w.Clone()
		run(t, back, share.Wanted{Share: old, Previous: &want, Owner: owner}, -1, eitherDeclared)
		fresh := drawWorld(t, env)
		run(t, fresh, share.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		fresh.Buckets[want.Bucket].Objects = b.Objects
		fresh.Keys = renamed(fresh.Keys, back.Keys)
		if diff := cmp.Diff(fresh.Identities, back.Identities); diff != "" {
			t.Fatalf("rolling back leads elsewhere: %s", diff)
		}
		if diff := cmp.Diff(fresh.Buckets, back.Buckets); diff != "" {
			t.Fatalf("rolling back leads elsewhere: %s", diff)
		}

		half := drawWorld(t, env)
		run(t, half, share.Wanted{Share: old, Owner: owner}, -1, eitherDeclared)
		run(t, half, update, rapid.IntRange(0, steps).Draw(t, "crash"), eitherDeclared)
		run(t, half, share.Wanted{Share: old, Previous: &want, Owner: owner}, -1, eitherDeclared)
		if diff := cmp.Diff(fresh.Identities, half.Identities); diff != "" {
			t.Fatalf("rolling back a crash leads elsewhere: %s", diff)
		}
		for _, who := range admitted(t, half, want.Bucket) {
			if !sharetest.Declared(who, was) {
				t.Fatalf("rolled back, but %s is let in", who)
			}
		}

		remove(t, half, old, owner, share.Completed)
		nobodyIn(t, half, old)
		if ours := ownTags(half); len(ours) > 0 && old.Removal == share.Retain {
			t.Fatalf("retained, but still tagged: %v", ours)
		}
	})
}

// renamed is keys as they are: worlds number their keys alike.
func renamed(keys, _ map[string]*share.Key) map[string]*share.Key { return keys }

// ownTags are the share's own tags on anything that is not on its way out.
func ownTags(w *sharetest.World) []string {
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
