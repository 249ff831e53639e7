package scenario

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// organization is the accounts with their organization's policies, read when they are first needed.
type organization struct {
	accounts, scps, rcps jsontext.Value
	policies             *cache[*evaluator.Policy]

	read     bool
	byID     map[string]*evaluator.Account
	warnings []string
	err      error
}

// account is the account of that id; one that is not listed is in no organization.
func (s *organization) account(id string) *evaluator.Account {
	if s.byID[id] == nil {
		s.byID[id] = &evaluator.Account{ID: id}
	}
	return s.byID[id]
}

// prepare reads the accounts.
func (s *organization) prepare() error {
	if s.read {
		return s.err
	}
	s.read, s.byID = true, make(map[string]*evaluator.Account)
	var accounts map[string]*account
	if s.err = unmarshalMember(s.accounts, "accounts", &accounts); s.err != nil {
		return s.err
	}
	var u unknown
	for _, id := range slices.Sorted(maps.Keys(accounts)) {
		a := accounts[id]
		if a == nil {
			continue
		}
		u.check("accounts", a.Unknown, accountFields)
		made := s.account(id)
		made.OrgID, made.OrgPaths = a.OrgID, a.OrgPaths.Texts()
		made.Management = a.Management.is || a.Management.id == id
	}
	for _, one := range []struct {
		name string
		text jsontext.Value
		kind grammar.Kind
		set  func(*evaluator.Account, []evaluator.OrganizationLevel)
	}{
		{"scps", s.scps, grammar.SCP, func(a *evaluator.Account, l []evaluator.OrganizationLevel) { a.SCPs = l }},
		{"rcps", s.rcps, grammar.RCP, func(a *evaluator.Account, l []evaluator.OrganizationLevel) { a.RCPs = l }},
	} {
		var levels map[string][]level
		if s.err = unmarshalMember(one.text, one.name, &levels); s.err != nil {
			return s.err
		}
		for _, id := range slices.Sorted(maps.Keys(levels)) {
			one.set(s.account(id), s.newLevels(levels[id], one.kind, &u))
		}
	}
	s.warnings, s.err = u.warnings, u.err
	return s.err
}

func (s *organization) newLevels(levels []level, kind grammar.Kind, u *unknown) []evaluator.OrganizationLevel {
	all := make([]evaluator.OrganizationLevel, len(levels))
	for i, l := range levels {
		u.check("a level of an organization", l.Unknown, levelFields)
		all[i] = evaluator.OrganizationLevel{Target: l.Target, Policies: s.newPolicies(l.Policies, kind)}
	}
	return all
}

// newPolicies are the documents of a list, with numbers for names when there are several.
func (s *organization) newPolicies(documents []document, kind grammar.Kind) []*evaluator.Policy {
	var all []*evaluator.Policy
	for i, d := range documents {
		name := ""
		if len(documents) > 1 {
			name = fmt.Sprintf("number %d", i+1)
		}
		if p := s.newPolicy(d, kind, name); p != nil {
			all = append(all, p)
		}
	}
	return all
}

// newPolicy is a document made ready, nil when there is none. The same text is read once.
func (s *organization) newPolicy(d document, kind grammar.Kind, name string) *evaluator.Policy {
	if !d.there {
		return nil
	}
	p, _ := s.policies.get(string(kind), []byte(d.text), func() (*evaluator.Policy, error) {
		return evaluator.NewPolicy("", d.text, kind), nil
	})
	return p.Named(name)
}
