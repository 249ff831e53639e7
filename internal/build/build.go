// Package build builds what is deployed and released: the same bytes from the same source with the same Go, in whatever
// folder and at whatever time.
package build

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"example.com/sharedbucket/internal/version"
)

// Program is one program for one kind of machine.
type Program struct {
	Module       string // the module's folder
	Package      string // below it
	GOOS, GOARCH string
	Tags         string
	Version      string // stamped into it; may be empty
}

// Function is the provider's function for an architecture of Lambda's, arm64 or x86_64.
func Function(module, architecture, version string) (Program, error) {
	goarch, ok := map[string]string{"arm64": "arm64", "x86_64": "amd64"}[architecture]
	if !ok {
		return Program{}, fmt.Errorf("the architecture is %q; Lambda has arm64 and x86_64", architecture)
	}
	// lambda.norpc leaves out how functions of runtimes of old were called.
	return Program{module, "./lambda", "linux", goarch, "lambda.norpc", version}, nil
}

// Command is the command sharedbucket.
func Command(module, goos, goarch, version string) Program {
	return Program{module, "./cmd/sharedbucket", goos, goarch, "", version}
}

// To builds the program as a file.
func (p Program) To(file string) error {
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", strings.TrimSpace("-s -w -buildid= "+version.Flag(p.Version)), "-tags", p.Tags, "-o", file, p.Package)
	command.Dir = p.Module
	command.Env = append(os.Environ(), p.Environment()...)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build in %s: %w: %s", p.Module, err, bytes.TrimSpace(out))
	}
	return nil
}

// Environment is what decides about the program's bytes besides the source, and is not left to whoever builds it.
func (p Program) Environment() []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + p.GOOS, "GOARCH=" + p.GOARCH, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=",
	}
}
