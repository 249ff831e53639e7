package template

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// function is an intrinsic function call: its short tag and its argument.
type function struct {
	tag string
	arg any
}

// asFunction recognizes an object that is a call of an intrinsic function.
func asFunction(o *object) (function, bool) {
	if len(o.keys) != 1 {
		return function{}, false
	}
	name, arg := o.keys[0], o.values[o.keys[0]]
	switch {
	case name == "Ref":
		return function{"!Ref", arg}, true
	case name == "Condition":
		text, ok := arg.(string)
		return function{"!Condition", text}, ok
	case name == "Fn::GetAtt":
		if path, ok := texts(arg); ok {
			return function{"!GetAtt", strings.Join(path, ".")}, true
		}
	case name == "Fn::Join":
		if text, ok := joinAsSub(arg); ok {
			return function{"!Sub", text}, true
		}
	}
	if short, ok := strings.CutPrefix(name, "Fn::"); ok {
		return function{"!" + short, arg}, true
	}
	return function{}, false
}

// joinAsSub writes a Join without delimiter as the text of a Sub, which reads like the result.
func joinAsSub(arg any) (string, bool) {
	list, ok := arg.([]any)
	if !ok || len(list) != 2 || list[0] != "" {
		return "", false
	}
	parts, ok := list[1].([]any)
	if !ok {
		return "", false
	}
	var text strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			text.WriteString(strings.ReplaceAll(part, "${", "${!"))
		case *object:
			f, ok := asFunction(part)
			if !ok || (f.tag != "!Ref" && f.tag != "!GetAtt") {
				return "", false
			}
			fmt.Fprintf(&text, "${%s}", f.arg)
		default:
			return "", false
		}
	}
	return text.String(), true
}

func texts(value any) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, v := range list {
		if out[i], ok = v.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// flow writes a function call on one line, as far as it is made of names, texts and other calls.
func flow(o *object) (string, bool) {
	f, ok := asFunction(o)
	if !ok {
		return "", false
	}
	if list, ok := f.arg.([]any); ok {
		text, ok := flowList(list)
		return f.tag + " " + text, ok
	}
	text, ok := f.arg.(string)
	return f.tag + " " + scalarAfter(f.tag, text), ok && !strings.Contains(text, "\n")
}

// braces writes an object on one line, as what is for a template in a template is when it can.
func braces(o *object) (string, bool) {
	if text, ok := flow(o); ok {
		return text, !strings.ContainsAny(text, "{}[],")
	}
	var entries []string
	for _, key := range o.keys {
		text, ok := "", false
		switch v := o.values[key].(type) {
		case string:
			text = scalar(v)
			ok = strings.HasPrefix(text, `"`) || word.MatchString(v)
		case json.Number:
			text, ok = v.String(), true
		case bool:
			text, ok = strconv.FormatBool(v), true
		case *object:
			text, ok = braces(v)
		}
		if !ok {
			return "", false
		}
		entries = append(entries, scalar(key)+": "+text)
	}
	return "{" + strings.Join(entries, ", ") + "}", true
}

func flowList(list []any) (string, bool) {
	parts := make([]string, len(list))
	for i, one := range list {
		switch one := one.(type) {
		case string:
			parts[i] = flowScalar(scalar(one))
		case *object:
			text, ok := flow(one)
			if !ok {
				return "", false
			}
			tag, rest, _ := strings.Cut(text, " ")
			if !strings.HasPrefix(rest, "[") {
				rest = flowScalar(rest)
			}
			parts[i] = tag + " " + rest
		case []any:
			text, ok := flowList(one)
			if !ok {
				return "", false
			}
			parts[i] = text
		default:
			return "", false
		}
	}
	return "[" + strings.Join(parts, ", ") + "]", true
}

// flowScalar quotes what would end a plain scalar between brackets.
func flowScalar(text string) string {
	if !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "'") && strings.ContainsAny(text, "{}[],") {
		return `"` + text + `"`
	}
	return text
}
