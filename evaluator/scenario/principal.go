package scenario

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// preparedPrincipal is a principal made ready, and what is to be said of how he is described.
type preparedPrincipal struct {
	*evaluator.Requester
	warnings []string
}

func newPrincipal(text jsontext.Value, org *organization) (*preparedPrincipal, error) {
	var p principal
	if err := unmarshalStrict(text, &p); err != nil {
		return nil, err
	}
	var u unknown
	u.check("principals", p.Unknown, principalFields)
	if u.err != nil {
		return nil, u.err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := org.prepare(); err != nil {
		return nil, err
	}
	q := evaluator.Principal{
		ARN: p.ARN, Type: evaluator.PrincipalType(p.Type), RoleARN: p.RoleARN, UserID: p.UserID, Tags: tags(p.Tags),
		Identity: org.newPolicies(p.IdentityPolicies, grammar.Identity),
		Boundary: org.newPolicy(p.PermissionBoundary, grammar.Boundary, ""),
		Session:  org.newPolicy(p.SessionPolicy, grammar.Session, ""),
	}
	if q.Type != evaluator.Anonymous {
		q.Account = org.account(p.Account)
	}
	return &preparedPrincipal{evaluator.NewRequester(q), append(u.warnings, org.warnings...)}, nil
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
