package document_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

func TestDocumentsOfAnyShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		properties := sharetest.Properties(env).Draw(t, "properties")
		s := sharetest.Parse(t, properties, env)
		key := env.KeyARN("12345678-aaaa-4bbb-8ccc-dddddddddddd")
		documents := map[string]policy.Document{
			"bucket policy": {Version: policy.Version, Statements: document.OfShare(s, key, "").Bucket.Statements},
			"key policy": {Version: policy.Version,
				Statements: document.OfShare(s, "", "").KeyPolicy().Statements},
		}
		for _, id := range share.Identities(s.Delegates) {
			documents[id.String()] = document.OfShare(s, key, "").Of(id).Document
		}
		for name, d := range documents {
			text := d.Text()
			if !json.Valid([]byte(text)) {
				t.Fatalf("%s is no JSON: %s", name, text)
			}
			var sids []string
			for _, statement := range d.Statements {
				if !strings.HasPrefix(statement.Sid, document.SidPrefix) || strings.Trim(statement.Sid, alphanumeric) != "" {
					t.Fatalf("%s has Sid %q", name, statement.Sid)
				}
				if statement.Effect == policy.Allow && name == "bucket policy" {
					checkResources(t, statement, env.BucketARN(s.Bucket))
				}
				sids = append(sids, statement.Sid)
			}
			if slices.Sort(sids); len(slices.Compact(slices.Clone(sids))) != len(sids) {
				t.Fatalf("%s has a Sid twice: %v", name, sids)
			}
			who, err := sharetest.Admitted(text, env.Account)
			sharetest.Must(t, err)
			for _, w := range who {
				if !sharetest.Declared(w, properties) {
					t.Fatalf("%s lets %s in, who is not declared in %v", name, w, properties["Consumers"])
				}
			}
		}
	})
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func checkResources(t *rapid.T, s policy.Statement, bucketARN string) {
	for _, r := range s.Resource {
		if r != bucketARN && !strings.HasPrefix(r, bucketARN+"/") {
			t.Fatalf("%s reaches beyond the bucket: %s", s.Sid, r)
		}
	}
}

// The order in which properties are declared, and CloudFormation's way to write them, make no difference.
func TestSameDeclarationSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		properties := sharetest.Properties(env).Draw(t, "properties")
		shuffled := maps.Clone(properties)
		for _, list := range []string{"Consumers", "Delegates"} {
			shuffled[list] = rapid.Permutation(properties[list].([]any)).Draw(t, list)
		}
		a, b := sharetest.Parse(t, properties, env), sharetest.Parse(t, sharetest.Stringified(shuffled).(map[string]any), env)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("another share: %s", diff)
		}
		key := env.PendingKeyARN()
		x := sharetest.FullBucketPolicy(t, "", document.OfShare(a, key, "").Bucket.Statements)
		if y := sharetest.FullBucketPolicy(t, "", document.OfShare(b, key, "").Bucket.Statements); x != y {
			t.Fatalf("other bytes:\n%s\n%s", x, y)
		}
	})
}

func TestForeignStatementsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		s := sharetest.Shares(env).Draw(t, "share")
		foreign := sharetest.ForeignPolicies(env.BucketARN(s.Bucket)).Draw(t, "foreign")
		ours := document.OfShare(s, env.PendingKeyARN(), "").Bucket.Statements
		merged := sharetest.FullBucketPolicy(t, foreign, ours)
		if again := sharetest.FullBucketPolicy(t, merged, ours); again != merged {
			t.Fatalf("merging twice is not merging once:\n%s\n%s", merged, again)
		}
		without := sharetest.FullBucketPolicy(t, merged, nil)
		// A document without variables means the same in every Version.
		if current(sharetest.Canonical(t, without)) != current(sharetest.Canonical(t, foreign)) {
			t.Fatalf("before: %s\nafter:  %s", foreign, without)
		}
	})
}

var version = regexp.MustCompile(`,?"Version":"[0-9-]+"`)

// current is a canonical document without its Version.
func current(document string) string { return version.ReplaceAllString(document, "") }
