package scenario_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/sharedbucket/evaluator/scenario"
)

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchemas: what the schema of scenarios takes is decided, what it refuses is refused, and the answers are as the
// schema of decisions says.
func TestSchemas(t *testing.T) {
	scenarios, decisions := schema(t, "scenario.schema.json"), schema(t, "decisions.schema.json")
	lines := slices.Concat(examples(t, "walkthrough.jsonl"), examples(t, "organization.jsonl"),
		examples(t, "expectations.jsonl"), []string{
			minimal(``),
			minimal(`"note": {"a": 1}, "key_arn": null, "accounts": null, "scps": null, "block_public_access": null, `),
			minimal(`"bucket_policy": "{", "scps": {"111111111111": [{"target": "root", "policies": []}]}, `),
			strings.Replace(minimal(``), `"key": "k"`,
				`"key": "k", "expect": ["allow", "deny"], "context": {"a": [1, "b"], "c": null}`, 1),
			strings.Replace(minimal(``), `"key": "k"`, `"key": "k", "expect": {"s3": "Allow", "kms": ["none"]}`, 1),
			strings.Replace(minimal(``), `"GetObject"`, `"GetObjekt"`, 1),
			strings.Replace(minimal(``), `"operation": "GetObject", "key": "k"`,
				`"operation": "DeleteObjects", "keys": ["a", "b"]`, 1),
		})
	for _, line := range lines {
		if err := valid(t, scenarios, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		r, err := run(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if answer := string(r.AppendJSON(nil)); valid(t, decisions, answer) != nil {
			t.Errorf("%s: %v", answer, valid(t, decisions, answer))
		}
	}
	for _, line := range []string{
		`{}`, `[]`, `{"id": 5, "owner_account": "1", "bucket": "b"}`, minimal(`"key_arn": "alias/x", `),
		minimal(`"accounts": [], `),
		strings.Replace(minimal(``), `"type": "user"`, `"type": "group"`, 1),
		strings.Replace(minimal(``), `"account": "111111111111", "type"`, `"type"`, 1),
		strings.Replace(minimal(``), `"key": "k"`, `"context": {"a": {}}`, 1),
	} {
		if valid(t, scenarios, line) == nil {
			t.Errorf("the schema takes %s", line)
		}
		if _, err := run(line); err == nil {
			t.Errorf("decided: %s", line)
		}
	}
}

// TestSchemaHasAllFields: the schema lists exactly the fields that are read.
func TestSchemaHasAllFields(t *testing.T) {
	root := schema(t, "scenario.schema.json")
	at := func(s *jsonschema.Schema, path ...string) *jsonschema.Schema {
		for _, name := range path {
			s = resolved(s.Properties[name])
			if items, ok := s.Items2020, s.Items2020 != nil; ok {
				s = resolved(items)
			}
		}
		return s
	}
	for place, s := range map[string]*jsonschema.Schema{
		"scenario": root, "principals": at(root, "principals"), "requests": at(root, "requests"),
		"copy_from":     at(root, "requests", "copy_from"),
		"other_buckets": at(root, "other_buckets"), "access_points": at(root, "access_points"),
		"block_public_access": at(root, "block_public_access"),
	} {
		got := slices.Sorted(maps.Keys(s.Properties))
		if want := slices.Sorted(slices.Values(scenario.Fields()[place])); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %q, read are %q", place, got, want)
		}
	}
}

// TestSchemaHasAllLayers: a layer that is new in the evaluator is one that readers of decisions are told of.
func TestSchemaHasAllLayers(t *testing.T) {
	source, err := os.ReadFile("../layer.go")
	if err != nil {
		t.Fatal(err)
	}
	var layers []any
	for _, m := range regexp.MustCompile(`Layer = "(.+)"`).FindAllStringSubmatch(string(source), -1) {
		layers = append(layers, m[1])
	}
	reasons := resolved(schema(t, "decisions.schema.json").Properties["decisions"].Items2020).Properties["reasons"]
	layer := resolved(resolved(reasons).Items2020).Properties["layer"]
	if got := resolved(layer).Enum.Values; len(layers) == 0 || !slices.Equal(got, layers) {
		t.Errorf("the schema has %q, the evaluator %q", got, layers)
	}
}

// resolved follows references, and takes the alternative to null.
func resolved(s *jsonschema.Schema) *jsonschema.Schema {
	for s.Ref != nil || len(s.AnyOf) > 0 {
		if s.Ref != nil {
			s = s.Ref
		} else {
			s = s.AnyOf[0]
		}
	}
	return s
}
