package plan_test

import (
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/sharetest"
)

// apply plans and carries out the whole plan, which it returns.
func apply(t sharetest.Fataler, w *sharetest.Account, wanted plan.Wanted) plan.Plan {
	t.Helper()
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	return steps
}

// removal is the whole plan for a removal, of which nothing may be out of reach.
func removal(w *sharetest.Account, wanted plan.Wanted) (plan.Plan, error) {
	return plan.Removal(wanted, w.Observe(wanted))
}

// accountWithBucket has account-a-bucket with somebody's policy, and a key with somebody's policy.
func accountWithBucket(bucketPolicy, keyPolicy string) *sharetest.Account {
	w := sharetest.NewAccount(sharetest.Sydney)
	w.Buckets["account-a-bucket"] = &sharetest.Bucket{Bucket: plan.Bucket{
		Tags: map[string]string{"team": "a"}, Policy: sharetest.Stored(bucketPolicy),
		BucketSettings: setting.BucketSettings{Encryption: setting.Encryption{Algorithm: "AES256"}},
	}}
	key := sharetest.KeyOf(sharetest.Sydney)
	w.Keys[key] = &plan.Key{
		ARN: key, State: plan.KeyEnabled, Manager: "CUSTOMER", Spec: plan.KeySymmetric, Usage: "ENCRYPT_DECRYPT",
		Origin: plan.KeyOriginKMS, Policy: sharetest.Stored(keyPolicy), Tags: map[string]string{},
	}
	return w
}
