package proof

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// subjectsOf are everybody who is asked about for a share: those declared, those who must not get in, and every
// identity that was read. grantees are those of consumer accounts, nil where the other side is not known.
func subjectsOf(s share.Share, grantees map[string][]share.Grantee, w World) []Subject {
	d := declared{world: w, share: s}
	consumers := consumersOnce(s.Consumers)
	all := d.identities(s.Env.Account, s.Delegates, Delegate)
	for _, account := range slices.Sorted(maps.Keys(grantees)) {
		all = append(all, d.identities(account, grantees[account], Grantee)...)
	}
	for _, c := range consumers {
		all = append(all, BestEquipped(s.Env, c))
	}
	all = append(all, providers(s.Env, consumers)...)
	all = append(all, strangers(s.Env, consumers)...)
	return d.declare(append(all, d.others(all)...))
}

// declare says of everybody what is declared: what he must and may do. Whoever is let in as one of a consumer is no
// stranger, and no such stranger is imagined.
func (d declared) declare(subjects []Subject) []Subject {
	var all []Subject
	for _, s := range subjects {
		let := d.letIn(s)
		own := s.Account == d.share.Env.Account
		switch s.Role {
		case Delegate, Grantee:
			for i, scope := range s.Must {
				s.Must[i] = scope.In(s.Account)
			}
			s.May, s.Free = append(slices.Clone(s.Must), let...), own
		case Consumer, Provider:
			s.Must, s.May = let, let
		case Insider:
			s.May, s.Free = let, own
			if !own && len(let) == 0 {
				s.Role = Stranger
			}
		case Stranger:
			if len(let) > 0 {
				continue
			}
		}
		all = append(all, s)
	}
	return all
}

// letIn are the scopes of all consumers that somebody belongs to.
func (d declared) letIn(s Subject) []share.Scope {
	home := d.world.Accounts[s.Account]
	if s.Home != nil {
		home = *s.Home
	}
	var scopes []share.Scope
	for _, c := range d.share.Consumers {
		if s.Account != d.share.Env.Account && belongs(s.Principal, home, c.ID) {
			scopes = append(scopes, c.Scope.In(s.Account))
		}
	}
	return scopes
}

// belongs says whether a principal is of a consumer.
func belongs(p Principal, home Account, c share.ConsumerID) bool {
	switch c.Kind {
	case share.KindAccount:
		return p.Account == c.Account
	case share.KindPrincipal:
		return p.ARN == c.Name
	case share.KindPermissionSet:
		name := lastName(p.ARN)
		rest, is := strings.CutPrefix(name, permissionSetRole+c.Name+"_")
		return is && p.Account == c.Account && len(rest) == permissionSetSuffix && strings.Contains(p.ARN, permissionSetPath)
	case share.KindOrganization:
		return home.Organization == c.Name
	case share.KindOrganizationalUnit:
		return slices.ContainsFunc(home.Paths, func(path string) bool { return strings.HasPrefix(path, c.Name+"/") })
	}
	return false
}

// consumersOnce are the ids of consumers, each once.
func consumersOnce(consumers []share.Consumer) []share.ConsumerID {
	var ids []share.ConsumerID
	for _, c := range consumers {
		if !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
