package build

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// On any machine, a function is built for the architecture that it is deployed as.
func TestFunctionIsOfItsArchitecture(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds two programs")
	}
	other := map[string]string{"arm64": "x86_64", "x86_64": "arm64"}
	for architecture := range other {
		t.Setenv("GOARCH", "386") // what somebody has set for something else
		p, err := Function("../..", architecture, "")
		if err != nil {
			t.Fatal(err)
		}
		bootstrap := filepath.Join(t.TempDir(), "bootstrap")
		if err := p.To(bootstrap); err != nil {
			t.Fatal(err)
		}
		if err := CheckMachine(bootstrap, architecture); err != nil {
			t.Error(err)
		}
		err = CheckMachine(bootstrap, other[architecture])
		if err == nil || !strings.Contains(err.Error(), "make build/lambda/"+other[architecture]) {
			t.Errorf("a program for %s passes as one for %s: %v", architecture, other[architecture], err)
		}
	}
}

// What make cannot do, it says, instead of doing nothing.
func TestMakeSaysWhatItNeeds(t *testing.T) {
	for _, c := range []struct{ target, says string }{
		{target: "build/lambda/amd64/bootstrap", says: "arm64 and x86_64"},
		{target: "artifacts REGIONS=eu-west-1", says: "PREFIX="},
		{target: "artifacts PREFIX=zips", says: "REGIONS="},
		{target: "module-path TO=mine", says: "TO="},
	} {
		arguments := append([]string{"-C", "../..", "-o", "venv"}, strings.Fields(c.target)...)
		out, err := exec.Command("make", arguments...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.says) {
			t.Errorf("make %s: %v, %s", c.target, err, out)
		}
	}
}

func TestNoOtherArchitecture(t *testing.T) {
	if _, err := Function(".", "riscv", ""); err == nil || !strings.Contains(err.Error(), "arm64 and x86_64") {
		t.Error(err)
	}
}

// The Makefile builds with the same flags: what make build leaves is what a release has.
func TestMakefileBuildsTheSame(t *testing.T) {
	said, err := exec.Command("make", "-C", "../..", "--dry-run", "--always-make", "build/lambda/arm64/bootstrap",
		"VERSION=v1.2.3").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{
		"CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64", "-trimpath", "-buildvcs=false", "-tags lambda.norpc",
		"-s -w -buildid= -X example.com/sharedbucket/internal/version.stamped=v1.2.3",
	} {
		if !bytes.Contains(said, []byte(flag)) {
			t.Errorf("%s is missing in %s", flag, said)
		}
	}
}

func TestZipIsTheSameTwice(t *testing.T) {
	files := []File{{Name: "b", Mode: Executable, Data: []byte("program")}, {Name: "a", Mode: Plain, Data: []byte("text")}}
	one, err := Zip(files...)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TZ", "Pacific/Auckland")
	two, err := Zip(files...)
	if err != nil || !bytes.Equal(one, two) {
		t.Error("another zip", err)
	}
}
