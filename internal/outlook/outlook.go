// Package outlook says what a plan would change for people: the world as it will be when the steps are done, and whose
// access is lost or gained on the way there. It is pure.
package outlook

import (
	"cmp"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// After is a world when the steps of a plan in one account are done.
func After(w proof.World, account string, steps plan.Plan) proof.World {
	w.Principals = slices.Clone(w.Principals)
	for _, s := range steps {
		switch v := s.Setting.(type) {
		case setting.Encryption:
			key := keyOf(w, v.KeyID)
			w.Bucket.Key, w.Bucket.BucketKeyEnabled = &key, v.BucketKey
		case setting.AccessBlocked:
			w.Bucket.RestrictPublicBuckets = bool(v)
		}
		switch s.Operation {
		case plan.PutBucketPolicy, plan.DeleteBucketPolicy:
			w.Bucket.Policy = proof.BucketPolicyOf(s.After)
		case plan.CreateKey:
			w.Bucket.Key = &proof.Key{ARN: s.Resource, Policy: proof.KeyPolicyOf(s.After)}
		case plan.CreateAlias:
			key := keyOf(w, s.Value)
			key.Aliases = append(slices.Clone(key.Aliases), s.Resource)
			w.Bucket.Key = &key
		case plan.PutKeyPolicy:
			key := keyOf(w, s.Resource)
			key.Policy = proof.KeyPolicyOf(s.After)
			w.Bucket.Key = &key
		case plan.PutInlinePolicy, plan.DeleteInlinePolicy:
			give(w.Principals, account, s.Identity, proof.IdentityPolicyOf(proof.InlineName(s.Identity, s.PolicyName), s.After))
		case plan.AttachPolicy, plan.DetachPolicy:
			give(w.Principals, account, s.From, proof.IdentityPolicyOf(s.PolicyName, s.After))
		case plan.CreatePolicyVersion:
			rewrite(w.Principals, account, proof.IdentityPolicyOf(s.PolicyName, s.After))
		}
	}
	return w
}

// keyOf is the bucket's key when it has that ARN, or another one of which nothing is known.
func keyOf(w proof.World, arn string) proof.Key {
	if k := w.Bucket.Key; k != nil && k.ARN == arn {
		return *k
	}
	return proof.Key{ARN: arn}
}

// give puts a policy on an identity, or takes it away when it is none; members have what their group has.
func give(principals []proof.Principal, account string, to share.Identity, d proof.Document) {
	for i, p := range principals {
		if !p.Has(account, to) {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(p.Policies), func(have proof.Document) bool { return have.Name == d.Name })
		if !d.None() {
			kept = append(kept, d)
		}
		principals[i].Policies = kept
	}
}

// rewrite is another document of a managed policy, with everybody who has it.
func rewrite(principals []proof.Principal, account string, d proof.Document) {
	for i, p := range principals {
		n := slices.IndexFunc(p.Policies, func(have proof.Document) bool { return have.Name == d.Name })
		if p.Account == account && n >= 0 {
			principals[i].Policies = slices.Clone(p.Policies)
			principals[i].Policies[n] = d
		}
	}
}

// Holders are the identities of an account that hold a policy, inline or managed, which this project made for a bucket:
// those whom an earlier declaration named, as far as AWS remembers. With them comes the mark of whoever wrote it.
func Holders(w proof.World, account, policyName, bucketARN string) (all []share.Identity, mark document.Mark) {
	for _, p := range w.Principals {
		id := p.Identity()
		if p.Account != account || id == (share.Identity{}) {
			continue
		}
		names := []string{proof.InlineName(id, policyName), document.ManagedPolicyName(policyName, id)}
		if of, ours := writtenBy(p, names, bucketARN); ours {
			all, mark = append(all, id), cmp.Or(mark, of)
		}
	}
	return all, mark
}

// writtenBy is the mark of a policy of one of the names, and whether this project made it for the bucket.
func writtenBy(p proof.Principal, names []string, bucketARN string) (document.Mark, bool) {
	for _, d := range p.Policies {
		if !slices.Contains(names, d.Name) {
			continue
		}
		if mark, ours := document.InlineOwner(d.Stored(), bucketARN); ours {
			return mark, true
		}
	}
	return "", false
}
