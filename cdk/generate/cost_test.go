package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// costs are how docs/cost.md names what a provider's stack makes, %d of each; for what comes with another resource, and
// is billed as a part of it or not at all, there is no name.
var costs = map[string]string{
	"AWS::CloudWatch::Alarm":         "| %d alarms | %[1]d × 0.10 |",
	"AWS::CloudWatch::Dashboard":     "| a dashboard |",
	"AWS::Logs::LogGroup":            "| a log group |",
	"AWS::Lambda::Function":          "| function |",
	"AWS::SQS::Queue":                "| dead-letter queue, SSM parameter,",
	"AWS::SSM::Parameter":            "dead-letter queue, SSM parameter,",
	"AWS::IAM::Role":                 "SSM parameter, up to %d roles and",
	"AWS::IAM::ManagedPolicy":        "roles and %d managed policies (",
	"AWS::Events::Rule":              "rule of the schedule | nothing",
	"AWS::SQS::QueuePolicy":          "",
	"AWS::Lambda::Permission":        "",
	"AWS::Lambda::EventInvokeConfig": "",
}

func costPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs", "cost.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// docs/cost.md counts what a provider's stack has, and has nothing else.
func TestCostCountsWhatAProviderHas(t *testing.T) {
	page := costPage(t)
	counts := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^    Type: (AWS::\S+)$`).FindAllStringSubmatch(
		files(t)["templates/provider.yaml"], -1) {
		counts[m[1]]++
	}
	for kind, count := range counts {
		name, known := costs[kind]
		if strings.Contains(name, "%") {
			name = fmt.Sprintf(name, count)
		} else if count != 1 && name != "" {
			t.Errorf("%d of %s, and docs/cost.md has one", count, kind)
		}
		if !known || !strings.Contains(page, name) {
			t.Errorf("docs/cost.md does not count %d of %s: %q", count, kind, name)
		}
	}
	for kind := range costs {
		if counts[kind] == 0 {
			t.Errorf("there is no %s", kind)
		}
	}
	if formula := fmt.Sprintf("S × 1.00  +  (O + C) × %d × 0.10", counts["AWS::CloudWatch::Alarm"]); !strings.Contains(
		page, formula) {
		t.Errorf("docs/cost.md lacks %q", formula)
	}
}

// A share makes one key and one parameter, and nothing else that is billed by being there.
func TestCostCountsWhatAShareHas(t *testing.T) {
	s, err := share.ParseShare(map[string]any{"BucketName": "data"}, sharetest.Sydney)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := plan.ForShare(plan.Wanted{Share: s, Owner: plan.Owner{StackID: "s", LogicalID: "l"}}, plan.State{})
	if err != nil {
		t.Fatal(err)
	}
	made := map[plan.Operation]int{}
	for _, step := range steps {
		made[step.Operation]++
	}
	if made[plan.CreateKey] != 1 || made[plan.PutParameter] > 1 || made[plan.CreateBucket] != 1 {
		t.Errorf("a share makes %v", made)
	}
	if page := costPage(t); !strings.Contains(page, "| the KMS key | 1.00,") {
		t.Error("docs/cost.md does not count a share's key")
	}
}
