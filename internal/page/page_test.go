package page_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/page"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

// report is a share of two consumers with prefixes, in which one identity lost its policy, one has a boundary in its
// way, and something was not read.
func report(t sharetest.Fataler) proof.Report {
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket",
		"Consumers": []any{
			map[string]any{"Account": "222222222222"},
			map[string]any{"Account": "333333333333", "Access": "Read", "Prefixes": "outbox"},
		},
		"Delegates": []any{map[string]any{"User": "ann"}, map[string]any{"User": "bob", "Access": "Read"}},
	}, sharetest.Sydney)
	w, err := proof.Deployed(s, nil)
	sharetest.Must(t, err)
	w.Principals[0].Policies = nil
	boundary := proof.NewDocument(`<script>alert("boundary")</script>`,
		`{"Version":"2012-10-17","Statement":{"Sid":"NoReads","Effect":"Deny","Action":"s3:Get*","Resource":"*"}}`,
		grammar.Boundary)
	w.Principals[1].Boundary = &boundary
	w.Unread = []proof.Unread{{Part: proof.SCPs, Account: "333333333333", Why: "AccessDenied"}}
	return proof.ForShare(s, nil, w)
}

func write(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	sharetest.Must(t, page.Write(&b, report(t), "Not as declared."))
	return b.String()
}

// TestPageIsAlone: nothing in the page is fetched from anywhere, and texts of policies are never markup.
func TestPageIsAlone(t *testing.T) {
	text := write(t)
	for _, reference := range []string{" src=", "<link", "url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML"} {
		if strings.Contains(text, reference) {
			t.Errorf("the page has %q", reference)
		}
	}
	if strings.Contains(text, `<script>alert(`) {
		t.Error("a policy's name became markup")
	}
	if !strings.Contains(text, `default-src 'none'`) {
		t.Error("the page does not forbid itself the network")
	}
}

// TestPageWithoutScript: the matrix, the surprises and what is not proven are in the page itself.
func TestPageWithoutScript(t *testing.T) {
	body, _, _ := strings.Cut(write(t), `id="data"`)
	for _, want := range []string{
		"user/ann of 111111111111, PutObject, anywhere: refused, surprise: missing", "<caption", "outbox/",
		"service control policies of account 333333333333: AccessDenied", "user/ann is a surprise",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in the page", want)
		}
	}
}

// savePage writes the page where a browser can open it.
func savePage(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	sharetest.Must(t, os.WriteFile(path, []byte(write(t)), 0o600))
	return "file://" + path
}
