package fault

import (
	"slices"
	"testing"
)

// Each kind of call has to be broken in every way, and each call in some: what is left out is only more of the same.
func TestChoice(t *testing.T) {
	calls := []call{
		{"GetParameter", "", 1}, {"GetBucketPolicy", first, 1}, {"GetBucketPolicy", second, 1}, {"PutBucketPolicy", first, 1},
		{"GetBucketPolicy", first, 2}, {"DescribeKey", "", 1}, {"DeleteBucket", first, 1}, {theAnswer, "", 1},
	}
	proven := slices.Insert(slices.Clone(calls), 7, call{"GetUser", "ann", 1}, call{"GetUser", "bob", 1})
	c, every := newChoice(false), newChoice(true)
	var played, all []faultCase
	for _, s := range []*scenario{
		{name: "one"}, {name: "two", shares: aFew}, {name: "three", beyond: "one"}, {name: "there", shares: everyOther},
		{name: "back", shares: theOthers},
	} {
		of := calls
		if s.beyond != "" {
			of = proven
		}
		played, all = append(played, c.of(s, of)...), append(all, every.of(s, of)...)
	}
	for _, j := range all {
		if j.injection.Fault != shutOut && !slices.ContainsFunc(played, func(p faultCase) bool {
			return p.injection.Fault == j.injection.Fault && p.injection.Call.Operation == j.injection.Call.Operation
		}) {
			t.Errorf("%s is never %s", j.injection.Call.Operation, j.injection.Fault)
		}
		if j.shares != aFew && j.beyond == "" && !slices.ContainsFunc(played, func(p faultCase) bool {
			return p.scenario == j.scenario && p.injection.Call == j.injection.Call
		}) {
			t.Errorf("%s: %s never breaks", j.name, j.injection.Call)
		}
	}
	if len(played) >= len(all)*2/3 {
		t.Errorf("%d of %d cases are played", len(played), len(all))
	}
}
