package main

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
)

// What CloudFormation has forgotten is named below the table, with how it goes.
func TestListSaysWhatIsLeftOver(t *testing.T) {
	const left = "second is left over: "
	for says, is := range map[string]listed{
		"": {},

		left + "an update of data/Share was to put it in the place of first": {LeftOver: "first"},
		left + "first of data/Share took its place":                          {LeftOver: "first", RemovalFailed: true},
		left + "it was to be deleted with data/Share":                        {RemovalFailed: true},
	} {
		is.Type, is.Name, is.Bucket, is.LogicalID = share.BucketType, "second", "second", "Share"
		is.Stack = "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/data/0123"
		first := is
		first.Name, first.LeftOver, first.RemovalFailed = "first", "", false
		var out strings.Builder
		if err := writeList(&out, []listed{first, is}, false); err != nil {
			t.Fatal(err)
		}
		n := strings.Count(out.String(), "is left over")
		if n > 1 || (n == 1) != (says != "") || !strings.Contains(out.String(), says) {
			t.Errorf("listed: %s", out.String())
		}
	}
}
