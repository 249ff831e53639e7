package policy

import (
	"slices"
	"strings"
)

// Change is a document in which one writer replaces its own statements, with what has to be known before it is sent.
type Change struct {
	Before, After Stored
	// NewAccounts says that the writer's statements name an account that Before does not.
	NewAccounts bool
	// VariablesAreText says that ${ in the writer's statements would be no variable: the document has an older Version,
	// and statements of others with ${ in them, which a newer one would give another meaning.
	VariablesAreText bool
	// Stale are the statements for which AWS would not take After.
	Stale []Stale
}

// Change replaces the statements that isOurs recognises by ours, see Merge.
func (d Stored) Change(ours []Statement, isOurs func(sid string) bool) Change {
	newAccounts := namesNewAccounts(d.text, ours)
	after := d.Merge(ours, isOurs)
	return Change{
		Before: d, After: after, NewAccounts: newAccounts, Stale: after.Stale(),
		VariablesAreText: after.head.Version != Version && haveVariables(after.statements[len(after.statements)-len(ours):]),
	}
}

// Differs says whether the change means anything to AWS.
func (c Change) Differs() bool { return !c.Before.Equal(c.After) }

func haveVariables(statements []storedStatement) bool {
	return slices.ContainsFunc(statements, func(s storedStatement) bool { return s.variables })
}

// namesNewAccounts says whether statements name an account that a document does not name yet.
func namesNewAccounts(before string, statements []Statement) bool {
	for _, s := range statements {
		if s.Principal == nil {
			continue
		}
		for _, root := range s.Principal.AWS {
			// AWS may have stored the account as its id or as its root's ARN.
			if account, is := AccountOf(root); is && !strings.Contains(before, account) {
				return true
			}
		}
	}
	return false
}
