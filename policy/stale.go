package policy

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// Stale is a statement that names a principal by its unique id. AWS shows one in place of the ARN of a user or role
// that was deleted, or that is so new that it is not known everywhere yet, and takes no document that has one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Stale struct {
	Statement string // its Sid in quotes, or its number, from 1
	ID        string // AROA… for a role, AIDA… for a user
}

var uniqueID = regexp.MustCompile(`^A(ROA|IDA)[A-Z0-9]{12,}$`)

// Stale are the statements that keep the document from being written again.
func (d Stored) Stale() []Stale {
	var all []Stale
	for i, s := range d.statements {
		for _, id := range s.stale {
			name := fmt.Sprintf("number %d", i+1)
			if s.sid != "" {
				name = fmt.Sprintf("%q", s.sid)
			}
			all = append(all, Stale{Statement: name, ID: id})
		}
	}
	return all
}

// staleIn are the unique ids among the AWS principals of a statement.
func staleIn(statement json.RawMessage) []string {
	var named struct{ Principal, NotPrincipal json.RawMessage }
	if json.Unmarshal(statement, &named) != nil {
		return nil
	}
	var ids []string
	for _, element := range []json.RawMessage{named.Principal, named.NotPrincipal} {
		var types struct{ AWS any }
		if json.Unmarshal(element, &types) != nil {
			continue // absent, or "*"
		}
		for _, one := range asList(types.AWS) {
			if id, _ := one.(string); uniqueID.MatchString(id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
