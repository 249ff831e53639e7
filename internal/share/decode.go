package share

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode fills the struct behind out from declared properties: what CloudFormation, YAML or JSON make of them.
//
// CloudFormation turns every scalar into a string, nested ones too, and a one-element list may arrive as its element;
// so a bool is also "true", a number also "30", a List also a string. Fields keep their value where a property is
// absent or null, so defaults are set before the call.
func decode(in map[string]any, out any, path string, bad *Violations) {
	decodeStruct(in, reflect.ValueOf(out).Elem(), path, bad)
}

func decodeStruct(in map[string]any, out reflect.Value, path string, bad *Violations) {
	known := fieldNames(out.Type())
	for _, name := range sortedKeys(in) {
		if !slices.Contains(known, name) {
			bad.Add(join(path, name), nearest(name, known), "unknown property")
		}
	}
	for i := range out.NumField() {
		field := out.Type().Field(i)
		value, given := in[field.Name]
		// An empty CommaDelimitedList parameter arrives as one empty string. An empty prefix is no such thing: left out
		// silently it would open the whole bucket.
		absent := value == nil || (isBlank(value) && field.Type == reflect.TypeFor[List]() && field.Name != "Prefixes")
		if given && !absent {
			decodeValue(value, out.Field(i), join(path, field.Name), bad)
		}
		if field.Tag.Get("need") == "required" && (!given || value == nil || isBlank(value)) {
			bad.Add(join(path, field.Name), "", "required, but missing")
		}
	}
}

func decodeValue(in any, out reflect.Value, path string, bad *Violations) {
	switch out.Kind() {
	case reflect.String:
		if text, ok := scalarText(in); ok {
			out.SetString(text)
			return
		}
	case reflect.Bool:
		if text, ok := scalarText(in); ok {
			if b, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
				out.SetBool(b)
				return
			}
		}
	case reflect.Int:
		if text, ok := scalarText(in); ok {
			if n, err := strconv.Atoi(text); err == nil {
				out.SetInt(int64(n))
				return
			}
		}
	case reflect.Slice:
		if list, ok := asList(in, out.Type()); ok {
			decodeList(list, out, path, bad)
			return
		}
	case reflect.Map:
		if m, ok := in.(map[string]any); ok {
			decodeMap(m, out, path, bad)
			return
		}
	case reflect.Pointer:
		if m, ok := in.(map[string]any); ok {
			out.Set(reflect.New(out.Type().Elem()))
			decodeStruct(m, out.Elem(), path, bad)
			return
		}
	case reflect.Struct:
		if m, ok := in.(map[string]any); ok {
			decodeStruct(m, out, path, bad)
			return
		}
	}
	bad.Add(path, "", "%s expected, got %s", kindName(out.Type()), describe(in))
}

// asList takes a lone value for a list of one only where the property is documented that way.
func asList(in any, t reflect.Type) ([]any, bool) {
	if list, ok := in.([]any); ok {
		return list, true
	}
	if _, ok := scalarText(in); ok && t == reflect.TypeFor[List]() {
		return []any{in}, true
	}
	return nil, false
}

func decodeList(in []any, out reflect.Value, path string, bad *Violations) {
	list := reflect.MakeSlice(out.Type(), len(in), len(in))
	for i, v := range in {
		if v == nil && out.Type() == reflect.TypeFor[List]() {
			continue // blank, which is judged where the list is used
		}
		if v == nil {
			bad.Add(fmt.Sprintf("%s[%d]", path, i), "leave it out", "empty entry")
			continue
		}
		decodeValue(v, list.Index(i), fmt.Sprintf("%s[%d]", path, i), bad)
	}
	out.Set(list)
}

func decodeMap(in map[string]any, out reflect.Value, path string, bad *Violations) {
	m := reflect.MakeMapWithSize(out.Type(), len(in))
	for _, k := range sortedKeys(in) {
		v := reflect.New(out.Type().Elem()).Elem()
		decodeValue(in[k], v, join(path, k), bad)
		m.SetMapIndex(reflect.ValueOf(k), v)
	}
	out.Set(m)
}

// scalarText is a scalar as CloudFormation would have sent it.
func scalarText(in any) (string, bool) {
	switch v := in.(type) {
	case string:
		return strings.TrimSpace(v), true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', 0, 64), true
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case int, int64, uint64:
		return fmt.Sprint(v), true
	}
	return "", false
}

func isBlank(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0 || (len(v) == 1 && isBlank(v[0]))
	}
	return false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Name
	}
	return names
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Pointer, reflect.Struct:
		return "an object"
	}
	return "a string"
}

func describe(in any) string {
	switch v := in.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return strconv.Quote(v)
	default:
		return fmt.Sprint(v)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
