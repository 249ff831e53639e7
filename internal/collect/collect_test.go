package collect_test

import (
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator/scenario"
	"example.com/sharedbucket/internal/collect"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// TestScenariosDecideTheSame: what simulate says of the scenarios is what the proof says, for every share.
func TestScenariosDecideTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		w, err := proof.Deployed(s, nil)
		sharetest.Must(t, err)
		if rapid.Bool().Draw(t, "the key policy was not read") {
			w.Bucket.Key.Policy = proof.Document{}
			w.Unread = []proof.Unread{{Part: proof.KeyPolicy, Account: s.Env.Account, Why: "AccessDenied"}}
		}
		compare(t, proof.ForShare(s, nil, w))
		compare(t, proof.ForBucket(s.Env, w))
	})
}

func compare(t sharetest.Fataler, r proof.Report) {
	t.Helper()
	lines, err := collect.Scenarios(r)
	sharetest.Must(t, err)
	got := map[string]int{}
	decider := scenario.NewDecider()
	for _, line := range lines {
		result, err := decider.Decide(line)
		sharetest.Must(t, err)
		for _, d := range result.Decisions {
			if d.Err != nil || d.Unexpected() {
				t.Fatalf("%s by %s is %s, expected was %s: %v", d.Operation, d.Principal, d.Overall, d.Expect, d.Err)
			}
			got[d.Principal+" "+d.Operation+" "+d.Key+" "+string(d.Overall)]++
		}
	}
	want := map[string]int{}
	for _, a := range r.Answers {
		want[r.Subjects[a.Subject].ARN+" "+string(a.Operation)+" "+a.Key+" "+string(a.Decision.Overall)]++
	}
	for key, n := range want {
		if got[key] != n {
			t.Fatalf("%s: %d times, want %d", key, got[key], n)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d decisions, want %d", len(got), len(want))
	}
}

// TestSubjectsOfOneARN: a role that was read and its best-equipped stand-in are two principals.
func TestSubjectsOfOneARN(t *testing.T) {
	const delivery = "arn:aws:iam::222222222222:role/delivery"
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "example-exchange", "Consumers": []any{map[string]any{"Principal": delivery}},
	}, sharetest.Sydney)
	w, err := proof.Deployed(s, nil)
	sharetest.Must(t, err)
	w.Principals = append(w.Principals, proof.Principal{ARN: delivery, Account: "222222222222", Type: "role"})
	compare(t, proof.ForShare(s, map[string][]share.Grantee{}, w))
}
