package main

import (
	"reflect"
	"testing"

	"go.yaml.in/yaml/v3"
)

// words are what the organization's templates leave out: they are for people who fill in parameters.
var words = map[string]bool{"Metadata": true, "ConstraintDescription": true, "AllowedPattern": true}

// meaning is a YAML node as it is understood: keys, tags and values, whatever it is indented by.
func meaning(n *yaml.Node, parameters bool) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return meaning(n.Content[0], false)
	case yaml.MappingNode:
		all := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if !words[key] && !(parameters && key == "Description") {
				all[key] = meaning(n.Content[i+1], parameters || key == "Parameters")
			}
		}
		return []any{n.Tag, all}
	case yaml.SequenceNode:
		all := []any{n.Tag}
		for _, one := range n.Content {
			all = append(all, meaning(one, parameters))
		}
		return all
	}
	return []any{n.Tag, n.Value}
}

func understood(t *testing.T, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return meaning(&n, false)
}

// What the StackSets deploy is what provider.yaml and consumer.yaml are, written more closely.
func TestOrganizationHasTheTemplates(t *testing.T) {
	var organization struct {
		Resources map[string]struct {
			Properties struct {
				TemplateBody string `yaml:"TemplateBody"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(files(t)["templates/organization.yaml"]), &organization); err != nil {
		t.Fatal(err)
	}
	for stackSet, name := range map[string]string{"ProviderStackSet": "provider", "ConsumerStackSet": "consumer"} {
		got := understood(t, organization.Resources[stackSet].Properties.TemplateBody)
		want := understood(t, files(t)["templates/"+name+".yaml"])
		// Where it differs is for a person to see: a difference of large trees takes cmp minutes.
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the template in %s is not that of %s.yaml", stackSet, name)
		}
	}
}
