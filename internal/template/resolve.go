package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/share"
)

// stack is a template with everything that is known about its deployment.
type stack struct {
	name      string // of the file
	env       share.Env
	given     map[string]string // parameters, and pseudo parameters such as AWS::StackName
	template  map[string]any
	depth     int
	resolving []string // conditions on the way
}

// noValue is AWS::NoValue: what has it is not there.
type noValue struct{}

func section(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func unknown(path, format string, args ...any) inventory.Unknown {
	return inventory.Unknown{Path: path, Why: fmt.Sprintf(format, args...)}
}

// resolve works out everything in a value. What is not known is an Unknown in its place.
func (s *stack) resolve(v any, path string) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if known := functions[name]; known != nil {
					return s.call(known, argument, path)
				}
				if strings.HasPrefix(name, "Fn::") {
					return unknown(path, "%s is not worked out here", name)
				}
			}
		}
		all := make(map[string]any, len(v))
		for name, one := range v {
			if r := s.resolve(one, path+"."+name); r != (noValue{}) {
				all[name] = r
			}
		}
		return all
	case []any:
		all := []any{}
		for i, one := range v {
			if r := s.resolve(one, fmt.Sprintf("%s[%d]", path, i)); r != (noValue{}) {
				all = append(all, r)
			}
		}
		return all
	case json.Number:
		return v.String()
	case string:
		if strings.Contains(v, "{{resolve:") {
			return unknown(path, "CloudFormation looks %.80q up when it deploys", v)
		}
	}
	return v
}

// call calls a function; one that calls itself ends.
func (s *stack) call(f function, argument any, path string) any {
	if s.depth++; s.depth > 100 {
		return unknown(path, "it refers to itself")
	}
	defer func() { s.depth-- }()
	return f(s, argument, path)
}

// function is an intrinsic function.
type function func(s *stack, argument any, path string) any

// functions are those that are worked out.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
var functions map[string]function

func init() {
	functions = map[string]function{
		"Ref": ref, "Fn::GetAtt": getAtt, "Fn::Sub": sub, "Fn::Join": join, "Fn::Select": choose, "Fn::Split": split,
		"Fn::If": branch, "Fn::FindInMap": findInMap, "Fn::ToJsonString": toJSON,
	}
}

func ref(s *stack, argument any, path string) any {
	name, is := argument.(string)
	if !is {
		return unknown(path, "Ref wants a name")
	}
	if v, there := s.pseudo(name, path); there {
		return v
	}
	if p, there := section(s.template["Parameters"])[name]; there {
		return s.parameter(name, section(p), path)
	}
	if r, there := section(s.template["Resources"])[name]; there {
		return s.physical(name, section(r), path)
	}
	return unknown(path, "the template has no parameter or resource %s", name)
}

// pseudo are the pseudo parameters.
func (s *stack) pseudo(name, path string) (any, bool) {
	if !strings.HasPrefix(name, "AWS::") {
		return nil, false
	}
	known := map[string]string{
		"AWS::AccountId": s.env.Account, "AWS::Region": s.env.Region, "AWS::Partition": s.env.Partition,
		"AWS::URLSuffix": map[bool]string{true: "amazonaws.com.cn", false: "amazonaws.com"}[s.env.Partition == "aws-cn"],
	}
	maps.Copy(known, s.given)
	switch {
	case name == "AWS::NoValue":
		return noValue{}, true
	case known[name] != "":
		return known[name], true
	}
	return unknown(path, "%s is not known before it is deployed; give --parameter %s=…", name, name), true
}

func (s *stack) parameter(name string, p map[string]any, path string) any {
	kind, _ := p["Type"].(string)
	value, given := s.given[name]
	if !given {
		fallback, there := p["Default"]
		switch {
		case !there:
			return unknown(path, "parameter %s has no value; give --parameter %s=…", name, name)
		case strings.HasPrefix(kind, "AWS::SSM::"):
			return unknown(path, "parameter %s is looked up in SSM; give --parameter %s=…", name, name)
		}
		value = fmt.Sprint(s.resolve(fallback, path))
	}
	if !strings.Contains(kind, "List") {
		return value
	}
	all := []any{}
	for one := range strings.SplitSeq(value, ",") {
		all = append(all, strings.TrimSpace(one))
	}
	return all
}

func getAtt(s *stack, argument any, path string) any {
	parts, is := argument.([]any)
	if text, isText := argument.(string); isText {
		resource, attribute, _ := strings.Cut(text, ".")
		parts, is = []any{resource, attribute}, true
	}
	if !is || len(parts) != 2 {
		return unknown(path, "Fn::GetAtt wants a resource and an attribute")
	}
	name, _ := parts[0].(string)
	attribute, ok := s.resolve(parts[1], path).(string)
	r, there := section(s.template["Resources"])[name]
	if !there || !ok {
		return unknown(path, "the template has no resource %s", name)
	}
	return s.attribute(name, attribute, section(r), path)
}

var variable = regexp.MustCompile(`\$\{[^{}]*\}`)

