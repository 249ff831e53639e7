package plan

import (
	"strings"

	"example.com/sharedbucket/policy"
)

// checkStale finds statements of others that keep a document from being written, before AWS refuses it: it would name
// no statement, and look as if it could be waited out.
func checkStale(resource, document string, d policy.Stored) error {
	for _, s := range d.Stale() {
		return conflict(resource, "take that principal out of it, or delete the statement, then try again; a user or role "+
			"made a moment ago shows like that too, and then waiting is enough",
			"has a %s whose statement %s names %s, a user or role that was deleted: AWS takes no such document",
			document, s.Statement, s.ID)
	}
	return nil
}

// namesNewAccounts says whether statements name an account that a document does not name yet.
func namesNewAccounts(before policy.Stored, statements []policy.Statement) bool {
	for _, s := range statements {
		if s.Principal == nil {
			continue
		}
		for _, root := range s.Principal.AWS {
			// AWS may have stored the account as its id or as its root's ARN.
			_, account, _ := strings.Cut(strings.TrimSuffix(root, ":root"), ":iam::")
			if !strings.Contains(before.Text(), account) {
				return true
			}
		}
	}
	return false
}
