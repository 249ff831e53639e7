package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCDKDoesNotLookByItself holds the setting that makes a synthesis several times as fast, which counts only when it
// is there before CDK's packages are initialized.
func TestCDKDoesNotLookByItself(t *testing.T) {
	if validated(t, map[string]string{"organization": "true"}) != nil {
		t.Error("CDK held the templates against its own rules")
	}
}

// TestCDKFindsNothingWrong has CDK look through the templates by its own rules, which the app leaves out.
func TestCDKFindsNothingWrong(t *testing.T) {
	for name, context := range map[string]map[string]string{
		"owner":        {"share": "walkthrough.yaml", "account": "111111111111"},
		"consumer":     {"share": "walkthrough.yaml", "account": "222222222222"},
		"organization": {"organization": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			report := validated(t, context, "CDK_VALIDATION=true")
			if report == nil {
				t.Fatal("CDK wrote no report")
			}
			for _, plugin := range report.PluginReports {
				for _, v := range plugin.Violations {
					t.Errorf("%s: %s", v.RuleName, v.Description)
				}
			}
		})
	}
}

// validationReport is the part of validation-report.json in a cloud assembly that says what is wrong.
type validationReport struct {
	PluginReports []struct {
		Violations []struct{ RuleName, Description string }
	}
}

// validated synthesizes as a program of its own, with a process of Node of its own, and returns what CDK found; nil
// when it did not look.
func validated(t *testing.T, context map[string]string, environment ...string) *validationReport {
	t.Helper()
	given, err := json.Marshal(context)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	share, err := os.ReadFile("../../examples/walkthrough.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folder := prepared(t, map[string]string{"walkthrough.yaml": string(share)})
	app := exec.Command(self)
	app.Dir = folder
	app.Env = append(withoutValidation(), asApp+"=1", "CDK_OUTDIR="+filepath.Join(folder, "cdk.out"),
		"CDK_CONTEXT_JSON="+string(given))
	app.Env = append(app.Env, environment...)
	if said, err := app.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(filepath.Join(folder, "cdk.out", "validation-report.json"))
	if os.IsNotExist(err) {
		return nil
	}
	report := &validationReport{}
	if err == nil {
		err = json.Unmarshal(text, report)
	}
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// withoutValidation is the environment without what package environment set in it.
func withoutValidation() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "CDK_VALIDATION=")
	})
}
