package share

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(known, name) {
			bad.Add(Path(path, name), Nearest(name, known), "unknown property")
		}
	}
	for i := range out.NumField() {
		field := out.Type().Field(i)
		value, given := in[field.Name]
		at := Path(path, field.Name)
		empty := value == nil || isBlank(value)
		switch {
		case field.Tag.Get("need") == "required" && empty:
			bad.Add(at, "", "required, but missing")
		case given && isEmpty(value) && field.Tag.Get("empty") != "":
			// Left out silently it would give more than was meant.
			bad.Add(at, field.Tag.Get("empty"), "empty")
		case value == nil, empty && field.Type == listType && field.Tag.Get("empty") == "":
			// Absent: an empty CommaDelimitedList parameter arrives as one empty string.
		default:
			decodeValue(value, out.Field(i), at, bad)
		}
	}
}

var listType = reflect.TypeFor[List]()

func decodeValue(in any, out reflect.Value, path string, bad *Violations) {
	switch out.Kind() {
	case reflect.String:
		if text, ok := scalarText(in); ok {
			out.SetString(readable(text, path, bad))
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
	if in == nil {
		bad.Add(path, "leave it out, or give a value", "%s expected, got nothing", kindName(out.Type()))
		return
	}
	bad.Add(path, "", "%s expected, got %s", kindName(out.Type()), describe(in))
}

// readable is a declared text without white space around it. What cannot be seen would make two names of what reads as
// one, so a text that has any of it is refused as a whole.
func readable(text, path string, bad *Violations) string {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "" && text != "":
		bad.Add(path, "leave it out, or give a value", "%q is nothing but white space", text)
		return ""
	case trimmed != text:
		bad.Add(path, "write "+quote(trimmed), "%q has white space around it", text)
	}
	if i := strings.IndexFunc(trimmed, invisible); i >= 0 {
		letter, _ := utf8.DecodeRuneInString(trimmed[i:])
		bad.Add(path, "leave that character out", "%q has the character %U, which cannot be seen", text, letter)
		return ""
	}
	if !utf8.ValidString(trimmed) {
		bad.Add(path, "", "%q has bytes that are no UTF-8", text)
		return ""
	}
	return trimmed
}

// invisible says whether a character leaves no mark of its own: controls, formats such as zero-width spaces, marks that
// turn the direction of writing, fillers, private use.
func invisible(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector) ||
		r == '\u2800' // the braille pattern without dots
}

// quote shows a value in a message, with everything that is not printable spelt out.
func quote(text string) string { return strconv.Quote(brief(text)) }

// asList takes a lone value for a list of one only where the property is documented that way.
func asList(in any, t reflect.Type) ([]any, bool) {
	if list, ok := in.([]any); ok {
		return list, true
	}
	if _, ok := scalarText(in); ok && t == listType {
		return []any{in}, true
	}
	return nil, false
}

func decodeList(in []any, out reflect.Value, path string, bad *Violations) {
	list := reflect.MakeSlice(out.Type(), len(in), len(in))
	for i, v := range in {
		if v == nil && out.Type() == listType {
			continue // blank, which is judged where the list is used
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		if v == nil || (isBlank(v) && out.Type() != listType) {
			bad.Add(at, "leave it out", "empty entry")
			continue
		}
		decodeValue(v, list.Index(i), at, bad)
	}
	out.Set(list)
}

func decodeMap(in map[string]any, out reflect.Value, path string, bad *Violations) {
	m := reflect.MakeMapWithSize(out.Type(), len(in))
	for _, k := range slices.Sorted(maps.Keys(in)) {
		v := reflect.New(out.Type().Elem()).Elem()
		decodeValue(in[k], v, Path(path, k), bad)
		m.SetMapIndex(reflect.ValueOf(k), v)
	}
	out.Set(m)
}

// scalarText is a scalar as CloudFormation would have sent it.
func scalarText(in any) (string, bool) {
	switch v := in.(type) {
	case string:
		return v, true
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
		return v == ""
	case []any:
		return len(v) == 0 || (len(v) == 1 && isBlank(v[0]))
	}
	return false
}

// isEmpty says whether a value that was given says nothing: null, "", or a list of nothing.
func isEmpty(v any) bool {
	list, isList := v.([]any)
	return v == nil || v == "" || (isList && len(list) == 0)
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
		return quote(v)
	default:
		return fmt.Sprint(v)
	}
}

// Path is the path of the property called name below path. A name that somebody made up is cut and quoted where that
// helps to read it.
func Path(path, name string) string {
	if len(name) > mostShown || strings.IndexFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) >= 0 {
		name = quote(name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
