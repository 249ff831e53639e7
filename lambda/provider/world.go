package provider

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// shareWorld is what is in force for a share: what a plan saw of bucket, key and inline policies, and what is around.
// It has no Protection: that the bucket's settings are as declared says a plan with nothing left to do.
func shareWorld(w plan.Wanted, seen plan.State, around proof.World) proof.World {
	b, env := seen.Bucket, w.Share.Env
	around.Bucket = proof.Bucket{
		Name: w.Share.Bucket, Region: env.Region, Owner: env.Account,
		Policy:           proof.BucketPolicyOf(b.Policy),
		BucketKeyEnabled: b.Encryption.BucketKey, RestrictPublicBuckets: bool(b.AccessBlocked),
	}
	if k := w.Key(seen); k != nil {
		around.Bucket.Key = &proof.Key{
			ARN: k.ARN, Policy: proof.KeyPolicyOf(k.Policy), Aliases: k.Aliases,
			AWSManaged: k.Manager == plan.KeyManagerAWS,
		}
	}
	return withInline(around, w.Share.PolicyName(), seen.Identities)
}

// accessWorld is the same for an access, of whose bucket and key only the names are known.
func accessWorld(w plan.WantedAccess, region string, seen plan.AccessState, around proof.World) proof.World {
	a := w.Access
	around.Bucket = proof.Bucket{
		Name: a.Bucket, Region: region, Owner: a.Owner, Key: &proof.Key{ARN: seen.Key.ARN}, BucketKeyEnabled: true,
	}
	around.Unread = slices.Clone(around.Unread)
	for _, part := range []proof.Part{proof.BucketPolicy, proof.KeyPolicy} {
		unread := proof.Unread{Part: part, Account: a.Owner, Why: "it is the owner account's"}
		around.Unread = append(around.Unread, unread)
	}
	return withInline(around, a.PolicyName, seen.Identities)
}

// withInline is a World whose principals have their inline policies too, which a plan saw.
func withInline(w proof.World, name string, states map[share.Identity]plan.IdentityState) proof.World {
	w.Principals = slices.Clone(w.Principals)
	for i, p := range w.Principals {
		all := slices.Clone(p.Policies)
		for id, state := range states {
			if p.Identity() != id {
				continue
			}
			if d := proof.IdentityPolicyOf(proof.InlineName(id, name), state.Policy); !d.None() {
				all = append(all, d)
			}
			for other, text := range state.Others {
				all = append(all, proof.Inline(id, other, text))
			}
		}
		slices.SortFunc(all, func(a, b proof.Document) int { return strings.Compare(a.Name, b.Name) })
		w.Principals[i].Policies = all
	}
	return w
}
