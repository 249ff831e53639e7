package share_test

import (
	"os/exec"
	"strings"
	"testing"
)

// What a share is, and how documents are written and compared, stays free of clocks, networks and SDKs.
func TestPurePackagesImportNothingElse(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"example.com/sharedbucket/policy":         {},
		"example.com/sharedbucket/policy/grammar": {"example.com/sharedbucket/policy"},
		"example.com/sharedbucket/internal/share": {"example.com/sharedbucket/policy"},
		"example.com/sharedbucket/evaluator": {"example.com/sharedbucket/policy",
			"example.com/sharedbucket/policy/grammar"},
		"example.com/sharedbucket/internal/document": {
			"example.com/sharedbucket/internal/share", "example.com/sharedbucket/policy",
		},
		"example.com/sharedbucket/internal/proof": {
			"example.com/sharedbucket/evaluator", "example.com/sharedbucket/internal/document",
			"example.com/sharedbucket/internal/share",
			"example.com/sharedbucket/policy", "example.com/sharedbucket/policy/grammar",
		},
		"example.com/sharedbucket/internal/outlook": {
			"example.com/sharedbucket/evaluator", "example.com/sharedbucket/internal/document", "example.com/sharedbucket/internal/plan",
			"example.com/sharedbucket/internal/proof", "example.com/sharedbucket/internal/share",
			"example.com/sharedbucket/policy", "example.com/sharedbucket/policy/grammar",
		},
		"example.com/sharedbucket/internal/plan": {
			"example.com/sharedbucket/internal/document", "example.com/sharedbucket/internal/share",
			"example.com/sharedbucket/policy",
		},
	} {
		out, err := exec.Command("go", "list", "-deps", pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, dep := range strings.Fields(string(out)) {
			first, _, _ := strings.Cut(dep, "/")
			ours := strings.HasPrefix(dep, "example.com/sharedbucket/")
			if ours && dep != pkg && !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+dep+" ") {
				t.Errorf("%s imports %s", pkg, dep)
			}
			if !ours && strings.Contains(first, ".") {
				t.Errorf("%s imports %s, which is not of the standard library", pkg, dep)
			}
		}
		imports, err := exec.Command("go", "list", "-f", `{{join .Imports " "}}`, pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range strings.Fields(string(imports)) {
			switch dep {
			case "context", "net", "net/http", "os", "math/rand", "math/rand/v2":
				t.Errorf("%s imports %s: it must be a pure function of its input", pkg, dep)
			}
		}
	}
}
