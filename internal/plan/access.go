package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// WantedAccess is to PlanAccess what Wanted is to PlanShare.
type WantedAccess struct {
	Access   share.Access
	Previous *share.Access
}

// PlanAccess is the way from now to the wanted access: inline policies in this account, revocations first.
func ForAccess(w WantedAccess, now AccessState) (Plan, error) {
	a := w.Access
	bucketARN := a.Env.BucketARN(a.Bucket)
	buckets := []string{bucketARN}
	var revocations []Step
	if b := w.Previous; b != nil && b.PolicyName == a.PolicyName {
		buckets = append(buckets, b.Env.BucketARN(b.Bucket))
		for _, arn := range buckets {
			revocations = append(revocations, revokeInline(withoutGrants(b.Grantees, a.Grantees), a.PolicyName, now.Identities, arn)...)
			if b.Bucket == a.Bucket {
				break
			}
		}
	}
	if err := checkIdentities(a.Grantees, now.Identities, a.PolicyName, buckets...); err != nil {
		return nil, err
	}
	key := ""
	if k := now.Key; k != nil {
		key = k.ARN
		if err := keyKindProblem(k); err != nil {
			return nil, err
		}
		if err := keyStateProblem(k); err != nil {
			return nil, err
		}
	}
	if key == "" {
		key = a.KeyARN
	}
	text := func(id share.Identity) string { return document.GranteePolicy(a, id, key).Text() }
	inline, err := planInline(a.Grantees, a.PolicyName, now.Identities, text)
	if err != nil {
		return nil, err
	}
	return inOrder(revocations, inline), nil
}

// PlanAccessRemoval takes every inline policy away that was made here for the bucket.
func AccessRemoval(a share.Access, now AccessState) Plan {
	return inOrder(revokeInline(share.Identities(a.Grantees), a.PolicyName, now.Identities, a.Env.BucketARN(a.Bucket)))
}
