package sharetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// Admitted is whom the Allow statements of a resource policy let in: the values of Principal, and with them those of
// conditions that say who is meant. Owner is left out, the account whose policy it is.
func Admitted(document, owner string) ([]string, error) {
	if document == "" {
		return nil, nil
	}
	var d struct {
		Statement []struct {
			Effect    string
			Principal any
			Condition map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, s := range d.Statement {
		if s.Effect != "Allow" {
			continue
		}
		note(s.Principal, found)
		for operator, tests := range s.Condition {
			for key, values := range tests {
				if strings.HasPrefix(key, "aws:Principal") && !strings.Contains(operator, "Not") {
					note(values, found)
				}
			}
		}
	}
	maps.DeleteFunc(found, func(who string, _ bool) bool { return strings.HasSuffix(who, ":"+owner+":root") })
	return slices.Sorted(maps.Keys(found)), nil
}

func note(v any, found map[string]bool) {
	switch v := v.(type) {
	case string:
		found[v] = true
	case []any:
		for _, one := range v {
			note(one, found)
		}
	case map[string]any:
		for _, one := range v {
			note(one, found)
		}
	}
}

var account = regexp.MustCompile(`\d{12}`)

// Declared says whether somebody that Admitted has found is one of those that a declaration names: every account id in
// it, and every organization, OU, role and permission set.
func Declared(who string, properties map[string]any) bool {
	text := fmt.Sprint(properties["Consumers"])
	for _, id := range account.FindAllString(who, -1) {
		if !strings.Contains(text, id) {
			return false
		}
	}
	switch {
	case who == "*", strings.HasSuffix(who, ":root"):
		return true
	case strings.HasSuffix(who, ":iam::*:role/"+share.ProviderRolePrefix+"*"):
		return properties["Canary"] != false // a condition beside those who are declared
	case strings.HasPrefix(who, "o-"):
		return strings.Contains(text, strings.TrimSuffix(who, "/*"))
	case strings.Contains(who, "AWSReservedSSO_"):
		_, set, _ := strings.Cut(who, "AWSReservedSSO_")
		return strings.Contains(text, "Name:"+strings.TrimRight(strings.TrimRight(set, "?"), "_"))
	}
	return strings.Contains(text, who)
}
