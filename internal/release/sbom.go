package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"example.com/sharedbucket/internal/build"
)

// sbom is the tool that says what is in a program: https://github.com/CycloneDX/cyclonedx-gomod
type sbom string

// newSBOM builds the tool. The SBOM has the tool's digest, so it is built as reproducibly as the programs.
func newSBOM(root, work string) (sbom, error) {
	tool := filepath.Join(work, "cyclonedx-gomod")
	command := exec.Command("go", "build", "-modfile=test/tools/sbom.mod", "-trimpath", "-buildvcs=false", "-o", tool,
		"github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod")
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building cyclonedx-gomod: %w: %s", err, bytes.TrimSpace(out))
	}
	return sbom(tool), nil
}

// of is the SBOM of a program that was built: the modules that it says it was linked from, and their licences as they
// stand in the module cache. The tool never looks for them elsewhere, so that the answer does not depend on a network.
func (s sbom) of(p build.Program, file string) ([]byte, error) {
	to := file + ".cdx.json"
	command := exec.Command(string(s), "bin", "-json", "-output", to, "-version", p.Version,
		"-noserial", "-notimestamp", "-std", "-licenses", file)
	command.Dir = p.Module
	command.Env = append(append(os.Environ(), p.Environment()...), "GOPROXY=off")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("writing the SBOM: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.ReadFile(to)
}
