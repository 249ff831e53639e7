package evaluator_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestBorder: the package decides from what it is given alone, so it needs nothing but the standard library and the
// policy documents, and of the standard library nothing that reaches out of the process.
func TestBorder(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		switch path {
		case "example.com/sharedbucket/evaluator", "example.com/sharedbucket/policy", "example.com/sharedbucket/policy/grammar":
		default:
			t.Errorf("depends on %s", path)
		}
	}
	out, err = exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".", "example.com/sharedbucket/policy/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		switch path {
		case "net", "net/http", "os", "os/exec", "syscall", "context", "math/rand", "math/rand/v2":
			t.Errorf("imports %s", path)
		}
	}
}
