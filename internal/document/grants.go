package document

import (
	"slices"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// grants are who is let in by a share, as far as each document tells consumers apart, in the order of the documents.
type grants struct {
	scopes []grant // by scope: the bucket policy
	keys   []grant // by what KMS can tell apart, reading and writing
	wholes []grant // accounts, organizations and organizational units, whatever their scope
	// canary and canaryKey are those of wholes whose own scopes do not let their providers use the bucket or the key for
	// the canary; none without one.
	canary, canaryKey []grant
}

// grant is consumers of one kind and scope: they share statements.
type grant struct {
	kind      share.ConsumerKind
	scope     share.Scope
	consumers []share.ConsumerID
	party
}

func grantsOf(s share.Share) grants {
	writes, deletes := map[share.ConsumerID]bool{}, map[share.ConsumerID]bool{}
	for _, c := range s.Consumers {
		writes[c.ID] = writes[c.ID] || c.Scope.Level.Writes()
		deletes[c.ID] = deletes[c.ID] || c.Scope.Level.Deletes() && len(c.Scope.Prefixes) == 0
	}
	var g grants
	for _, c := range s.Consumers {
		g.scopes = granting(g.scopes, c.ID, c.Scope)
		switch {
		case c.Scope.Level.Writes():
			g.keys = granting(g.keys, c.ID, share.Scope{Level: share.Write})
		case !writes[c.ID]: // who writes anywhere needs the reader's statement no more
			g.keys = granting(g.keys, c.ID, share.Scope{Level: share.Read})
		}
		whole := wholeOf(c.ID)
		g.wholes = granting(g.wholes, whole, share.Scope{})
		if s.Canary && !deletes[whole] {
			g.canary = granting(g.canary, whole, share.Scope{})
		}
		if s.Canary && !writes[whole] {
			g.canaryKey = granting(g.canaryKey, whole, share.Scope{})
		}
	}
	for _, list := range [][]grant{g.scopes, g.keys, g.wholes, g.canary, g.canaryKey} {
		for i, of := range list {
			list[i].party = partyOf(s.Env, of.kind, of.consumers)
		}
	}
	return g
}

// granting are grants with one consumer more.
func granting(all []grant, id share.ConsumerID, scope share.Scope) []grant {
	i := slices.IndexFunc(all, func(g grant) bool {
		return g.kind == id.Kind && g.scope.Level == scope.Level && slices.Equal(g.scope.Prefixes, scope.Prefixes)
	})
	if i < 0 {
		return append(all, grant{kind: id.Kind, scope: scope, consumers: []share.ConsumerID{id}})
	}
	all[i].consumers = append(all[i].consumers, id)
	return all
}

// wholeOf is the account, organization or organizational unit of a consumer: an account is meant as a whole also where
// only a principal of it is let in.
func wholeOf(id share.ConsumerID) share.ConsumerID {
	if id.Account == "" {
		return id
	}
	return share.ConsumerID{Kind: share.KindAccount, Account: id.Account, Name: id.Account}
}

// statement lets the consumers do something, under one condition more.
func (g grant) statement(sid string, actions, resources policy.Values, more policy.Condition) policy.Statement {
	return policy.Statement{
		Sid: sid + string(g.kind), Effect: policy.Allow, Principal: &g.principal,
		Action: actions, Resource: resources, Condition: with(g.condition, more),
	}
}
