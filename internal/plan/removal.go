package plan

import (
	"errors"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// Removal is the way from now to a share that lets nobody in any more, and then to what RemovalPolicy asks for.
//
//	the bucket                          | then
//	------------------------------------|---------------------------------------------------------------
//	belongs to another share            | nothing: this share never came to be
//	cannot be read                      | the same; of a finished share, identities' policies and our statements on the
//	                                    | key go, and the removal fails: the bucket may still let somebody in
//	is in another region by now         | the same, but that one never was ours: nothing fails
//	has no owner                        | our statements and identities' policies go, nothing is deleted; of a share that
//	                                    | was not finished only these policies: it let nobody in before its tags came
//	is adopted                          | the same, and our tags go
//	is ours, Retain                     | the same: bucket, objects, key and alias stay
//	is ours, Delete                     | revoke, delete the bucket (it must be empty), then our own key
//	is ours, Empty                      | revoke, let nobody write, empty the bucket, delete it, then our own key
//	is gone                             | identities' policies go; our own key as above
//	was finished by a later Update      | nothing, when it is the failed Create that is removed
//	was made by what is rolled back     | as with Delete, but one that holds objects stays as with Retain
//
// What is remembered goes as soon as everybody's access is revoked: nothing that comes after depends on it, and
// emptying may end in another invocation, or be left to S3. Only of a share that CloudFormation may forget it goes
// last, unless there is something to empty: without it, nobody would find what a removal that fails leaves.
//
// An error names what of a finished share could not be looked at or revoked. The plan then revokes all the rest and
// deletes nothing: it is to be carried out all the same, and then the removal fails with the error. What may not be
// read of an unfinished share, its Create cannot have written.
func Removal(w Wanted, now State) (Plan, error) {
	forgetting, cancelling := w.memory().forget(now.Remembered), w.cancelJobs(now.Remembered)
	if b := now.Bucket; b != nil && w.othersBucket(b) {
		if w.handedOver(now) {
			return nil, nil
		}
		return inOrder(cancelling, forgetting), nil
	}
	p := newPlanner(w, now)
	unseen := w.outOfReach(now)
	revocations, rest := p.revokeAll(w.Removal, unseen != nil)
	revocations = inOrder(append(revocations, cancelling...))
	if rest = errors.Join(rest, unseen); rest != nil {
		return revocations, rest
	}
	if b := now.Bucket; b != nil && b.Foreign {
		return inOrder(revocations, forgetting), nil
	}
	emptying, err := p.emptyBucket(w.Removal)
	if err != nil {
		return revocations, err
	}
	groups := append([][]Step{revocations, emptying, p.restoreBucket(w.Removal)}, p.afterRevoking(w.Removal)...)
	if d := now.Remembered.Declaration; d != nil && (d.Replaces != "" || w.LastTime) && len(emptying) == 0 {
		groups = append(groups, forgetting)
	} else {
		groups = append([][]Step{revocations}, beside(forgetting, groups[1:], 0, false)...)
	}
	return inOrder(groups...), nil
}

// handedOver says whether a bucket that cannot be this share's own any more is that of the finished share.
func (w Wanted) handedOver(now State) bool {
	d := now.Remembered.Declaration
	return w.Removal == Unfinished && (now.Bucket.Tags[TagHandedOver] != "" || d != nil && d.HandedOver)
}

// outOfReach is an error for what could not be looked at and counts.
func (w Wanted) outOfReach(now State) error {
	var bucket error
	if b := now.Bucket; b != nil && b.Foreign && !b.OtherRegion {
		bucket = conflict("bucket "+w.Share.Bucket,
			"let the provider's role in, or, if the bucket is not yours any more, delete the stack again and retain this "+
				"resource",
			"cannot be looked at, and may still let somebody in: its policy keeps the provider out, or it belongs to another "+
				"account by now")
	}
	return errors.Join(bucket, unread(now.Unread, func(u Unread) bool { return !u.Denied || w.Removal != Unfinished }))
}

// afterRevoking is what RemovalPolicy asks for, in groups of steps one after the other.
func (p *planner) afterRevoking(how Completion) [][]Step {
	b := p.now.Bucket
	switch {
	case how == Completed && p.want.Removal == share.Retain:
		return [][]Step{p.release()}
	case b != nil && p.keeps(b, how):
		return [][]Step{p.abandon(how)}
	case b != nil && how != Completed && p.neverUsed():
		// It may have no alias yet: once the bucket is gone, nothing would lead to it.
		return [][]Step{p.removeKey(), p.removeBucket()}
	}
	return [][]Step{p.removeBucket(), p.removeKey()}
}

// revokeAll takes everybody's access away, identities' policies before the bucket's denials, which keep objects from
// being written under another key as long as anybody may write. They stay when that may be so afterwards too, because
// something could not be looked at: the next Delete takes them.
func (p *planner) revokeAll(how Completion, keepDenials bool) (Plan, error) {
	const reason = "the share is removed"
	first := append(revoke(p.delegates.everybody()), p.dropSurplusKeys()...)
	if b := p.now.Bucket; how == Unfinished && b != nil && !b.Foreign && !p.owner.Owns(b.Tags) {
		return inOrder(first), nil // its tags come before anybody is let in: what policies say is somebody else's
	}
	// Nothing is added to the key's policy, not even Administration: the key may be one that this share found, refused
	// and never wrote to.
	key, keyErr := p.rewriteKeyPolicy(document.InKeyPolicy(p.want.Bucket), reason)
	left := p.beingEmptied(how)
	if keepDenials {
		left = left.Denying()
	}
	bucket, bucketErr := p.rewriteBucketPolicy(left, reason)
	return inOrder(append(first, key...), bucket), errors.Join(keyErr, bucketErr)
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
			steps = append(steps, Step{
				Round: 1, Operation: op, Resource: resource, Tags: ours, Reason: "it stays, without its share",
			})
		}
	}
	if b := p.now.Bucket; b != nil {
		release(UntagBucket, p.want.Bucket, b.Tags, p.owner.Owns(b.Tags))
	}
	// KMS changes no tags of a key that waits for its deletion.
	if k := p.key; k != nil && k.State != KeyPendingDeletion {
		release(UntagKey, k.ARN, k.Tags, p.owner.OwnsKey(k, p.want.Bucket))
	}
	return steps
}

