package role_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/policy/grammar"
	"example.com/sharedbucket/test/reference"
)

// scp is a service control policy of examples/, as far as these tests look at it.
type scp struct {
	Statement []struct {
		Sid, Effect string
		Action      []string
		Resource    string
		Condition   map[string]map[string]any
	}
}

func readSCP(t *testing.T, name string) scp {
	t.Helper()
	text, err := os.ReadFile("../../../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
	if len(text) > 5120 {
		t.Errorf("%s has %d bytes; Organizations takes 5,120", name, len(text))
	}
	if _, problems := grammar.Parse(string(text), grammar.SCP); len(problems) > 0 {
		t.Error(name, problems)
	}
	var decoded scp
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

var scps = []string{"scp-protect-sharedbucket-tags.json", "scp-invoke-provider-by-cloudformation.json"}

func TestSCPsAreValid(t *testing.T) {
	for _, name := range scps {
		for _, s := range readSCP(t, name).Statement {
			var keys []string
			for _, of := range s.Condition {
				for key := range of {
					keys = append(keys, key)
				}
			}
			for _, problem := range reference.Conditions(s.Action, keys) {
				t.Errorf("%s: %s: %s", name, s.Sid, problem)
			}
			for _, problem := range reference.Resources(s.Action, []string{s.Resource}) {
				t.Errorf("%s: %s: %s", name, s.Sid, problem)
			}
			if s.Effect != "Deny" || s.Condition["ArnNotLike"]["aws:PrincipalArn"] == nil {
				t.Errorf("%s: %s denies nobody or everybody: %+v", name, s.Sid, s)
			}
		}
	}
}

// Whatever of the role puts a tag on something is kept from everybody else, and not from the role.
func TestSCPLeavesTagsToTheProviders(t *testing.T) {
	const provider = "arn:*:iam::*:role/" + role.NamePrefix + "*"
	for _, s := range role.Every() {
		for _, action := range s.Actions {
			_, name, _ := strings.Cut(action, ":")
			if s.Deny || !slices.Contains([]string{"TagResource", "UntagResource", "AddTagsToResource"}, name) {
				continue
			}
			covered := false
			for _, denial := range readSCP(t, scps[0]).Statement {
				covered = covered || slices.Contains(denial.Action, action) &&
					denial.Condition["ForAnyValue:StringLike"]["aws:TagKeys"] == "sharedbucket:*" &&
					denial.Condition["ArnNotLike"]["aws:PrincipalArn"] == provider
			}
			if !covered {
				t.Errorf("%s: others may %s with sharedbucket: tags", s.Sid, action)
			}
		}
	}
}

// What is remembered of shares is written by the providers alone.
func TestSCPLeavesWhatIsRememberedToTheProviders(t *testing.T) {
	var denied []string
	for _, s := range readSCP(t, scps[0]).Statement {
		if s.Resource == "arn:*:ssm:*:*:parameter"+declaration.Path+"*" && s.Condition["ArnNotLike"] != nil {
			denied = append(denied, s.Action...)
		}
	}
	for _, action := range []string{
		"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:PutParameter",
		"ssm:RemoveTagsFromResource",
	} {
		if !slices.Contains(denied, action) {
			t.Errorf("others may %s", action)
		}
	}
}
