package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// TestEveryDoubtIsInTheReport compares docs/doubts.md with what a report says something about.
func TestEveryDoubtIsInTheReport(t *testing.T) {
	root, err := local.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "doubts.md"))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		open, _, row := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !row || strings.HasPrefix(line, "|---") || open == "Open" {
			continue
		}
		known := false
		for _, d := range doubts {
			if strings.HasPrefix(open, d.open) {
				known, asked[d.open] = true, true
			}
		}
		if !known {
			t.Errorf("a row of docs/doubts.md of which no report says anything: %s", open)
		}
	}
	for _, d := range doubts {
		if !asked[d.open] {
			t.Errorf("docs/doubts.md has no row that begins with %q", d.open)
		}
		if (d.ask == nil) == (d.why == "") || (d.ask == nil) != (d.expect == "") {
			t.Errorf("%q has to have either a question with what is expected, or why there is none", d.open)
		}
	}
}
