package share_test

import (
	"encoding/json"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/share/sharetest"
)

// apply plans and carries out the whole plan, which it returns.
func apply(t fataler, w *sharetest.World, wanted share.Wanted) share.Plan {
	t.Helper()
	plan, err := share.PlanShare(wanted, w.Observe(wanted.Share, wanted.Previous, wanted.Owner))
	must(t, err)
	_, err = w.Run(plan, nil)
	must(t, err)
	return plan
}

// worldWithBucket has account-a-bucket with somebody's policy, and a key with somebody's policy.
func worldWithBucket(bucketPolicy, keyPolicy string) *sharetest.World {
	w := sharetest.NewWorld(sydney)
	w.Buckets["account-a-bucket"] = &sharetest.Bucket{Bucket: share.Bucket{
		Tags: map[string]string{"team": "a"}, Policy: bucketPolicy, Encryption: share.BucketEncryption{Algorithm: "AES256"},
	}}
	key := sydneyKey(sydney)
	w.Keys[key] = &share.Key{
		ARN: key, State: share.KeyEnabled, Manager: "CUSTOMER", Spec: share.KeySymmetric, Usage: "ENCRYPT_DECRYPT",
		Origin: share.KeyOriginKMS, Policy: keyPolicy, Tags: map[string]string{},
	}
	return w
}

// decoded is a JSON object as CloudFormation's event brings it.
func decoded(text string) (map[string]any, bool) {
	var m map[string]any
	return m, json.Unmarshal([]byte(text), &m) == nil && m != nil
}
