package plan

import (
	"cmp"
	"errors"
	"slices"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// WantedAccess is to ForAccess and AccessRemoval what Wanted is to ForShare and Removal.
type WantedAccess struct {
	Access   share.Access
	Previous *share.Access
	Owner    Owner
	Mark     document.Mark // of the owner, when only that is known of it
	// Properties are to be remembered, as with a share.
	Properties declaration.Properties
	Removal    Completion
	LastTime   bool
	Event      Event
	// Replaces is the declaration of another policy or bucket that this one takes the place of, nil for none.
	Replaces *share.Access
}

func (w WantedAccess) mark() document.Mark { return cmp.Or(w.Mark, w.Owner.mark()) }

// NeedsKey says whether the owner's key matters. What is revoked does not depend on it, and what is declared about it
// may be wrong.
func (w WantedAccess) NeedsKey() bool { return w.Removal == "" }

// Identities are all whose policies matter, each once.
func (w WantedAccess) Identities() []share.Identity {
	all := w.Access.Grantees
	if w.Previous != nil {
		all = slices.Concat(all, w.Previous.Grantees)
	}
	return share.Identities(all)
}

// MustExist is to an access what it is to a share.
func (w WantedAccess) MustExist(id share.Identity) bool {
	return w.Removal == "" && slices.Contains(share.Identities(w.Access.Grantees), id)
}

// KeyARN is the ARN of the owner's key, as it is seen from here or declared; "" when neither is the case.
func (w WantedAccess) KeyARN(now AccessState) string {
	if now.Key != nil {
		return now.Key.ARN
	}
	return w.Access.KeyARN
}

func (w WantedAccess) policies(now AccessState) identityPolicies {
	a := w.Access
	i := identityPolicies{
		env: a.Env, name: a.PolicyName, kind: a.PolicyType, owner: w.Owner, mark: w.mark(),
		buckets: []string{a.Env.BucketARN(a.Bucket)}, now: now.Identities,
	}
	if b := w.Previous; b != nil && b.PolicyName == a.PolicyName && b.Bucket != a.Bucket {
		i.buckets = append(i.buckets, b.Env.BucketARN(b.Bucket))
	}
	return i
}

// ForAccess is the way from now to the wanted access: policies of identities in this account, revocations first.
func ForAccess(w WantedAccess, now AccessState) (Plan, error) {
	if err := unread(now.Unread, func(Unread) bool { return true }); err != nil {
		return nil, err
	}
	m := w.memory()
	if err := m.stale(now.Remembered, now.Replaced); err != nil {
		return nil, err
	}
	policies := w.policies(now)
	documents := document.ToAccess(w.Access, w.Previous, w.KeyARN(now), policies.mark)
	if err := policies.check(documents.Final); err != nil {
		return nil, err
	}
	// What the owner did with the key meanwhile must not keep a consumer's stack in UPDATE_ROLLBACK_FAILED: nobody on its
	// side could mend that.
	if now.Key != nil && !w.Event.Back && !w.Event.Restores {
		if err := errors.Join(keyKindProblem(now.Key), keyStateProblem(now.Key)); err != nil {
			return nil, err
		}
	}
	narrowed, final, err := policies.change(documents, false)
	former := policies.former(documents.Final)
	remembering, remembered := m.remember(now.Remembered, "", left(former))
	if err = errors.Join(err, remembered); err != nil {
		return nil, err
	}
	newcomers := w.Previous != nil && now.Remembered.lacks(documents.Final)
	groups := [][]Step{slices.Concat(revoke(former), narrowed), final}
	groups = m.in(groups, m.announce(now.Replaced), remembering, 1, newcomers)
	return inOrder(groups...).withinQuotas(now.Quotas)
}

func (w WantedAccess) memory() memory {
	return newMemory(share.AccessType, w.Owner, w.Properties, w.Event, w.Parameter(), w.ReplacedParameter())
}

// Parameter is where the declaration is remembered, "" for nowhere.
func (w WantedAccess) Parameter() string {
	if w.Properties == nil {
		return ""
	}
	o, a := w.Owner, w.Access
	return declaration.Name(share.AccessType, o.StackID, o.LogicalID, a.Bucket, a.PolicyName)
}

// ReplacedParameter is where that of the access is remembered which this one replaces, "" for nowhere.
func (w WantedAccess) ReplacedParameter() string {
	if w.Replaces == nil {
		return ""
	}
	o, a := w.Owner, w.Replaces
	return declaration.Name(share.AccessType, o.StackID, o.LogicalID, a.Bucket, a.PolicyName)
}

// Forgotten are remembered identities that no declaration at hand names.
func (w WantedAccess) Forgotten(now AccessState) []share.Identity {
	return now.Remembered.without(w.Identities())
}

// AccessRemoval takes every policy away that this owner made here for the bucket. An error names what could not
// be looked at; the plan is to be carried out all the same, and then the removal fails with the error.
func AccessRemoval(w WantedAccess, now AccessState) (Plan, error) {
	rest := unread(now.Unread, func(u Unread) bool { return !u.Denied || w.Removal != Unfinished })
	policies := w.policies(now)
	revocations := revoke(policies.everybody())
	forgetting := w.memory().forget(now.Remembered)
	if rest != nil {
		forgetting = nil
	}
	return inOrder(revocations, forgetting), rest
}
