// Package role is what the provider's role may do, statement by statement, with the reason for each. The role is made
// from these, in the constructs as in templates/, and so is docs/provider-role.md. The package knows no CDK.
//
// Which resource types and condition keys an action has is said by the service authorization reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/.
package role

import (
	"strings"

	"example.com/sharedbucket/internal/share"
)

// Statement is one statement of the role.
//
// Resources and conditions are as in a template inside Fn::Sub: CloudFormation fills in ${AWS::AccountId} and the like.
type Statement struct {
	Sid       string
	Deny      bool
	Actions   []string
	Resources []string
	// Condition is operator → key → values.
	Condition map[string]map[string][]string
	// Limit is the setting of the provider that takes the place of Resources when it is given.
	Limit string
	// Only is the setting without which the statement is not there. Resources are then its values, each with Below behind
	// it: what is in the buckets that these are.
	Only  string
	Below string
	// With is the setting without which the statement is not there, whose Resources are its own.
	With string
	// If is the setting that has to be "true" for the statement to be there.
	If string
	// Own says that it is about what is the provider's own: its log, its memory, its stacks.
	Own bool
	// Jobs says that the role of jobs may do it too, where buckets may be adopted at all.
	Jobs bool
	// Why says what the provider does with it.
	Why string
	// Star says why Resource is * where it is.
	Star string
}

// Effect is the statement's Effect element.
func (s Statement) Effect() string {
	if s.Deny {
		return "Deny"
	}
	return "Allow"
}

// JSON is the statement as it stands in a template.
func (s Statement) JSON() map[string]any {
	statement := map[string]any{
		"Sid": s.Sid, "Effect": s.Effect(), "Action": oneOrAll(s.Actions), "Resource": oneOrAll(s.Resources),
	}
	if len(s.Condition) > 0 {
		statement["Condition"] = s.condition()
	}
	return statement
}

func (s Statement) condition() map[string]any {
	all := map[string]any{}
	for operator, keys := range s.Condition {
		of := map[string]any{}
		for key, values := range keys {
			of[key] = oneOrAll(values)
		}
		all[operator] = of
	}
	return all
}

// oneOrAll is a list as policies have it: a single value stands alone.
func oneOrAll(texts []string) any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = sub(text)
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// sub leaves ${AWS::…} to CloudFormation.
func sub(text string) any {
	name, ok := strings.CutPrefix(text, "${")
	name, closed := strings.CutSuffix(name, "}")
	switch {
	case !strings.Contains(text, "${AWS::"):
		return text
	case ok && closed && !strings.Contains(name, "${"):
		return map[string]any{"Ref": name}
	}
	return map[string]any{"Fn::Sub": text}
}

// allObjects behind a bucket's ARN is its objects.
const allObjects = "/*"

// NamePrefix begins the name of every provider's role; the region follows.
const NamePrefix = share.ProviderRolePrefix
