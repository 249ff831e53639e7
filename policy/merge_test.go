package policy

import (
	"slices"
	"strings"
	"testing"
)

func ours(sid string) bool { return strings.HasPrefix(sid, "Ours") }

var mine = []Statement{{Sid: "OursA", Effect: Allow, Principal: &Principal{Any: true}, Action: Values{"s3:GetObject"},
	Resource: Values{"*"}}}

func TestMerge(t *testing.T) {
	const foreign = `{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*",` +
		`"Condition":{"Odd<&>":{"k":[1,true]}},"Unknown":{"x":1}}`
	const old = `{"Sid":"OursOld","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`
	const written = `{"Sid":"OursA","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`
	for _, c := range []struct {
		name, current string
		ours          []Statement
		want          string
	}{
		{name: "nothing there", ours: mine, want: document(written)},
		{
			name:    "somebody else's stays to the letter",
			current: document(foreign),
			ours:    mine,
			want:    document(foreign + "," + written),
		},
		{
			name:    "ours is replaced",
			current: document(foreign + "," + old),
			ours:    mine,
			want:    document(foreign + "," + written),
		},
		{name: "ours is removed", current: document(old + "," + foreign), want: document(foreign)},
		{
			name:    "a single statement that is no list",
			current: `{"Statement":` + foreign + `}`,
			ours:    mine,
			want:    `{"Statement":[` + foreign + "," + written + `]}`,
		},
		{
			name:    "Version and Id stay",
			current: `{"Version":"2008-10-17","Id":"x","Statement":[` + foreign + `]}`,
			ours:    mine,
			want:    `{"Version":"2008-10-17","Id":"x","Statement":[` + foreign + "," + written + `]}`,
		},
		{name: "nothing is left", current: document(old)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Merge(c.current, c.ours, ours)
			if err != nil || got != c.want {
				t.Errorf("got (%v)\n%s\nwant\n%s", err, got, c.want)
			}
		})
	}
	if _, err := Merge(`{"Statement":[`, mine, ours); err == nil {
		t.Error("a text that is no JSON is merged without an error")
	}
}

// FuzzMerge: merging and removing leaves what was there, and never one of ours.
func FuzzMerge(f *testing.F) {
	f.Add(document(`{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`))
	f.Add(document(`{"Sid":"OursOld"},{"Sid":7},null`))
	f.Add(`{"Version":"2008-10-17","Id":"x","Statement":{"Sid":"T"}}`)
	f.Fuzz(func(t *testing.T, current string) {
		merged, err := Merge(current, mine, ours)
		if err != nil {
			return
		}
		again, err := Merge(merged, mine, ours)
		if err != nil || again != merged {
			t.Errorf("merging twice differs (%v):\n%s\n%s", err, merged, again)
		}
		without, err := Merge(current, nil, ours)
		if err != nil {
			t.Fatal(err)
		}
		removed, err := Merge(merged, nil, ours)
		if err != nil || removed != without {
			t.Errorf("removing leaves (%v):\n%s\nwant\n%s", err, removed, without)
		}
		if d, err := ReadStored(removed); err != nil || slices.ContainsFunc(d.Sids(), ours) {
			t.Errorf("ours are left: %v (%v)", d.Sids(), err)
		}
	})
}

func TestCharactersIAMCounts(t *testing.T) {
	for text, want := range map[string]int{
		`{"a":1}`:                 7,
		"{\n  \"a\" :\t1\n}\n":    7,
		`{"a":"x y"}`:             11, // white space in a string counts
		`{"é":1}`:                 7,
		`not JSON, counted whole`: 23,
	} {
		if got := CharactersIAMCounts(text); got != want {
			t.Errorf("%q has %d, want %d", text, got, want)
		}
	}
}

// Variables are literal text in a document of another Version than the current one.
func TestMergingVariables(t *testing.T) {
	ours := []Statement{{Sid: "SharedBucketA", Effect: Allow, Resource: Values{"a/${aws:PrincipalAccount}/*"}}}
	isOurs := func(sid string) bool { return strings.HasPrefix(sid, "SharedBucket") }
	for name, c := range map[string]struct{ current, want string }{
		"no document":                  {current: "", want: Version},
		"a document without a Version": {current: `{"Statement": {"Sid": "T"}}`, want: Version},
		"an older one":                 {current: `{"Version": "2008-10-17", "Statement": {"Sid": "T"}}`, want: Version},
		"an older one whose own ${ is text": {current: `{"Version": "2008-10-17", "Statement": {"Resource": "${x}"}}`,
			want: "2008-10-17"},
		"an older one with a variable of ours before": {
			current: `{"Version": "2008-10-17", "Statement": {"Sid": "SharedBucketB", "Resource": "${aws:username}"}}`,
			want:    Version,
		},
	} {
		merged, err := Merge(c.current, ours, isOurs)
		if err != nil || !strings.Contains(merged, `"Version":"`+c.want+`"`) {
			t.Errorf("%s: %s %v, want Version %s", name, merged, err, c.want)
		}
	}
}