func sub(s *stack, argument any, path string) any {
	text, is := argument.(string)
	var own map[string]any
	if list, isList := argument.([]any); isList && len(list) == 2 {
		text, is = list[0].(string)
		own = section(list[1])
	}
	if !is {
		return unknown(path, "Fn::Sub wants a text")
	}
	var missed any
	done := variable.ReplaceAllStringFunc(text, func(v string) string {
		name := strings.TrimSpace(v[2 : len(v)-1])
		if literal, escaped := strings.CutPrefix(name, "!"); escaped {
			return "${" + literal + "}"
		}
		var value any
		switch given, there := own[name]; {
		case there:
			value = s.resolve(given, path)
		case strings.Contains(name, "."):
			value = getAtt(s, name, path)
		default:
			value = ref(s, name, path)
		}
		if u, found := inventory.Find(value); found && missed == nil {
			missed = u
		}
		return fmt.Sprint(value)
	})
	if missed != nil {
		return missed
	}
	return s.resolve(done, path)
}

// arguments are a function's arguments, worked out, or what of them is not known.
func (s *stack) arguments(argument any, want int, path string) ([]any, any) {
	list, is := argument.([]any)
	if !is || len(list) != want {
		return nil, unknown(path, "%d arguments expected", want)
	}
	all := make([]any, want)
	for i, one := range list {
		all[i] = s.resolve(one, path)
		if u, found := inventory.Find(all[i]); found {
			return nil, u
		}
	}
	return all, nil
}

func join(s *stack, argument any, path string) any {
	all, missed := s.arguments(argument, 2, path)
	if missed != nil {
		return missed
	}
	var texts []string
	for _, one := range inventory.List(all[1]) {
		texts = append(texts, fmt.Sprint(one))
	}
	return strings.Join(texts, fmt.Sprint(all[0]))
}

func split(s *stack, argument any, path string) any {
	all, missed := s.arguments(argument, 2, path)
	if missed != nil {
		return missed
	}
	list := []any{}
	for one := range strings.SplitSeq(fmt.Sprint(all[1]), fmt.Sprint(all[0])) {
		list = append(list, one)
	}
	return list
}

func choose(s *stack, argument any, path string) any {
	list, is := argument.([]any)
	if !is || len(list) != 2 {
		return unknown(path, "2 arguments expected")
	}
	from := s.resolve(list[1], path)
	if u, is := from.(inventory.Unknown); is {
		return u
	}
	var n int
	options := inventory.List(from)
	if _, err := fmt.Sscan(fmt.Sprint(s.resolve(list[0], path)), &n); err != nil || n < 0 || n >= len(options) {
		return unknown(path, "Fn::Select has no such element")
	}
	return options[n]
}

func findInMap(s *stack, argument any, path string) any {
	list, is := argument.([]any)
	if !is || len(list) < 3 {
		return unknown(path, "3 arguments expected")
	}
	all, missed := s.arguments(list[:3], 3, path)
	if missed != nil {
		return missed
	}
	first := section(section(s.template["Mappings"])[fmt.Sprint(all[0])])
	v, there := section(first[fmt.Sprint(all[1])])[fmt.Sprint(all[2])]
	if !there {
		return unknown(path, "Mappings have no %v, %v, %v", all...)
	}
	return s.resolve(v, path)
}

func toJSON(s *stack, argument any, path string) any {
	v := s.resolve(argument, path)
	if u, found := inventory.Find(v); found {
		return u
	}
	text, err := json.Marshal(v)
	if err != nil {
		return unknown(path, "%v", err)
	}
	return string(text)
}

func branch(s *stack, argument any, path string) any {
	list, is := argument.([]any)
	if !is || len(list) != 3 {
		return unknown(path, "3 arguments expected")
	}
	name, _ := list[0].(string)
	switch holds := s.condition(name, path); holds {
	case true:
		return s.resolve(list[1], path)
	case false:
		return s.resolve(list[2], path)
	default:
		return holds
	}
}

// condition is whether a condition holds: true, false or an Unknown.
func (s *stack) condition(name, path string) any {
	c, there := section(s.template["Conditions"])[name]
	switch {
	case !there:
		return unknown(path, "the template has no condition %s", name)
	case slices.Contains(s.resolving, name):
		return unknown(path, "condition %s refers to itself", name)
	}
	s.resolving = append(s.resolving, name)
	defer func() { s.resolving = s.resolving[:len(s.resolving)-1] }()
	return s.holds(c, path)
}

// holds works out Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.
func (s *stack) holds(v any, path string) any {
	c := section(v)
	for name, argument := range c {
		list := inventory.List(argument)
		switch {
		case name == "Condition":
			other, _ := argument.(string)
			return s.condition(other, path)
		case name == "Fn::Equals":
			all, missed := s.arguments(argument, 2, path)
			if missed != nil {
				return missed
			}
			return fmt.Sprint(all[0]) == fmt.Sprint(all[1])
		case name == "Fn::Not" && len(list) == 1:
			h := s.holds(list[0], path)
			if is, known := h.(bool); known {
				return !is
			}
			return h
		case name == "Fn::And" || name == "Fn::Or":
			return s.combined(list, name == "Fn::Or", path)
		}
	}
	return unknown(path, "this condition is not understood")
}

// combined is decided by one that is as decisive; otherwise by what is not known.
func (s *stack) combined(list []any, decisive bool, path string) any {
	var missed any
	for _, one := range list {
		switch h := s.holds(one, path); h {
		case decisive:
			return decisive
		case !decisive:
		default:
			missed = h
		}
	}
	if missed != nil {
		return missed
	}
	return !decisive
}
