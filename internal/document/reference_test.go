package document_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/test/reference"
)

// S3 refuses a whole bucket policy for one condition key that one action of its statement does not know, or for an
// action without a resource of its kind; IAM and KMS take them, and the statement never applies.
func checkAgainstReference(t sharetest.Fataler, name string, statements []policy.Statement) {
	t.Helper()
	for _, s := range statements {
		var keys []string
		for _, tests := range s.Condition {
			keys = append(keys, slices.Sorted(maps.Keys(tests))...)
		}
		for _, problem := range append(reference.Conditions(s.Action, keys), reference.Resources(s.Action, s.Resource)...) {
			t.Errorf("%s: %s: %s", name, s.Sid, problem)
		}
	}
}

func TestGoldenDocumentsFitTheServiceAuthorizationReference(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden documents", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		sharetest.Must(t, err)
		var documents map[string]struct{ Statement []looseStatement }
		sharetest.Must(t, json.Unmarshal(text, &documents))
		for name, d := range documents {
			for _, s := range d.Statement {
				checkAgainstReference(t, file+": "+name, []policy.Statement{s.statement()})
			}
		}
	}
}

// looseStatement has lists of one as their element.
type looseStatement struct {
	Sid              string
	Action, Resource any
	Condition        map[string]map[string]any
}

func (s looseStatement) statement() policy.Statement {
	list := func(v any) policy.Values {
		if text, ok := v.(string); ok {
			return policy.Values{text}
		}
		var all policy.Values
		for _, one := range v.([]any) {
			all = append(all, one.(string))
		}
		return all
	}
	made := policy.Statement{Sid: s.Sid, Action: list(s.Action), Resource: list(s.Resource), Condition: policy.Condition{}}
	for operator, tests := range s.Condition {
		made.Condition[operator] = map[string]policy.Values{}
		for key := range tests {
			made.Condition[operator][key] = nil
		}
	}
	return made
}

func TestDocumentsOfAnyShareFitTheServiceAuthorizationReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		s := sharetest.Shares(env).Draw(t, "share")
		key := sharetest.KeyOf(env)
		checkAgainstReference(t, "bucket policy", document.OfShare(s, key, "").Bucket.Statements)
		checkAgainstReference(t, "key policy", document.OfShare(s, "", "").KeyPolicy().Statements)
		for _, id := range share.Identities(s.Delegates) {
			checkAgainstReference(t, "delegate", document.OfShare(s, key, "").Of(id).Document.Statements)
		}
		a := sharetest.Accesses(env).Draw(t, "access")
		for _, id := range share.Identities(a.Grantees) {
			known := rapid.SampledFrom([]string{"", key}).Draw(t, "key")
			checkAgainstReference(t, "grantee", document.OfAccess(a, known, "").Of(id).Document.Statements)
		}
	})
}
