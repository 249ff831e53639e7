package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// identityPolicies are the policies of one name that one owner writes: an inline one for each identity, or a managed
// one in its place (managed.go).
type identityPolicies struct {
	env     share.Env
	name    string
	kind    string // PolicyType as declared
	owner   Owner  // zero when only its mark is known
	mark    document.Mark
	buckets []string // ARNs of the buckets that they may be for: during a change there are two
	now     map[share.Identity]IdentityState
	ours    map[share.Identity]ownership // of them, see owning
}

// ownership says whose an identity's policies under our names are.
type ownership struct {
	inline, managed bool // this owner's
	written         bool // the inline policy is this project's, whoever's
}

// owning is the same with everybody's policies asked, once, whose they are.
func (i identityPolicies) owning() identityPolicies {
	i.ours = map[share.Identity]ownership{}
	for id := range i.now {
		mark, written := i.inlineOwner(id)
		i.ours[id] = ownership{inline: written && mark == i.mark, written: written, managed: i.ownsManaged(id)}
	}
	return i
}

// fitted is a document for an identity as AWS will have it, with where it fits in.
type fitted struct {
	policy.Stored
	fit document.Fit
}

func (i identityPolicies) fitted(p document.IdentityPolicy) fitted {
	return fitted{p.Document.Stored(), p.Fit(i.now[p.Identity].otherCharacters())}
}

// inlineOwner is the mark of the inline policy that an identity has under our name, and whether this project wrote it
// for one of the buckets.
func (i identityPolicies) inlineOwner(id share.Identity) (mark document.Mark, written bool) {
	for _, arn := range i.buckets {
		if mark, written = document.InlineOwner(i.now[id].Policy, arn); written {
			return mark, true
		}
	}
	return "", false
}

const anotherName = "let one resource name it, or give one of them another PolicyName"

func (i identityPolicies) checkInline(id share.Identity) error {
	if i.now[id].Policy.Text() == "" || i.ours[id].inline {
		return nil
	}
	if i.ours[id].written {
		return conflict(id.String(), anotherName,
			"has an inline policy %s of another SharedBucket resource for this bucket", i.name)
	}
	return conflict(id.String(), "delete or rename that policy first",
		"has an inline policy %s that was not made for this bucket here", i.name)
}

// put is the step that writes an identity's inline policy.
func (i identityPolicies) put(id share.Identity, after policy.Stored, reason string) Step {
	return Step{
		Round: 1, Operation: PutInlinePolicy, Resource: id.String(), Identity: id, PolicyName: i.name,
		Before: i.now[id].Policy, After: after.Text(), Reason: reason,
	}
}

// remove is the step that deletes an identity's inline policy.
func (i identityPolicies) remove(id share.Identity, reason string) Step {
	return Step{
		Round: 1, Operation: DeleteInlinePolicy, Resource: id.String(), Identity: id, PolicyName: i.name,
		Before: i.now[id].Policy, Reason: reason,
	}
}

const differs = "its access differs"
