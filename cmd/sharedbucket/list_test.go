package main

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
)

// What a failed roll-back left is named below the table, with how it goes.
func TestListSaysWhatIsLeftOver(t *testing.T) {
	stack := "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/data/0123"
	shares := []listed{
		{Type: share.BucketType, Name: "first", Bucket: "first", Stack: stack, LogicalID: "Share"},
		{Type: share.BucketType, Name: "second", Bucket: "second", Stack: stack, LogicalID: "Share", LeftOver: "first"},
	}
	var out strings.Builder
	if err := writeList(&out, shares, false); err != nil {
		t.Fatal(err)
	}
	const says = "second is left over: an update of data/Share was to put it in the place of first"
	if n := strings.Count(out.String(), "is left over"); n != 1 || !strings.Contains(out.String(), says) {
		t.Errorf("listed: %s", out.String())
	}
}
