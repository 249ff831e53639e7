package acceptance_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/sharedbucket/test/acceptance"
	"example.com/sharedbucket/test/local"
)

// TestOnTheLocalAWS plays what make acceptance plays in two real accounts, through the same code.
func TestOnTheLocalAWS(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	root, err := local.Root()
	must(t, err)
	authorizer := filepath.Join(t.TempDir(), "sharedbucket")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", authorizer, "./cmd/sharedbucket")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	zip, err := local.BuildZip(t.Context(), "./lambda")
	must(t, err)
	server := local.StartForTest(t, local.Options{Authorizer: authorizer})
	a, err := server.Account(t.Context(), "111111111111")
	must(t, err)
	b, err := server.Account(t.Context(), "222222222222")
	must(t, err)
	var told strings.Builder
	report, err := acceptance.Run(t.Context(), acceptance.Options{
		A: a.Admin.Config(), B: b.Admin.Config(), Zip: zip, Arch: architecture(), Root: root, Out: &told,
		Confirm: func(string) bool { return true },
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	for _, f := range report.Failed() {
		t.Errorf("not confirmed: %s (seen: %s)", f.Statement, f.Seen)
	}
	if len(report.Facts) < 14 {
		t.Errorf("%d facts:\n%s", len(report.Facts), report.Markdown())
	}
	if strings.Contains(report.Markdown(), "111111111111") {
		t.Error("the report names an account")
	}
}

// interrupter is an administrator who has had enough as soon as something is said.
type interrupter struct {
	at   string
	stop context.CancelFunc
	told strings.Builder
}

func (i *interrupter) Write(text []byte) (int, error) {
	if strings.Contains(string(text), i.at) {
		time.AfterFunc(300*time.Millisecond, i.stop) // in the middle of it
	}
	return i.told.Write(text)
}

// Whenever it is interrupted, all that was made is taken away again.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	root, err := local.Root()
	must(t, err)
	zip, err := local.BuildZip(t.Context(), "./lambda")
	must(t, err)
	server := local.StartForTest(t, local.Options{})
	a, err := server.Account(t.Context(), "111111111111")
	must(t, err)
	b, err := server.Account(t.Context(), "222222222222")
	must(t, err)
	for _, at := range []string{"The providers", "People", "The walkthrough", "A change that fails", "Another bucket"} {
		ctx, stop := context.WithCancel(t.Context())
		i := &interrupter{at: "== " + at, stop: stop}
		_, interrupted := acceptance.Run(ctx, acceptance.Options{
			A: a.Admin.Config(), B: b.Admin.Config(), Zip: zip, Arch: architecture(), Root: root, Out: i,
			Confirm: func(string) bool { return true },
		})
		stop()
		if interrupted == nil || !strings.Contains(interrupted.Error(), "context canceled") {
			t.Errorf("%s: %v", at, interrupted)
		}
		for _, account := range []*local.Account{a, b} {
			there, err := account.Inventory(t.Context())
			must(t, err)
			left := fmt.Sprint(there.Buckets, there.Aliases, there.Identities, there.Parameters)
			if strings.Contains(left, "sharedbucket") {
				t.Errorf("%s: left in %s: %s (%v)\n%s", at, account.ID, left, interrupted, i.told.String())
			}
		}
	}
}

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
