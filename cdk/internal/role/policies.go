package role

import (
	"slices"

	"example.com/sharedbucket/policy"
)

// A role's inline policies have 10,240 characters in all, of which the lists of ARNs that its administrator sets take
// what they need; a managed policy has 6,144 more. So what is the same in every account stands in a managed policy of
// the provider's own stack, and inline what settings decide about and what is the provider's own. What jobs may
// do too is a managed policy of its own, which both roles have. These policies are outside of the path below which a
// provider may change policies (ChangeOwnPolicies).

// Inline are the statements of the role's inline policy.
func Inline(statements []Statement) []Statement {
	return slices.DeleteFunc(slices.Clone(statements), func(s Statement) bool { return s.Jobs || s.fixed() })
}

// Managed are those of its managed policy.
func Managed(statements []Statement) []Statement {
	return slices.DeleteFunc(slices.Clone(statements), func(s Statement) bool { return s.Jobs || !s.fixed() })
}

// OfBoth are those that the role of jobs has too.
func OfBoth(statements []Statement) []Statement {
	return slices.DeleteFunc(slices.Clone(statements), func(s Statement) bool { return !s.Jobs })
}

// fixed says whether a statement is about shares and the same for every provider.
func (s Statement) fixed() bool { return s.Limit+s.Only+s.If+s.With == "" && !s.Own }

// Policies is the property Policies of a role with these statements in one inline policy.
func Policies(name string, statements []any) []any {
	return []any{map[string]any{"PolicyName": name, "PolicyDocument": Document(statements)}}
}

// Document is a policy of these statements.
func Document(statements []any) map[string]any {
	return map[string]any{"Version": policy.Version, "Statement": statements}
}
