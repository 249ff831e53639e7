package document

import (
	"slices"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// consumers are those of a share, as far as each document tells them apart, in the order of the documents.
type consumers struct {
	scopes []alike // by scope: the bucket policy
	keys   []alike // by what KMS can tell apart, reading and writing
	wholes []alike // accounts, organizations and organizational units, whatever their scope
	// canary and canaryKey are those of wholes whose own scopes do not let their providers use the bucket or the key for
	// the canary; none without one.
	canary, canaryKey []alike
}

// alike are consumers of one kind and scope: they share statements.
type alike struct {
	kind  share.ConsumerKind
	scope share.Scope
	ids   []share.ConsumerID
	party
}

func consumersOf(s share.Share) consumers {
	writes, canaries := map[share.ConsumerID]bool{}, map[share.ConsumerID]bool{}
	for _, c := range s.Consumers {
		writes[c.ID] = writes[c.ID] || c.Scope.Level.Writes()
		canaries[c.ID] = canaries[c.ID] || c.Scope.HasEverywhere(CanaryActions)
	}
	var all consumers
	for _, c := range s.Consumers {
		all.scopes = joined(all.scopes, c.ID, c.Scope)
		switch {
		case c.Scope.Level.Writes():
			all.keys = joined(all.keys, c.ID, share.Scope{Level: share.Write})
		case !writes[c.ID]: // who writes anywhere needs the reader's statement no more
			all.keys = joined(all.keys, c.ID, share.Scope{Level: share.Read})
		}
		whole := wholeOf(c.ID)
		all.wholes = joined(all.wholes, whole, share.Scope{})
		if s.Canary && !canaries[whole] {
			all.canary = joined(all.canary, whole, share.Scope{})
		}
		if s.Canary && !writes[whole] {
			all.canaryKey = joined(all.canaryKey, whole, share.Scope{})
		}
	}
	for _, list := range [][]alike{all.scopes, all.keys, all.wholes, all.canary, all.canaryKey} {
		for i, of := range list {
			list[i].party = partyOf(s.Env, of.kind, of.ids)
		}
	}
	return all
}

// joined are all with one consumer more.
func joined(all []alike, id share.ConsumerID, scope share.Scope) []alike {
	i := slices.IndexFunc(all, func(a alike) bool {
		return a.kind == id.Kind && a.scope.Level == scope.Level && slices.Equal(a.scope.Prefixes, scope.Prefixes)
	})
	if i < 0 {
		return append(all, alike{kind: id.Kind, scope: scope, ids: []share.ConsumerID{id}})
	}
	all[i].ids = append(all[i].ids, id)
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
func (a alike) statement(sid string, actions, resources policy.Values, more policy.Condition) policy.Statement {
	return policy.Statement{
		Sid: sid + string(a.kind), Effect: policy.Allow, Principal: &a.principal,
		Action: actions, Resource: resources, Condition: with(a.condition, more),
	}
}
