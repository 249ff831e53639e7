package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Completion says how far the Create of a share came that is now to be removed.
type Completion bool

const (
	// Completed shares are removed as their RemovalPolicy says.
	Completed Completion = true
	// Unfinished shares were never handed over: what their Create left is cleaned up, RemovalPolicy or not. A bucket
	// that has objects all the same is kept.
	Unfinished Completion = false
)

// PlanRemoval is the way from now to a share that lets nobody in any more, and then to what RemovalPolicy asks for.
//
//	the bucket                          | then
//	------------------------------------|---------------------------------------------------------------
//	belongs to another share            | nothing: this share never came to be
//	belongs to another account          | the same; of a finished share, inline policies and our statements on the key go
//	has no owner                        | our statements and inline policies go, nothing is deleted
//	is adopted                          | the same, and our tags go
//	is ours, Retain                     | the same: bucket, objects, key and alias stay
//	is ours, Delete                     | revoke, delete the bucket (it must be empty), then our own key
//	is gone                             | inline policies go; our own key as above
//	was finished by a later Update      | nothing, when it is the failed Create that is removed
func Removal(s share.Share, owner Owner, how Completion, now State) (Plan, error) {
	if b := now.Bucket; b != nil && othersBucket(b, owner, how) {
		return nil, nil
	}
	p := planner{want: s, owner: owner, now: now}
	revocations, err := p.revokeAll()
	if err != nil {
		return nil, err
	}
	switch b := now.Bucket; {
	case b != nil && b.Foreign:
		return inOrder(revocations), nil
	case how == Completed && s.Removal == share.Retain:
		return inOrder(revocations, p.release()), nil
	case b != nil && p.keeps(b, how):
		return inOrder(revocations, p.abandon(how)), nil
	case b != nil && how == Unfinished && p.neverUsed():
		// It may have no alias yet: once the bucket is gone, nothing would lead to it.
		return inOrder(revocations, p.removeKey(), p.removeBucket()), nil
	}
	return inOrder(revocations, p.removeBucket(), p.removeKey()), nil
}

// othersBucket says whether nothing that there is for a bucket can be this share's.
func othersBucket(b *Bucket, owner Owner, how Completion) bool {
	if how == Unfinished && (b.Foreign || b.Tags[TagHandedOver] != "") {
		return true
	}
	return Owned(b.Tags) && !owner.Owns(b.Tags)
}

func (p *planner) revokeAll() ([]Step, error) {
	steps := revokeInline(share.Identities(p.want.Delegates), p.want.PolicyName(), p.now.Identities, p.want.Env.BucketARN(p.want.Bucket))
	if b := p.now.Bucket; b != nil && !b.Foreign {
		p.bucketPolicy = b.Policy
		more, err := p.bucketPolicyStep(nil, "the share is removed")
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	if k := p.now.Key; k != nil && k.Policy != "" {
		more, err := p.revokeKey(k)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// revokeKey takes our statements out of a key policy. Nothing is added, not even Administration: the key may be one that
// this share found, refused and never wrote to.
func (p *planner) revokeKey(k *Key) ([]Step, error) {
	after, err := policy.Merge(k.Policy, nil, document.OursInKeyPolicy(p.want))
	if err != nil {
		return nil, conflict("key "+k.ARN, "repair its key policy", "has a policy that cannot be read: %s", err)
	}
	if same, err := policy.Equal(k.Policy, after); err != nil || same || after == "" {
		return nil, err
	}
	return []Step{{Round: 1, Operation: PutKeyPolicy, Resource: k.ARN, Before: k.Policy, After: after, Reason: "the share is removed"}}, nil
}

// release takes the ownership tags away, so that a later share may adopt what was retained.
func (p *planner) release() []Step {
	var steps []Step
	release := func(op Operation, resource string, have map[string]string, owned bool) {
		ours := map[string]string{}
		for _, k := range []string{TagStackID, TagLogicalID, TagAdopted, TagHandedOver, TagForBucket} {
			if _, there := have[k]; there {
				ours[k] = ""
			}
		}
		if owned {
			steps = append(steps, Step{Round: 1, Operation: op, Resource: resource, Tags: ours, Reason: "it stays, without its share"})
		}
	}
	if b := p.now.Bucket; b != nil {
		release(UntagBucket, p.want.Bucket, b.Tags, p.owner.Owns(b.Tags))
	}
	// KMS changes no tags of a key that waits for its deletion.
	if k := p.now.Key; k != nil && k.State != KeyPendingDeletion {
		release(UntagKey, k.ARN, k.Tags, p.owner.OwnsKey(k, p.want.Bucket))
	}
	return steps
}

// keeps says whether a bucket stays because tags do not prove that it is this share's own, or because an unfinished
// share's bucket holds objects all the same.
func (p *planner) keeps(b *Bucket, how Completion) bool {
	return !p.owner.Owns(b.Tags) || b.Tags[TagAdopted] != "" || (how == Unfinished && p.now.HoldsObjects)
}

// abandon leaves a bucket and its key as they are, without their share.
func (p *planner) abandon(how Completion) []Step {
	if how == Unfinished && p.neverUsed() {
		if steps := p.removeKey(); len(steps) > 0 {
			p.now.Key = nil
			return append(steps, p.release()...)
		}
	}
	return p.release()
}

// neverUsed says whether the key of an unfinished share never encrypted anything, as the bucket does not use it yet.
func (p *planner) neverUsed() bool {
	return p.now.Key != nil && p.now.Bucket.Encryption.KeyARN != p.now.Key.ARN
}

func (p *planner) removeBucket() []Step {
	if p.now.Bucket == nil {
		return nil
	}
	return []Step{{Round: 1, Operation: DeleteBucket, Resource: p.want.Bucket, Reason: "the share is removed"}}
}

// removeKey gives up a key that its tags prove to be this share's own.
func (p *planner) removeKey() []Step {
	k := p.now.Key
	if k == nil || !p.owner.OwnsKey(k, p.want.Bucket) || k.State == KeyPendingDeletion || document.ServesOtherShares(p.want, k.Policy) {
		return nil
	}
	return []Step{{
		Round: 1, Operation: ScheduleKeyDeletion, Resource: k.ARN, Days: deletionDays(p.want),
		Reason: "the share's own key has nothing left to encrypt",
	}}
}

// deletionDays is the window within what KMS takes, also when the properties were read leniently.
func deletionDays(s share.Share) int { return min(max(s.DeletionDays, 7), 30) }
