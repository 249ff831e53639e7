package sharetest

import (
	stdcmp "cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Fataler is what *testing.T and *rapid.T have in common.
type Fataler interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

// Must ends the test on an error.
func Must(t Fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// Sydney is the owner account of most tests.
var Sydney = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: OwnerAccount}

// KeyOf is a key of an account.
func KeyOf(env share.Env) string { return env.KeyARN("1234abcd-12ab-34cd-56ef-1234567890ab") }

// Object reads properties as they stand in a template.
func Object(t Fataler, text string) map[string]any {
	t.Helper()
	var m map[string]any
	Must(t, json.Unmarshal([]byte(text), &m))
	return m
}

// Decoded is a JSON object as CloudFormation's event brings it.
func Decoded(text string) (map[string]any, bool) {
	var m map[string]any
	return m, json.Unmarshal([]byte(text), &m) == nil && m != nil
}

// Parse is a share whose properties are right.
func Parse(t Fataler, properties map[string]any, env share.Env) share.Share {
	t.Helper()
	s, err := share.ParseShare(properties, env)
	Must(t, err)
	return s
}

// Canonical is a policy document in the form in which equal ones are the same text.
func Canonical(t Fataler, text string) string {
	t.Helper()
	c, err := policy.Canonical(text)
	Must(t, err)
	return c
}

// FullBucketPolicy is a bucket policy with a share's statements on top of what stands there.
func FullBucketPolicy(t Fataler, current string, statements []policy.Statement) string {
	t.Helper()
	after, err := policy.Merge(current, statements, document.InBucketPolicy("").Ours)
	Must(t, err)
	return after
}

var update = flag.Bool("update", false, "rewrite the golden files")

// Updating says whether files that tests compare with are written anew.
func Updating() bool { return *update }

// Titled is a document with a title for a golden file.
type Titled struct{ Title, Text string }

// Golden compares documents with testdata/<name>.json: their titles and contents, as a person reads them.
func Golden(t Fataler, name string, documents ...Titled) {
	t.Helper()
	parts := make([]string, len(documents))
	for i, d := range documents {
		parts[i] = fmt.Sprintf("%q: %s", d.Title, strings.TrimSuffix(policy.Indent(stdcmp.Or(d.Text, "null")), "\n"))
	}
	got := policy.Indent("{"+strings.Join(parts, ",")+"}") + "\n"
	file := filepath.Join("testdata", name+".json")
	if *update {
		Must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	Must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; when that is meant, run the test with -update: %s", file, diff)
	}
}
