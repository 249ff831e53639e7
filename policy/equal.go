package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Equal says whether two documents mean the same to AWS: whatever the order of statements, keys and values, whether a
// single value stands alone or in a list, and whether an account is named by its id or by its root ARN. S3 and IAM
// change all of these when they store a document.
//
// A unique id (AROA…, AIDA…) equals only itself: AWS shows one in place of an ARN when the principal was deleted, and
// a new principal of the same name does not get its access back until the policy is written again.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func Equal(a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	ca, err := Canonical(a)
	if err != nil {
		return false, err
	}
	cb, err := Canonical(b)
	return ca == cb, err
}

// Canonical is the one form of all documents that are Equal. It is for comparing, not for sending.
func Canonical(document string) (string, error) {
	if document == "" {
		return "", nil
	}
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return "", fmt.Errorf("reading policy document: %w", err)
	}
	if s, there := doc["Statement"]; there {
		doc["Statement"] = canonicalStatements(s)
	}
	text, err := marshal(doc)
	return string(text), err
}

func canonicalStatements(statements any) []any {
	list := asList(statements)
	texts := make([]string, len(list))
	for i, s := range list {
		if m, ok := s.(map[string]any); ok {
			canonicalStatement(m)
		}
		text, _ := marshal(s) // came from JSON: cannot fail
		texts[i] = string(text)
	}
	slices.Sort(texts)
	sorted := make([]any, len(texts))
	for i, t := range texts {
		sorted[i] = json.RawMessage(t)
	}
	return sorted
}

// canonicalStatement rewrites a statement in place. An empty Sid is none.
func canonicalStatement(s map[string]any) {
	if s["Sid"] == "" {
		delete(s, "Sid")
	}
	for _, element := range []string{"Action", "NotAction"} {
		if v, there := s[element]; there {
			s[element] = canonicalValues(v, strings.ToLower) // actions ignore case
		}
	}
	for _, element := range []string{"Resource", "NotResource"} {
		if v, there := s[element]; there {
			s[element] = canonicalValues(v, asIs)
		}
	}
	for _, element := range []string{"Principal", "NotPrincipal"} {
		if v, there := s[element]; there {
			s[element] = canonicalPrincipal(v)
		}
	}
	if v, ok := s["Condition"].(map[string]any); ok {
		s["Condition"] = canonicalCondition(v)
	}
}

// canonicalPrincipal writes "*" as {"AWS": "*"}, which means the same in a resource-based policy.
func canonicalPrincipal(p any) any {
	types, ok := p.(map[string]any)
	if !ok {
		return map[string]any{"AWS": canonicalValues(p, accountOf)}
	}
	c := make(map[string]any, len(types))
	for t, v := range types {
		c[t] = canonicalValues(v, accountOf)
	}
	return c
}

// canonicalCondition sorts values and writes condition keys in lower case, as they are compared without case.
func canonicalCondition(operators map[string]any) map[string]any {
	c := make(map[string]any, len(operators))
	for operator, keys := range operators {
		tests, ok := keys.(map[string]any)
		if !ok {
			c[operator] = keys
			continue
		}
		lower := make(map[string]any, len(tests))
		for k, v := range tests {
			if folded := strings.ToLower(k); !keyRepeats(tests, folded) {
				k = folded
			}
			lower[k] = canonicalValues(v, asIs)
		}
		c[operator] = lower
	}
	return c
}

// keyRepeats says whether a condition key stands in tests more than once, in different case. What AWS makes of that is
// not documented, so such keys are left as they are.
func keyRepeats(tests map[string]any, folded string) bool {
	n := 0
	for k := range tests {
		if strings.ToLower(k) == folded {
			n++
		}
	}
	return n > 1
}

// canonicalValues is a sorted list of texts without repetition; booleans and numbers are written as text.
func canonicalValues(v any, form func(string) string) []string {
	values := []string{}
	for _, one := range asList(v) {
		switch one := one.(type) {
		case string:
			values = append(values, form(one))
		default:
			text, _ := marshal(one) // came from JSON: cannot fail
			values = append(values, string(text))
		}
	}
	return Sorted(values)
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func asIs(s string) string { return s }

// accountOf writes an account's root ARN as the account's id.
func accountOf(principal string) string {
	if account, is := AccountOf(principal); is {
		return account
	}
	return principal
}

// canonicalWithoutSid is the canonical form of a statement whatever its Sid.
func canonicalWithoutSid(statement json.RawMessage) (string, error) {
	var s map[string]any
	if err := json.Unmarshal(statement, &s); err != nil {
		return "", err
	}
	delete(s, "Sid")
	canonicalStatement(s)
	text, err := marshal(s)
	return string(text), err
}
