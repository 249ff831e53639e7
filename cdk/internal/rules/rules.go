// Package rules runs the programs that check templates: cfn-lint, and cfn-guard with the proactive controls of AWS
// Control Tower. It is for tests.
package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Lint returns what cfn-lint has to say about templates, hints included; nothing, when all is well. root is the
// repository's.
func Lint(root string, templates ...string) (string, error) {
	venv, err := exec.Command(filepath.Join(root, "test", "local", "setup")).Output()
	if err != nil {
		return "", fmt.Errorf("test/local/setup: %w", err)
	}
	lint := filepath.Join(strings.TrimSpace(string(venv)), "bin", "cfn-lint")
	out, err := exec.Command(lint, append([]string{"--include-checks", "I", "--"}, templates...)...).CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return "", err
	}
	return string(out), nil
}

// Finding is a rule that a template breaks.
type Finding struct {
	Template string // its file name
	Control  string // such as CT.S3.PR.2
}

const validator = "cdk/node_modules/@cdklabs/cdk-validator-cfnguard"

// Guard returns the proactive controls that templates break, sorted.
// https://docs.aws.amazon.com/controltower/latest/controlreference/proactive-controls.html
func Guard(root string, templates ...string) ([]Finding, error) {
	program, err := guardProgram()
	if err != nil {
		return nil, err
	}
	arguments := []string{"validate", "--structured", "--output-format", "json", "--show-summary", "none",
		"--rules", filepath.Join(root, validator, "rules/control-tower/cfn-guard")}
	for _, t := range templates {
		arguments = append(arguments, "--data", t)
	}
	command := exec.Command(filepath.Join(root, validator, program), arguments...)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil && out.Len() == 0 {
		return nil, fmt.Errorf("cfn-guard (install it with make cdk-tool): %w\n%s", err, complaints.String())
	}
	return findings(out.Bytes())
}

// guardProgram is the path of the program for this machine in the validator's package.
func guardProgram() (string, error) {
	system := map[string]string{"linux": "ubuntu", "darwin": "macos"}[runtime.GOOS]
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if system == "" || machine == "" {
		return "", fmt.Errorf("there is no cfn-guard for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return filepath.Join("bin", system, machine, "cfn-guard"), nil
}

var control = regexp.MustCompile(`\[(CT\.[A-Z0-9.]+)\]`)

func findings(report []byte) ([]Finding, error) {
	var templates []struct {
		Name         string            `json:"name"`
		NotCompliant []json.RawMessage `json:"not_compliant"`
	}
	if err := json.Unmarshal(report, &templates); err != nil {
		return nil, fmt.Errorf("reading cfn-guard's report: %w", err)
	}
	var all []Finding
	for _, t := range templates {
		for _, rule := range t.NotCompliant {
			for _, m := range control.FindAllSubmatch(rule, -1) {
				all = append(all, Finding{filepath.Base(t.Name), string(m[1])})
			}
		}
	}
	slices.SortFunc(all, func(a, b Finding) int { return strings.Compare(a.Template+a.Control, b.Template+b.Control) })
	return slices.Compact(all), nil
}
