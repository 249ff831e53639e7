package outlook_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/outlook"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

// TestAfterIsDeployed: whatever the share, the world after the plan from nothing is the world in which it is deployed.
func TestAfterIsDeployed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		want, err := proof.Deployed(s, nil)
		sharetest.Must(t, err)
		now := plan.State{Identities: map[share.Identity]plan.IdentityState{}}
		before := want
		before.Bucket = proof.Bucket{Name: s.Bucket, Region: s.Env.Region, Owner: s.Env.Account}
		before.Principals = slices.Clone(want.Principals)
		for i := range before.Principals {
			before.Principals[i].Policies = nil
		}
		for _, id := range share.Identities(s.Delegates) {
			now.Identities[id] = plan.IdentityState{Exists: true}
		}
		steps, err := plan.ForShare(plan.Wanted{Share: s}, now)
		sharetest.Must(t, err)
		r := proof.ForShare(s, nil, outlook.After(before, s.Env.Account, steps))
		for _, f := range r.Findings() {
			t.Errorf("%s", f)
		}
		if r.Verified() != proof.True {
			t.Fatalf("after the plan the share is verified: %s", r.Verified())
		}
	})
}

// TestChanges: who loses and gains what, and nobody else.
func TestChanges(t *testing.T) {
	declare := func(access string) share.Share {
		return sharetest.Parse(t, map[string]any{
			"BucketName": "account-a-bucket", "Delegates": []any{map[string]any{"User": "ann"}},
			"Consumers": []any{map[string]any{"Account": "222222222222", "Access": access}},
		}, sharetest.Sydney)
	}
	before, err := proof.Deployed(declare("Write"), nil)
	sharetest.Must(t, err)
	after, err := proof.Deployed(declare("Read"), nil)
	sharetest.Must(t, err)
	c := proof.Compare(declare("Read"), nil, before, after, proof.More{})
	lost, gained := c.Lost, c.Gained
	for name, c := range map[string]struct {
		changes []proof.Change
		want    []string
	}{
		"lost":   {changes: lost, want: []string{"PutObject", "MultipartUpload"}},
		"gained": {changes: gained, want: []string{"ListObjectsV2", "GetObject"}},
	} {
		if len(c.changes) != 1 || !strings.Contains(c.changes[0].Who, "account 222222222222") {
			t.Errorf("%s: %v, want one account's", name, c.changes)
			continue
		}
		for _, want := range c.want {
			if !slices.Contains(c.changes[0].Operations, want) {
				t.Errorf("%s: %v lacks %s", name, c.changes[0].Operations, want)
			}
		}
	}
	if c = proof.Compare(declare("Read"), nil, after, after, proof.More{}); len(c.Lost)+len(c.Gained) > 0 {
		t.Errorf("nothing changed, and %v, %v", lost, gained)
	}
}

// TestSomebodyWhoLeft: a consumer whom only the policies remember is among those who lose.
func TestSomebodyWhoLeft(t *testing.T) {
	declare := func(accounts ...any) share.Share {
		return sharetest.Parse(t, map[string]any{
			"BucketName": "account-a-bucket", "Consumers": []any{map[string]any{"Account": accounts}},
		}, sharetest.Sydney)
	}
	before, err := proof.Deployed(declare("222222222222", "333333333333"), nil)
	sharetest.Must(t, err)
	after, err := proof.Deployed(declare("222222222222"), nil)
	sharetest.Must(t, err)
	lost := proof.Compare(declare("222222222222"), nil, before, after, proof.More{}).Lost
	if len(lost) != 1 || !strings.Contains(lost[0].Who, "account 333333333333") {
		t.Errorf("lost: %v", lost)
	}
}

// TestHolders: identities of every kind that hold a policy of ours for the bucket, and no others.
func TestHolders(t *testing.T) {
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket",
		"Delegates":  []any{map[string]any{"User": "ann"}, map[string]any{"Role": "app"}, map[string]any{"Group": "staff"}},
	}, sharetest.Sydney)
	w, err := proof.Deployed(s, nil)
	sharetest.Must(t, err)
	other := w.Principals[0]
	other.ARN = "arn:aws:iam::111111111111:user/eve"
	other.Policies = []proof.Document{proof.NewDocument("inline policy other", "{}", grammar.Identity)}
	w.Principals = append(w.Principals, other)
	got, _ := outlook.Holders(w, s.Env.Account, s.PolicyName(), s.Env.BucketARN(s.Bucket))
	if len(got) != 3 {
		t.Errorf("holders are %v", got)
	}
}
