package sharefile

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parseYAML reads one YAML document whose top is a mapping.
//
// Scalars keep the text they were written as. A YAML library would read the account id 012345678901 as a number and
// drop its zero, or take it for octal; which of a property's values are numbers is known to package share alone.
func parseYAML(data []byte) (map[string]any, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		return nil, errors.New("it is empty")
	case len(bodies) > 1:
		return nil, errors.New("it has more than one document (---); a share file describes one share")
	}
	r := reader{anchors: map[string]any{}}
	value, err := r.value(bodies[0], 0)
	if err != nil {
		return nil, err
	}
	properties, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is not a mapping of properties")
	}
	return properties, nil
}

// reader turns YAML nodes into maps, lists and strings.
type reader struct {
	anchors map[string]any
}

// maxDepth is far beyond what a share needs; it bounds the recursion for hostile input.
const maxDepth = 50

func (r reader) value(n ast.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, at(n, "it is nested too deeply")
	}
	switch n := n.(type) {
	case nil:
		return nil, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, nil
	case *ast.MappingNode:
		return r.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		return r.sequence(n, depth)
	case *ast.AnchorNode:
		v, err := r.value(n.Value, depth+1)
		r.anchors[n.Name.GetToken().Value] = v
		return v, err
	case *ast.AliasNode:
		v, ok := r.anchors[n.Value.GetToken().Value]
		if !ok {
			return nil, at(n, "no anchor &%s stands above", n.Value.GetToken().Value)
		}
		return v, nil
	case *ast.TagNode:
		if n.Start.Value != string(token.StringTag) {
			return nil, at(n, "the tag %s means nothing in a share file", n.Start.Value)
		}
		return r.value(n.Value, depth+1)
	}
	return nil, at(n, "%s is not understood in a share file", n.Type())
}

func (r reader) mapping(values []*ast.MappingValueNode, depth int) (any, error) {
	m := make(map[string]any, len(values))
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			return nil, at(v, "the merge key << is not understood in a share file; write the properties out")
		}
		key, err := r.key(v.Key, depth)
		if err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			return nil, at(v, "%q is there twice", key)
		}
		if m[key], err = r.value(v.Value, depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// key is the text of a mapping's key: an account id without quotes keeps its leading zeros here too.
func (r reader) key(n ast.MapKeyNode, depth int) (string, error) {
	inner := ast.Node(n)
	if explicit, ok := n.(*ast.MappingKeyNode); ok {
		inner = explicit.Value
	}
	v, err := r.value(inner, depth+1)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", at(n, "a property's name is a string")
	}
	return s, nil
}

func (r reader) sequence(n *ast.SequenceNode, depth int) (any, error) {
	list := make([]any, len(n.Values))
	for i, v := range n.Values {
		var err error
		if list[i], err = r.value(v, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func at(n ast.Node, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if t := n.GetToken(); t != nil && t.Position != nil {
		return fmt.Errorf("line %d: %s", t.Position.Line, message)
	}
	return errors.New(message)
}
