package scenario

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
)

// lenient reads what a policy's text may be although the policy is not valid then: names that stand twice, and bytes
// that are not UTF-8. Both are for package grammar to say.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// document is a policy: an object, the text of one as a string, or null for none. It is kept as text, as only that
// shows whether it is valid.
type document struct {
	text  string
	there bool
}

func (d *document) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == "null":
		return nil
	case text[0] == '"':
		if err := json.Unmarshal(text, &d.text, lenient); err != nil {
			return err
		}
		d.text = unescaped(d.text)
	default:
		d.text = string(text)
	}
	d.there = true
	return nil
}

// unescaped is the text of a document that is URL-encoded, as the API of IAM gives them. A document begins with a
// brace, so that no document is taken for one that is encoded.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html ("URL-encoded compliant with RFC 3986")
func unescaped(text string) string {
	if !strings.HasPrefix(strings.TrimSpace(text), "%") {
		return text
	}
	plain, err := url.PathUnescape(text)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(plain), "{") {
		return text
	}
	return plain
}

// value is a condition key's value: a string, number or boolean, a list of these, or null for a key that is absent.
type value struct{ evaluator.Value }

func (v *value) UnmarshalJSON(text []byte) error {
	if text[0] != '[' {
		if string(text) == "null" {
			return nil
		}
		one, err := scalar(text)
		v.Value = evaluator.One(one)
		return err
	}
	var list []jsontext.Value
	if err := json.Unmarshal(text, &list, lenient); err != nil {
		return err
	}
	texts := make([]string, len(list))
	for i, element := range list {
		var err error
		if texts[i], err = scalar(element); err != nil {
			return err
		}
	}
	v.Value = evaluator.Many(texts...)
	return nil
}

// scalar is the text of a string, or a number or boolean as written.
func scalar(text jsontext.Value) (string, error) {
	switch text[0] {
	case '"':
		var s string
		err := json.Unmarshal(text, &s, lenient)
		return s, err
	case '{', '[', 'n':
		return "", fmt.Errorf("a context value must be a string, a number, a boolean or a list of these, not %s", text)
	}
	return string(text), nil
}

// context sets the keys in a fixed order: one that is written in two cases has its last value.
func context(values map[string]value) evaluator.Context {
	var c evaluator.Context
	for _, key := range slices.Sorted(maps.Keys(values)) {
		c.Set(key, values[key].Value)
	}
	return c
}

// tags are the first values of a map, the only ones that tags have.
func tags(values map[string]value) map[string]string {
	all := make(map[string]string, len(values))
	for key, v := range values {
		if texts := v.Texts(); len(texts) > 0 {
			all[key] = texts[0]
		}
	}
	return all
}
