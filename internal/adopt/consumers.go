package adopt

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// consumersOf proposes everybody whom the bucket policy's statements name, as far as the policies in force let them in.
func consumersOf(env share.Env, w proof.World, d documents, folders []string) []consumer {
	var all []consumer
	for _, s := range d.bucket.judged() {
		if s.statement.Effect != policy.Allow {
			continue
		}
		for _, id := range whoOf(env.Account, s.statement).consumers {
			i := slices.IndexFunc(all, func(c consumer) bool { return c.id == id })
			if i < 0 {
				all = append(all, consumer{id: id})
				i = len(all) - 1
			}
			all[i].from = proof.AddOnce(all[i].from, s.place)
		}
	}
	var subjects []proof.Subject
	for _, c := range all {
		subjects = append(subjects, proof.BestEquipped(env, c.id))
	}
	for i, r := range reaches(w, subjects, folders, overall) {
		all[i].scopes = r.in(all[i].id).scopes()
	}
	all = slices.DeleteFunc(all, func(c consumer) bool { return len(c.scopes) == 0 })
	return withoutCovered(all)
}

// in is a reach with folders as the consumer's entry has them: the folder of each account only where there are several.
func (r reach) in(id share.ConsumerID) reach {
	if id.Account == "" {
		return r
	}
	own := reach{}
	for f, a := range r {
		if f != "" {
			f = share.Scope{Prefixes: []string{f}}.In(id.Account).Prefixes[0]
		}
		own[f] |= a
	}
	return own
}

// withoutCovered leaves out how far somebody is let in with the whole account, or an OU with the organization.
func withoutCovered(all []consumer) []consumer {
	var kept []consumer
	for _, c := range all {
		var own []share.Scope
		for _, s := range c.scopes {
			if !slices.ContainsFunc(all, func(o consumer) bool {
				return broader(o.id, c.id) && covers(o.scopes, []share.Scope{s})
			}) {
				own = append(own, s)
			}
		}
		if c.scopes = own; len(own) > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// broader says whether everybody of one consumer is of another, which is of a broader kind.
func broader(a, b share.ConsumerID) bool {
	switch a.Kind {
	case share.KindAccount:
		return b.Kind != share.KindAccount && a.Account == b.Account
	case share.KindOrganization:
		return b.Kind == share.KindOrganizationalUnit && strings.HasPrefix(b.Name, a.Name+"/")
	case share.KindOrganizationalUnit:
		return b.Kind == share.KindOrganizationalUnit && strings.HasPrefix(b.Name, a.Name+"/")
	}
	return false
}

// covers says whether scopes give all of others.
func covers(scopes, others []share.Scope) bool {
	given := reach{}
	for _, s := range scopes {
		for _, f := range foldersIn(s) {
			given[f] |= abilityOf(s.Level)
		}
	}
	for _, s := range others {
		for _, f := range foldersIn(s) {
			if a := abilityOf(s.Level); given.at(f)&a != a {
				return false
			}
		}
	}
	return true
}

func foldersIn(s share.Scope) []string {
	if len(s.Prefixes) == 0 {
		return []string{""}
	}
	return s.Prefixes
}

// members are administrators of every account that something names, as members of each organization that is let in: an
// organization may have them, and a statement may leave them out.
func members(env share.Env, d documents, all []consumer) []proof.Subject {
	var subjects []proof.Subject
	for _, c := range all {
		if c.id.Account != "" {
			continue
		}
		home := proof.BestEquipped(env, c.id).Home
		for _, account := range d.accounts() {
			if account == env.Account {
				continue
			}
			id := share.ConsumerID{Kind: share.KindAccount, Account: account, Name: account}
			s := proof.BestEquipped(env, id)
			s.Home, s.Label = home, "account "+account+", if it is in "+c.id.Name
			s.Role, s.Free = proof.Named, true
			subjects = append(subjects, s)
		}
	}
	return subjects
}
