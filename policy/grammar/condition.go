package grammar

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// checkCondition checks operators, the form of condition keys, and every value against its operator.
func (r *report) checkCondition(c policy.Condition, place string) {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		at := join(place, name)
		operator, known := ParseOperator(name)
		if !known {
			r.add(pageOperators, at, "is not a condition operator")
			continue
		}
		folded := make(map[string]string, len(c[name]))
		for _, key := range slices.Sorted(maps.Keys(c[name])) {
			if other, there := folded[strings.ToLower(key)]; there {
				r.add(pageChecks, join(at, key), "stands here in another case, as %s", other)
			}
			folded[strings.ToLower(key)] = key
			r.checkTest(operator, key, c[name][key], join(at, key))
		}
	}
}

// checkTest checks one condition key and its values.
func (r *report) checkTest(o Operator, key string, values policy.Values, place string) {
	if service, name, colon := strings.Cut(key, ":"); !colon || service == "" || name == "" {
		r.add(pageChecks, place, "a condition key has the form service:name")
	}
	if r.kind == KeyPolicy && o.Set == ForAllValues && overlyPermissive(key) {
		r.add(pageKMSConditions, place,
			"KMS refuses ForAllValues with a single-valued key: it matches requests without the key")
	}
	for i, v := range values {
		if wrong, page := r.valueProblem(o, v); wrong != "" {
			r.add(page, item(place, i, len(values) == 1), "%q %s", v, wrong)
		}
	}
}

// overlyPermissive are the keys for which KMS answers OverlyPermissiveCondition.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func overlyPermissive(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "kms:encryptioncontext:") || strings.HasPrefix(key, "aws:requesttag/")
}

// valueProblem says what is wrong with a value of a condition. A value of the wrong type is no problem: it is a warning
// to AWS's analyzer, and examples with placeholders are full of them.
func (r *report) valueProblem(o Operator, v string) (wrong, page string) {
	if !o.takesVariables() || r.version != policy.Version {
		return "", ""
	}
	if _, err := ParseTemplate(v); err != nil {
		return err.Error(), pageChecks
	}
	return "", ""
}
