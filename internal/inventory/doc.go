// Package inventory puts together what files declare (buckets, keys, identities and their policies) to the world of a
// bucket, as package survey does with what it reads from AWS.
//
// Values come as decoded JSON with Unknown where something is not known before deployment. Whatever an Unknown takes
// part in counts as unread, with its path: never as read, and never as absent.
package inventory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy/grammar"
)

// Unknown is a value that is not known.
type Unknown struct{ Path, Why string }

func (u Unknown) String() string { return u.Path + ": " + u.Why }

// Find is the first Unknown in a value.
func Find(v any) (Unknown, bool) {
	switch v := v.(type) {
	case Unknown:
		return v, true
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if u, found := Find(v[key]); found {
				return u, true
			}
		}
	case []any:
		for _, one := range v {
			if u, found := Find(one); found {
				return u, true
			}
		}
	}
	return Unknown{}, false
}

// Get is a property of an object; of an Unknown it is that.
func Get(v any, names ...string) any {
	for _, name := range names {
		switch o := v.(type) {
		case Unknown:
			return o
		case map[string]any:
			v = o[name]
		case []any: // blocks of Terraform, of which there is one
			if len(o) == 0 {
				return nil
			}
			return Get(o[0], append([]string{name}, names[1:]...)...)
		default:
			return nil
		}
		names = names[1:]
	}
	return v
}

// List is a list, or the one value that stands for it.
func List(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// text is a scalar as text.
func text(v any) (string, *Unknown) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case Unknown:
		return "", &v
	case json.Number:
		return v.String(), nil
	}
	return fmt.Sprint(v), nil
}

// yes is a switch that is on.
func yes(v any) bool {
	s, _ := text(v)
	return s == "true"
}

// document is a policy in a file.
type document struct {
	proof.Document
	unknown *Unknown // why it is not known
}

// resourcePolicy is the policy of a bucket or key, none for nothing.
func resourcePolicy(v any, kind grammar.Kind) document {
	text, unknown := policyText(string(kind), v)
	return document{proof.ResourcePolicy(text, kind), unknown}
}

// identityPolicy is a policy of an identity.
func identityPolicy(name string, v any) document {
	text, unknown := policyText(name, v)
	if unknown != nil {
		return document{unknown: unknown}
	}
	return document{Document: proof.NewDocument(name, text, grammar.Identity)}
}

// policyText is a policy as text. One of objects is written as JSON; a string is the text itself.
func policyText(name string, v any) (string, *Unknown) {
	if u, found := Find(v); found {
		return "", &u
	}
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return "", &Unknown{name, err.Error()}
	}
	return string(data), nil
}
