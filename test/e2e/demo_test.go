package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/test/demo"
	"example.com/sharedbucket/test/local"
)

// TestDemo plays the walkthrough as make demo does: cdk bootstrap, deploy and destroy in two accounts, and the aws
// command as ann, dilip and mallory. The demo compares everything with what the walkthrough says.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	root, err := local.Root()
	must(t, err)
	command := filepath.Join(root, "build", "sharedbucket")
	if _, err := os.Stat(command); err != nil {
		t.Fatalf("run make test, which builds what the demo needs: %v", err)
	}
	var told strings.Builder
	if err := demo.Run(t.Context(), demo.Options{Out: &told, Command: command}); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	if !strings.Contains(told.String(), "checks held") {
		t.Errorf("the demo did not come to its end:\n%s", told.String())
	}
}
