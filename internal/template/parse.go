// Package template reads CloudFormation templates as far as they declare who may use a bucket: JSON and YAML with short
// forms, with parameters, conditions, mappings and functions worked out. It calls nobody: what only CloudFormation or
// AWS knows becomes an inventory.Unknown with its path.
package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of a template: CloudFormation's own limit on its size, and far more values and nesting than fit in it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxBytes  = 1 << 20
	maxValues = 400_000 // also what anchors and aliases may grow to
	maxDepth  = 200
)

// parse reads a template: objects, lists and texts. Scalars keep the text they were written as, and a short form is
// written as the function that it stands for.
func parse(data []byte) (map[string]any, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("it has %d bytes, and CloudFormation takes %d", len(data), maxBytes)
	}
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed) {
		return parseJSON(trimmed)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	r := reader{}
	v, err := r.value(&document, 0)
	if err != nil {
		return nil, err
	}
	if m, is := v.(map[string]any); is {
		return m, nil
	}
	return nil, errors.New("it is not a mapping")
}

func parseJSON(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	err := d.Decode(&m)
	return m, err
}

// reader turns YAML nodes into objects, lists and texts.
type reader struct{ values int }

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{n.Line}, args...)...)
}

func (r *reader) value(n *yaml.Node, depth int) (any, error) {
	if r.values++; depth > maxDepth || r.values > maxValues {
		return nil, at(n, "it is nested too deeply, or its aliases repeat too much")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		return r.tagged(n, depth)
	}
	return r.plain(n, depth)
}

// plain is a node without its tag.
func (r *reader) plain(n *yaml.Node, depth int) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0], depth+1)
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.MappingNode:
		return r.mapping(n, depth)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, one := range n.Content {
			var err error
			if list[i], err = r.value(one, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return nil, nil
		}
		return n.Value, nil
	}
	return nil, nil // an empty document
}

func (r *reader) mapping(n *yaml.Node, depth int) (any, error) {
	m := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, at(key, "this key is not understood in a template")
		}
		if _, twice := m[key.Value]; twice {
			return nil, at(key, "%.100q is there twice", key.Value)
		}
		var err error
		if m[key.Value], err = r.value(n.Content[i+1], depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// tagged is a short form: !Ref x is {Ref: x}, !Sub x is {Fn::Sub: x}, !GetAtt a.b is {Fn::GetAtt: [a, b]}.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
func (r *reader) tagged(n *yaml.Node, depth int) (any, error) {
	v, err := r.plain(n, depth)
	if err != nil {
		return nil, err
	}
	switch name := strings.TrimPrefix(n.Tag, "!"); {
	case n.Tag == "!!str":
		return n.Value, nil
	case strings.HasPrefix(name, "!") || !strings.HasPrefix(n.Tag, "!"):
		return nil, at(n, "the tag %.100s is not understood in a template", n.Tag)
	case name == "Ref" || name == "Condition":
		return map[string]any{name: v}, nil
	case name == "GetAtt":
		if text, is := v.(string); is {
			resource, attribute, _ := strings.Cut(text, ".")
			v = []any{resource, attribute}
		}
		return map[string]any{"Fn::GetAtt": v}, nil
	default:
		return map[string]any{"Fn::" + name: v}, nil
	}
}
