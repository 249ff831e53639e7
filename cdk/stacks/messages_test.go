package stacks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"example.com/sharedbucket/internal/share"
)

// A message about a property names the template's parameter that it came from, where that is called otherwise.
func TestMessagesNameTheParametersOfTheTemplates(t *testing.T) {
	for name, form := range map[string]func(awscdk.App) awscdk.Stack{"owner": OwnerForm, "consumer": ConsumerForm} {
		data, err := synthesize(form, true)
		if err != nil {
			t.Fatal(err)
		}
		var template struct {
			Parameters map[string]any
			Resources  map[string]struct {
				Type       string
				Properties any
			}
		}
		if err := json.Unmarshal(data, &template); err != nil {
			t.Fatal(err)
		}
		given := 0
		for _, resource := range template.Resources {
			if !strings.HasPrefix(resource.Type, "Custom::") {
				continue
			}
			for path, parameter := range references(resource.Properties, "") {
				if template.Parameters[parameter] == nil || parameter == "ServiceToken" {
					continue
				}
				given++
				want := path
				if path[strings.LastIndex(path, ".")+1:] != parameter {
					want += " (" + parameter + " of templates/" + name + ".yaml)"
				}
				if got := (share.Violations{{Property: path}}).ForTemplates()[0].Property; got != want {
					t.Errorf("%s.yaml: %q, want %q", name, got, want)
				}
			}
		}
		if given < 10 {
			t.Errorf("%s.yaml: %d properties from parameters", name, given)
		}
	}
}

// references are the parameters that a value is made from, by the path of the property.
func references(value any, path string) map[string]string {
	found := map[string]string{}
	add := func(value any, path string) {
		for at, parameter := range references(value, path) {
			found[at] = parameter
		}
	}
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			add(one, path+"[0]")
		}
	case map[string]any:
		if name, is := v["Ref"].(string); is {
			return map[string]string{path: name}
		}
		if choice, is := v["Fn::If"].([]any); is {
			add(choice[1], path)
			return found
		}
		for key, one := range v {
			add(one, strings.TrimPrefix(path+"."+key, "."))
		}
	}
	return found
}
