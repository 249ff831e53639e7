package share

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
//	belongs to another share or account | nothing: this share never came to be
//	has no owner                        | our statements and inline policies go, nothing is deleted
//	is adopted                          | the same, and our tags go
//	is ours, Retain                     | the same: bucket, objects, key and alias stay
//	is ours, Delete                     | revoke, delete the bucket (it must be empty), then our own key
//	is gone                             | inline policies go; our own key as above
//	was finished by a later Update      | nothing, when it is the failed Create that is removed
func PlanRemoval(s Share, owner Owner, how Completion, now State) (Plan, error) {
	if b := now.Bucket; b != nil && (b.Foreign || (Owned(b.Tags) && !owner.Owns(b.Tags))) {
		return nil, nil
	}
	if b := now.Bucket; b != nil && how == Unfinished && b.Tags[TagHandedOver] != "" {
		return nil, nil
	}
	p := planner{want: s, owner: owner, now: now}
	revocations, err := p.revokeAll()
	if err != nil {
		return nil, err
	}
	if how == Completed && s.Removal == Retain {
		return inOrder(revocations, p.release()), nil
	}
	bucket, key := p.remove(how)
	return inOrder(revocations, bucket, key), nil
}

func (p *planner) revokeAll() ([]Step, error) {
	steps := revokeInline(Identities(p.want.Delegates), p.want.PolicyName(), p.now.Identities, p.want.Env.BucketARN(p.want.Bucket))
	if p.now.Bucket != nil {
		p.bucketPolicy = p.now.Bucket.Policy
		more, err := p.bucketPolicyStep(nil, "the share is removed")
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	if k := p.now.Key; k != nil && k.Policy != "" && k.State != KeyPendingDeletion {
		p.keyARN, p.keyPolicy = k.ARN, k.Policy
		more, err := p.keyPolicyStep(nil, "the share is removed")
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
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
	if k := p.now.Key; k != nil {
		release(UntagKey, k.ARN, k.Tags, p.owner.OwnsKey(k, p.want.Bucket))
	}
	return steps
}

// remove deletes what tags prove to be this share's own: the bucket first, its key only when the bucket is gone.
func (p *planner) remove(how Completion) (bucket, key []Step) {
	if b := p.now.Bucket; b != nil {
		if !p.owner.Owns(b.Tags) || b.Tags[TagAdopted] != "" || (how == Unfinished && p.now.HoldsObjects) {
			return p.release(), nil
		}
		bucket = []Step{{Round: 1, Operation: DeleteBucket, Resource: p.want.Bucket, Reason: "the share is removed"}}
	}
	if k := p.now.Key; k != nil && p.owner.OwnsKey(k, p.want.Bucket) && k.State != KeyPendingDeletion && !p.want.servesOthers(k.Policy) {
		key = []Step{{
			Round: 1, Operation: ScheduleKeyDeletion, Resource: k.ARN, Days: p.want.deletionDays(),
			Reason: "the share's own key has nothing left to encrypt",
		}}
	}
	return bucket, key
}

// deletionDays is the window within what KMS takes, also when the properties were read leniently.
func (s Share) deletionDays() int { return min(max(s.DeletionDays, 7), 30) }
