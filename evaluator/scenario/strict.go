package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-json-experiment/json"
)

// unmarshalStrict refuses fields that stand twice, but not in policies, which then are not valid.
func unmarshalStrict[T any](text []byte, into *T) error {
	err := json.Unmarshal(text, into, jsontext.AllowInvalidUTF8(true))
	if !errors.Is(err, jsontext.ErrDuplicateName) {
		return err
	}
	if name, twice := repeatedField(text); twice {
		return fmt.Errorf("the field %q stands there twice", name)
	}
	*into = *new(T)
	return json.Unmarshal(text, into, lenient)
}

func unmarshalMember[T any](text jsontext.Value, name string, into *T) error {
	if len(text) == 0 {
		return nil
	}
	if err := unmarshalStrict(text, into); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// policyFields are the fields that hold policies, whose own names are for package grammar to judge.
var policyFields = map[string]struct{}{
	"bucket_policy": {}, "key_policy": {}, "policy": {}, "policies": {},
	"identity_policies": {}, "permission_boundary": {}, "session_policy": {},
}

// repeatedField finds a field of a scenario, outside of policies, that stands twice.
func repeatedField(text []byte) (string, bool) {
	return repeatedIn(jsontext.NewDecoder(bytes.NewBuffer(text), lenient))
}

func repeatedIn(d *jsontext.Decoder) (string, bool) {
	start, err := d.ReadToken()
	if err != nil || start.Kind() != '{' && start.Kind() != '[' {
		return "", false
	}
	object := start.Kind() == '{'
	seen := make(map[string]struct{})
	for k := d.PeekKind(); k != '}' && k != ']' && k != 0; k = d.PeekKind() {
		if object {
			name, err := d.ReadToken()
			if err != nil {
				return "", false
			}
			text := name.String()
			if _, twice := seen[text]; twice {
				return text, true
			}
			seen[text] = struct{}{}
			if _, policy := policyFields[text]; policy {
				if d.SkipValue() != nil {
					return "", false
				}
				continue
			}
		}
		if name, twice := repeatedIn(d); twice {
			return name, true
		}
	}
	_, err = d.ReadToken()
	return "", false && err == nil
}
