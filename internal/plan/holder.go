package plan

import (
	"maps"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// identityPolicies are the policies of one name that one owner writes: an inline one for each identity (inline.go), or
// a managed one in its place (managed.go).
type identityPolicies struct {
	env     share.Env
	name    string
	kind    string // PolicyType as declared
	owner   Owner  // zero when only its mark is known
	mark    document.Mark
	buckets []string                         // ARNs of the buckets that they may be for: during a change there are two
	now     map[share.Identity]IdentityState // of all who may have one
}

// holder is an identity with the policies that it has under our names, and whose they are.
type holder struct {
	identityPolicies
	IdentityState
	id share.Identity

	inlineOurs, managedOurs bool // this owner's
	written                 bool // the inline policy is this project's, whoever's
}

func (i identityPolicies) holder(id share.Identity) holder {
	return holder{identityPolicies: i, IdentityState: i.now[id], id: id}.owning()
}

// everybody are all who may have a policy, in order.
func (i identityPolicies) everybody() []holder {
	var all []holder
	for _, id := range share.Each(slices.Collect(maps.Keys(i.now))) {
		all = append(all, i.holder(id))
	}
	return all
}

// former are those of everybody who are to have no policy any more.
func (i identityPolicies) former(to document.Policies) []holder {
	return slices.DeleteFunc(i.everybody(), func(h holder) bool { return len(to.Of(h.id).Document.Statements) > 0 })
}

// owning is the same, asked whose its policies are.
func (h holder) owning() holder {
	var mark document.Mark
	mark, h.written = h.inlineOwner()
	h.inlineOurs, h.managedOurs = h.written && mark == h.mark, h.ownsManaged()
	return h
}

// inlineOwner is the mark of the inline policy, and whether this project wrote it for one of the buckets.
func (h holder) inlineOwner() (mark document.Mark, written bool) {
	for _, arn := range h.buckets {
		if mark, written = document.InlineOwner(h.Policy, arn); written {
			return mark, true
		}
	}
	return "", false
}

// ownsManaged says whether tags, or the mark where only that is known, prove that the managed policy is ours, and its
// document is for one of the buckets. Another's mark in it outweighs tags.
func (h holder) ownsManaged() bool {
	m := h.Managed
	if m == nil || !slices.ContainsFunc(h.buckets, func(arn string) bool { return document.Names(m.Policy, arn) }) {
		return false
	}
	mark := document.MarkIn(m.Policy)
	if h.owner.StackID == "" {
		return mark == h.mark
	}
	return h.owner.Owns(m.Tags) && (mark == h.mark || mark == "")
}

// after is the same once steps are carried out.
func (h holder) after(steps []Step) holder {
	for _, s := range steps {
		h.IdentityState = h.Do(s)
	}
	return h.owning()
}

// measured is a document for an identity as AWS will have it, held against what the identity has.
type measured struct {
	policy.Stored
	fit  document.Fit
	kind string // of the policy that it becomes
	err  error  // it becomes none, as it fits in nowhere

	inInline, inManaged bool // that policy says the same already
}

// measure asks once what a plan depends on. Auto leaves what is in force as it is: which type that is would otherwise
// change with policies that are none of the share's.
func (h holder) measure(p document.IdentityPolicy) measured {
	fit := p.Fit(h.otherCharacters())
	kind, err := fit.Type(h.kind)
	m := measured{Stored: p.Document.Stored(), fit: fit, kind: kind, err: err}
	m.inInline = h.Policy.Equal(m.Stored)
	m.inManaged = h.Managed != nil && h.Managed.Policy.Equal(m.Stored)
	auto := h.kind == share.PolicyAuto || h.kind == ""
	switch {
	case (auto || h.kind == share.PolicyInline) && h.Policy.Text() != "" && m.inInline:
		m.kind, m.err = share.PolicyInline, nil
	case auto && h.Managed != nil && h.Managed.Attached && fit.Managed == nil:
		m.kind, m.err = share.PolicyManaged, nil
	}
	return m
}
