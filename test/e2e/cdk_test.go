package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// cdk runs the real cdk with the app in the working folder, where the function is built.
func (d *fixture) cdk(words ...string) (string, error) {
	d.t.Helper()
	program := filepath.Join(d.root, "cdk", "node_modules", ".bin", "cdk")
	return d.run(d.account(idA), program,
		append(words, "--app", filepath.Join(d.work, "app"), "-c", "arch="+hostArchitecture())...)
}

// Whoever names the wrong stack or the wrong file is told, and nothing is taken for done.
func TestCDKRefusesStacksThatAreNotThere(t *testing.T) {
	d := newFixture(t)
	d.goBuild("app", "./cdk/app")
	walkthrough := "share=" + filepath.Join(d.root, "examples", "walkthrough.yaml")
	for name, c := range map[string]struct {
		words []string
		says  string
	}{
		"no file": {words: []string{"destroy", "--force", "SharedBucketConsumer-account-a-bucket"},
			says: "no share file: give one"},
		"another account": {
			words: []string{"destroy", "--force", "SharedBucketConsumer-account-a-bucket", "-c", walkthrough},
			says:  "SharedBucketOwner-account-a-bucket"},
		"without a name": {words: []string{"diff", "SharedBucketOwner", "-c", walkthrough},
			says: "there is no stack SharedBucketOwner for this account"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := d.cdk(c.words...)
			if err == nil || !strings.Contains(out, c.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	t.Run("and those that are there are listed", func(t *testing.T) {
		out, err := d.cdk("ls", "-c", walkthrough)
		if err != nil || !strings.Contains(out, "SharedBucketProvider\n") ||
			!strings.Contains(out, "SharedBucketOwner-account-a-bucket\n") {
			t.Errorf("%v: %s", err, out)
		}
	})
}
