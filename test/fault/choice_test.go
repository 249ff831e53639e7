package fault

import (
	"slices"
	"testing"
)

// Each kind of call has to be broken in every way, and each call in some: what is left out is only more of the same.
func TestChoice(t *testing.T) {
	calls := []call{
		{
			Operation: "GetParameter", On: "", Nth: 1}, {Operation: "GetBucketPolicy", On: first,
			Nth: 1}, {Operation: "GetBucketPolicy", On: second, Nth: 1}, {Operation: "PutBucketPolicy",
			On: first, Nth: 1,
		},
		{
			Operation: "GetBucketPolicy", On: first, Nth: 2}, {Operation: "DescribeKey", On: "",
			Nth: 1}, {Operation: "DeleteBucket", On: first, Nth: 1}, {Operation: theAnswer, On: "", Nth: 1},
	}
	proven := slices.Insert(slices.Clone(calls), 7,
		call{Operation: "GetUser", On: "ann", Nth: 1}, call{Operation: "GetUser", On: "bob", Nth: 1})
	c, every := newChoice(false), newChoice(true)
	var played, all []faultCase
	for _, s := range []*scenario{
		{name: "one"},
		{name: "two", shares: aFew},
		{name: "three", beyond: "one"},
		{name: "there", shares: everyOther},
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
