package house

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "example.com/sharedbucket/"

// borders are the packages that answer from what they are given alone, and what of this module each of them needs. They
// have neither a network nor an SDK, and whoever imports one gets no more than stands here.
var borders = map[string]string{
	"policy":               "",
	"policy/grammar":       "policy",
	"evaluator":            "policy policy/grammar",
	"internal/share":       "policy",
	"internal/document":    "internal/share policy",
	"internal/declaration": "internal/share policy",
	"internal/setting":     "internal/share policy",
	"internal/plan":        "internal/declaration internal/document internal/setting internal/share policy",
	"internal/proof":       "evaluator internal/document internal/share policy policy/grammar",
	"internal/outlook": "evaluator internal/declaration internal/document internal/plan internal/proof internal/setting " +
		"internal/share policy policy/grammar",
	"internal/trail": "evaluator internal/declaration internal/document internal/plan internal/setting internal/share " +
		"policy policy/grammar",
	"internal/adopt": "evaluator internal/declaration internal/document internal/plan internal/proof internal/setting " +
		"internal/share policy policy/grammar",
	"internal/inventory": "evaluator internal/document internal/proof internal/share policy policy/grammar",
	"internal/terraform": "evaluator internal/document internal/inventory internal/proof internal/share policy " +
		"policy/grammar",
	"internal/render":  "internal/declaration internal/document internal/plan internal/setting internal/share policy",
	"internal/collect": "evaluator internal/document internal/proof internal/share policy policy/grammar",
	"internal/matrix":  "evaluator internal/document internal/proof internal/share policy policy/grammar",
	"internal/page":    "evaluator internal/document internal/proof internal/share policy policy/grammar",
}

// outside are the packages of the standard library through which something else than the input would decide.
var outside = []string{"context", "net", "net/http", "os", "os/exec", "syscall", "math/rand", "math/rand/v2"}

func TestPurePackagesImportNothingElse(t *testing.T) {
	for name, allowed := range borders {
		for _, needed := range list(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", name) {
			short, ours := strings.CutPrefix(needed, module)
			if !ours {
				t.Errorf("%s needs %s, which is neither of this module nor of the standard library", name, needed)
			} else if short != name && !slices.Contains(strings.Fields(allowed), short) {
				t.Errorf("%s needs %s", name, short)
			}
		}
		for _, imported := range list(t, "-f", `{{join .Imports "\n"}}`, name) {
			if slices.Contains(outside, imported) {
				t.Errorf("%s imports %s: it must be a pure function of its input", name, imported)
			}
		}
	}
}

// list is what go list says of a package of this module.
func list(t *testing.T, arguments ...string) []string {
	t.Helper()
	last := len(arguments) - 1
	arguments[last] = module + arguments[last]
	out, err := exec.Command("go", append([]string{"list"}, arguments...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", arguments, err)
	}
	return strings.Fields(string(out))
}
