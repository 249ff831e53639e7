package outlook_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/outlook"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// TestAfterIsWhatIsThereThen: whatever share there was, with statements of others, and wherever the way from it to
// another one was left, the world after a plan is the one that is there when the plan was carried out.
func TestAfterIsWhatIsThereThen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := sharetest.NewAccount(sharetest.Sydney, sharetest.IdentityPool...)
		owner := sharetest.Owners(sharetest.Sydney)[0]
		first, second := ownKey(t, "first"), ownKey(t, "second")
		second.Bucket, second.Alias = first.Bucket, first.Alias
		carryOut(t, account, plan.Wanted{Share: first, Owner: owner}, 0)
		alsoTheirs(t, first.Bucket, account.Buckets[first.Bucket])
		wanted := plan.Wanted{Share: second, Previous: &first, Owner: owner}
		carryOut(t, account, wanted, rapid.IntRange(1, 30).Draw(t, "steps before it was left"))

		foretold := found(account, first.Bucket)
		steps := carryOut(t, account, wanted, 0)
		foretold = outlook.After(foretold, account.Env.Account, steps)
		if diff := cmp.Diff(documents(t, found(account, first.Bucket)), documents(t, foretold)); diff != "" {
			t.Errorf("after %v: %s", steps, diff)
		}
	})
}

func ownKey(t *rapid.T, label string) share.Share {
	return sharetest.Shares(sharetest.Sydney).Filter(func(s share.Share) bool { return s.KeyARN == "" }).Draw(t, label)
}

// carryOut plans and applies so many steps, 0 for all.
func carryOut(t *rapid.T, account *sharetest.Account, w plan.Wanted, most int) plan.Plan {
	steps, err := plan.ForShare(w, account.Observe(w))
	sharetest.Must(t, err)
	if most > 0 {
		steps = steps[:min(most, len(steps))]
	}
	_, err = account.Run(steps, nil)
	sharetest.Must(t, err)
	return steps
}

// alsoTheirs puts statements of somebody else beside those of a share.
func alsoTheirs(t *rapid.T, bucket string, b *sharetest.Bucket) {
	theirs := sharetest.ForeignPolicies(sharetest.Sydney.BucketARN(bucket)).Draw(t, "theirs")
	if theirs == "" {
		return
	}
	d := sharetest.Object(t, theirs)
	if ours, is := sharetest.Decoded(b.Policy.Text()); is {
		d["Statement"] = append(d["Statement"].([]any), ours["Statement"].([]any)...)
	}
	text, err := json.Marshal(d)
	sharetest.Must(t, err)
	b.Policy = sharetest.Stored(string(text))
}

// documents are those of a world, by what they are for.
func documents(t *rapid.T, w proof.World) map[string]string {
	all := map[string]string{}
	add := func(name string, d proof.Document) {
		if !d.None() {
			all[name] = sharetest.Canonical(t, d.Text())
		}
	}
	add("the bucket policy", w.Bucket.Policy)
	if k := w.Bucket.Key; k != nil {
		add(k.ARN+" "+strings.Join(k.Aliases, " "), k.Policy)
	}
	for _, p := range w.Principals {
		for _, d := range p.Policies {
			add(p.ARN+" "+d.Name, d)
		}
	}
	return all
}

// found is the world that a look would find.
func found(account *sharetest.Account, bucket string) proof.World {
	b := account.Buckets[bucket]
	w := proof.World{Bucket: proof.Bucket{
		Name: bucket, Region: account.Env.Region, Owner: account.Env.Account, Policy: proof.BucketPolicyOf(b.Policy),
	}}
	if k := account.Keys[b.Encryption.KeyID]; k != nil {
		w.Bucket.Key = &proof.Key{ARN: k.ARN, Policy: proof.KeyPolicyOf(k.Policy), Aliases: k.Aliases}
	}
	for id, policies := range account.Identities {
		p := proof.Principal{ARN: account.Env.ARN("iam", "", account.Env.Account, id.String()), Account: account.Env.Account}
		p.Type = map[share.IdentityKind]evaluator.PrincipalType{
			share.User: evaluator.User, share.Role: evaluator.Role, share.Group: proof.GroupType,
		}[id.Kind]
		for name, text := range policies {
			p.Policies = append(p.Policies, proof.Inline(id, name, text))
		}
		for arn, managed := range account.Policies {
			if slices.Contains(managed.AttachedTo, id) {
				name := arn[strings.LastIndexByte(arn, '/')+1:]
				p.Policies = append(p.Policies, proof.IdentityPolicyOf(name, sharetest.Stored(managed.Text)))
			}
		}
		w.Principals = append(w.Principals, p)
	}
	return w
}