// keeps says whether a bucket stays because tags do not prove that it is this share's own, or because one that was not
// to be holds objects all the same.
func (p *planner) keeps(b *Bucket, how Completion) bool {
	return !p.owner.Owns(b.Tags) || b.Tags[TagAdopted] != "" || (how != Completed && p.now.HoldsObjects)
}

// abandon leaves a bucket and its key as they are, without their share. A key that encrypted nothing goes. One that may
// have, in a bucket that goes back to another, stays the share's: its adoption may be tried again.
func (p *planner) abandon(how Completion) []Step {
	restored := p.restored(how) != nil
	if how != Completed && (p.neverUsed() || restored && !p.now.HoldsObjects) {
		if steps := p.removeKey(); len(steps) > 0 {
			p.key = nil
			return append(steps, p.release()...)
		}
	}
	if restored && p.claim.takes() {
		p.key = nil
	}
	return p.release()
}

// neverUsed says whether the key of an unfinished share never encrypted anything, as the bucket does not use it yet.
func (p *planner) neverUsed() bool {
	return p.key != nil && p.now.defaultKey() != p.key.ARN
}

func (p *planner) removeBucket() []Step {
	if p.now.Bucket == nil {
		return nil
	}
	return []Step{{Round: 1, Operation: DeleteBucket, Resource: p.want.Bucket, Reason: "the share is removed"}}
}

// removeKey gives up the keys that their tags prove to be this share's own, and one that it was just taking up.
func (p *planner) removeKey() []Step {
	var steps []Step
	for _, k := range p.ownKeys() {
		switch {
		case p.claimOn(k) < halfTaken || k.State == KeyPendingDeletion:
		case document.ServesOtherShares(p.want.Bucket, k.Policy):
		default:
			steps = append(steps, Step{
				Round: 1, Operation: ScheduleKeyDeletion, Resource: k.ARN, Days: deletionDays(p.want),
				Reason: "the share's own key has nothing left to encrypt",
			})
		}
	}
	return steps
}

// deletionDays is the window within what KMS takes, also when the properties were read leniently.
func deletionDays(s share.Share) int { return min(max(s.DeletionDays, 7), 30) }
