package sharefile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"example.com/sharedbucket/internal/share"
)

// parseYAML reads one YAML document whose top is a mapping, and where each property of it stands.
//
// Scalars keep the text they were written as. A YAML library would read the account id 012345678901 as a number and
// drop its zero, or take it for octal; which of a property's values are numbers is known to package share alone.
func parseYAML(data []byte) (map[string]any, map[string]token.Position, error) {
	all, err := tokens(data)
	if err != nil {
		return nil, nil, err
	}
	file, err := parser.Parse(all, 0)
	if err != nil {
		return nil, nil, parserError(err)
	}
	body, err := onlyBody(file)
	if err != nil {
		return nil, nil, err
	}
	r := reader{anchors: map[string]ast.Node{}, places: map[string]token.Position{}}
	value, err := r.value(body, "", 0)
	if err != nil {
		return nil, nil, err
	}
	properties, ok := value.(map[string]any)
	if !ok {
		return nil, nil, at(body.GetToken(), "it is not a mapping of properties")
	}
	return properties, r.places, nil
}

func onlyBody(file *ast.File) (ast.Node, error) {
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		return nil, &Error{Problem: "it is empty"}
	case len(bodies) > 1:
		return nil, at(bodies[1].GetToken(), severalDocuments)
	}
	return bodies[0], nil
}

// reader turns YAML nodes into maps, lists and strings.
type reader struct {
	anchors map[string]ast.Node
	places  map[string]token.Position // path of a property → where it stands
	values  int
}

func (r *reader) value(n ast.Node, path string, depth int) (any, error) {
	if n == nil {
		return nil, nil
	}
	if r.values++; depth > maxDepth || r.values > maxValues {
		return nil, at(n.GetToken(), "it is nested too deeply, or its aliases repeat too much")
	}
	if _, there := r.places[path]; !there {
		r.note(path, start(n))
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, nil
	case *ast.MappingNode:
		return r.mapping(n.Values, path, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, path, depth)
	case *ast.SequenceNode:
		return r.sequence(n, path, depth)
	case *ast.AnchorNode:
		v, err := r.value(n.Value, path, depth+1)
		r.anchors[n.Name.GetToken().Value] = n.Value
		return v, err
	case *ast.AliasNode:
		target, ok := r.anchors[n.Value.GetToken().Value]
		if !ok {
			return nil, at(n.GetToken(), "no anchor &%s stands above", n.Value.GetToken().Value)
		}
		return r.value(target, path, depth+1)
	case *ast.TagNode:
		if n.Start.Value != string(token.StringTag) {
			return nil, at(n.GetToken(), "the tag %.100s means nothing in a share file", n.Start.Value)
		}
		return r.value(n.Value, path, depth+1)
	}
	return nil, at(n.GetToken(), "%s is not understood in a share file", n.Type())
}

// start is where a node begins. The token of a mapping in block style is its first colon.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	}
	return n.GetToken()
}

func (r *reader) note(path string, t *token.Token) {
	if t != nil && t.Position != nil {
		r.places[path] = *t.Position
	}
}

func (r *reader) mapping(values []*ast.MappingValueNode, path string, depth int) (any, error) {
	m := make(map[string]any, len(values))
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			return nil, at(v.Key.GetToken(), "the merge key << is not understood in a share file; write the properties out")
		}
		key, err := r.key(v.Key, depth)
		if err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			return nil, at(v.Key.GetToken(), "%.100q is there twice", key)
		}
		below := pathOf(path, key)
		r.note(below, v.Key.GetToken())
		if m[key], err = r.value(v.Value, below, depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// pathOf is the path of a property as violations name it.
func pathOf(parent, name string) string {
	if parent == grantees {
		return accountPath(name)
	}
	return share.Path(parent, name)
}

func accountPath(account string) string { return fmt.Sprintf("%s[%.100q]", grantees, account) }

// key is the text of a mapping's key: an account id without quotes keeps its leading zeros here too.
func (r *reader) key(n ast.MapKeyNode, depth int) (string, error) {
	inner := ast.Node(n)
	if explicit, ok := n.(*ast.MappingKeyNode); ok {
		inner = explicit.Value
	}
	inKey := &reader{anchors: r.anchors, places: map[string]token.Position{}, values: r.values}
	v, err := inKey.value(inner, "", depth+1)
	r.values = inKey.values
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", at(n.GetToken(), "a property's name is a string")
	}
	return s, nil
}

func (r *reader) sequence(n *ast.SequenceNode, path string, depth int) (any, error) {
	list := make([]any, len(n.Values))
	for i, v := range n.Values {
		var err error
		if list[i], err = r.value(v, fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}
