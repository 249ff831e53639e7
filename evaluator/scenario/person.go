package scenario

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// person is a principal made ready, and what is to be said of how he is described.
type person struct {
	*evaluator.Requester
	warnings []string
}

func newPerson(text jsontext.Value, around *surroundings) (*person, error) {
	var p principal
	if err := unmarshalStrict(text, &p); err != nil {
		return nil, err
	}
	var u unknown
	u.check("principals", p.Unknown, personFields)
	if u.err != nil {
		return nil, u.err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := around.prepare(); err != nil {
		return nil, err
	}
	q := evaluator.Principal{
		ARN: p.ARN, Type: evaluator.PrincipalType(p.Type), RoleARN: p.RoleARN, UserID: p.UserID, Tags: tags(p.Tags),
		Identity: around.newPolicies(p.IdentityPolicies, grammar.Identity),
		Boundary: around.newPolicy(p.PermissionBoundary, grammar.Boundary, ""),
		Session:  around.newPolicy(p.SessionPolicy, grammar.Session, ""),
	}
	if q.Type != evaluator.Anonymous {
		q.Account = around.account(p.Account)
	}
	return &person{evaluator.NewRequester(q), append(u.warnings, around.warnings...)}, nil
}

// check finds what no decision can be made without.
func (p *principal) check() error {
	switch evaluator.PrincipalType(p.Type) {
	case evaluator.User, evaluator.Role, evaluator.RoleSession, evaluator.Root:
		if p.Account == "" {
			return errors.New("account is missing")
		}
	case evaluator.Anonymous:
	default:
		return fmt.Errorf("unknown type %q: it is none of user, role, role-session, root and anonymous", p.Type)
	}
	return nil
}
