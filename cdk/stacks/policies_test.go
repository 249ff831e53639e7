package stacks

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"example.com/sharedbucket/cdk/internal/runtime"
	"example.com/sharedbucket/test/reference"
)

func TestMain(m *testing.M) { os.Exit(runtime.Run(m.Run)) }

// In every policy of every template each action knows the condition keys beside it.
func TestPoliciesOfTemplatesAreValidByTheServiceAuthorizationReference(t *testing.T) {
	for name, c := range map[string]struct {
		form       func(awscdk.App) awscdk.Stack
		statements int // at least, so that the test sees what it is to look at
	}{
		"provider":  {form: ProviderForm, statements: 25},
		"artifacts": {form: ArtifactsForm, statements: 3},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := synthesize(c.form, true)
			if err != nil {
				t.Fatal(err)
			}
			var decoded any
			if err := json.Unmarshal(data, &decoded); err != nil {
				t.Fatal(err)
			}
			found := statements(decoded)
			if len(found) < c.statements {
				t.Errorf("%d statements were found", len(found))
			}
			for _, s := range found {
				for _, problem := range reference.Conditions(actions(s), conditionKeys(s)) {
					t.Errorf("%v: %s", s["Sid"], problem)
				}
			}
		})
	}
}

// statements are all objects with an Effect, those under conditions included.
func statements(value any) []map[string]any {
	var found []map[string]any
	switch v := value.(type) {
	case map[string]any:
		if v["Effect"] != nil {
			return []map[string]any{v}
		}
		for _, one := range v {
			found = append(found, statements(one)...)
		}
	case []any:
		for _, one := range v {
			found = append(found, statements(one)...)
		}
	}
	return found
}

// actions are those of services that the reference's table has.
func actions(statement map[string]any) []string {
	list, ok := statement["Action"].([]any)
	if !ok {
		list = []any{statement["Action"]}
	}
	var all []string
	for _, action := range list {
		all = append(all, action.(string))
	}
	return slices.DeleteFunc(all, func(action string) bool { return !reference.KnowsService(action) })
}

func conditionKeys(statement map[string]any) []string {
	var all []string
	condition, _ := statement["Condition"].(map[string]any)
	for _, of := range condition {
		for key := range of.(map[string]any) {
			all = append(all, key)
		}
	}
	return all
}
