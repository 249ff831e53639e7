// Package plan is the way from what is there (State) to what is declared: an ordered list of steps with a reason each.
//
// It is data in, data out, without a clock, a network or an SDK: the function applies a plan, the command prints it,
// and an empty one writes nothing. Which key a share uses, who owns what by its tags, what conflicts, what is revoked
// first and what is left when a share goes is decided here alone.
package plan

import (
	"slices"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// ForShare is the way from now to the wanted share.
//
//	there is                          | then
//	----------------------------------|-----------------------------------------------------------------
//	no bucket                         | create it, or a Conflict when it was to be adopted
//	a bucket of this owner            | write only what differs
//	a bucket of no or another owner   | a Conflict; adopt one of no owner when told to
//	no key                            | create key and alias, or a Conflict when it was declared by ARN
//	our key, waiting for deletion     | take it up again
//	another key behind the alias      | a Conflict; use it when the bucket is adopted
//	a delegate that does not exist    | a Conflict, before anything is written
//	a delegate with another's policy  | the same
//
// Order is a safety property. Revocations come first, and what stays but becomes less is made less then; then
// everything that protects the bucket; grants come last, and identities' policies after the bucket policy, whose
// denials must be in force by then. When protection has to be repaired in the same plan, the policies are first
// narrowed to what both declarations allow.
func ForShare(w Wanted, now State) (Plan, error) {
	if err := unread(now.Unread, func(Unread) bool { return true }); err != nil {
		return nil, err
	}
	m := w.memory()
	m.found = w.found(now)
	if err := m.stale(now.Remembered, now.Replaced); err != nil {
		return nil, err
	}
	p := newPlanner(w, now)
	p.documents = document.ToShare(w.Share, w.Previous, p.keyARN, p.keyInUse(), p.delegates.mark)
	if err := p.checkConflicts(); err != nil {
		return nil, err
	}
	former := p.delegates.former(p.documents.Final)
	revocations := revoke(former)
	protection := p.protect()
	narrowing, err := p.narrowPolicies(len(protection) > 0)
	if err != nil {
		return nil, err
	}
	policies, err := p.rewritePolicies()
	if err != nil {
		return nil, err
	}
	narrowed, delegates, err := p.delegates.change(p.documents, len(protection)+len(policies) > 0)
	if err != nil {
		return nil, err
	}
	waiting := p.waitingKey()
	remembering, err := m.remember(now.Remembered, waiting, left(former))
	if err != nil {
		return nil, err
	}
	leaving, err := p.leaveFormerKey()
	if err != nil {
		return nil, err
	}
	// By then the share's key has its alias, so that no other run can come to use what is given up.
	last := append(leaving, p.dropSurplusKeys()...)
	groups := [][]Step{slices.Concat(revocations, narrowed, narrowing), protection, policies, delegates, last}
	newcomers := w.Previous != nil && now.Remembered.lacks(p.documents.Final)
	groups = m.in(groups, m.announce(now.Replaced), remembering, 2, newcomers)
	// Jobs are cancelled before they are forgotten.
	return inOrder(append([][]Step{w.cancelJobs(now.Remembered)}, groups...)...).withinQuotas(now.Quotas)
}

// HandOver marks a share that an Update finished after its Create had failed. It comes last of all, when the share is
// proven: until then the Delete for the failed Create has to clean up.
func HandOver(w Wanted, now Remembered) (Plan, error) {
	tag := Step{
		Round: 1, Operation: TagBucket, Resource: w.Share.Bucket, Tags: map[string]string{TagHandedOver: "true"},
		Reason: "the failed Create must not be cleaned up any more",
	}
	var events declaration.Events
	if now.Declaration != nil {
		events = now.Declaration.Events
	}
	remembering, err := w.memory().handOver(events)
	return inOrder(append([]Step{tag}, remembering...)), err
}

// planner holds what the parts of one plan have in common. bucketPolicy and keyPolicy are the documents as they will be
// after the steps planned so far.
type planner struct {
	want     share.Share
	previous *share.Share
	owner    Owner
	limits   share.Limits
	now      State
	key      *Key // the chosen one, nil when there is none
	claim    claim
	keyARN   string
	surplus  []*Key

	young bool // what is there of the share may have been made a moment ago

	delegates identityPolicies

	documents document.Stages // none for a removal

	bucketPolicy, keyPolicy policy.Stored
}

func newPlanner(w Wanted, now State) *planner {
	p := &planner{
		want: w.Share, previous: w.Previous, owner: w.Owner, limits: w.Limits, now: now,
		key: w.Key(now), keyARN: w.Share.Env.PendingKeyARN(), surplus: w.surplusKeys(now),
		young: w.Previous == nil && w.Removal != Completed, delegates: w.policies(now),
	}
	p.claim = p.claimOn(p.key)
	if p.key != nil {
		p.keyARN, p.keyPolicy = p.key.ARN, p.key.Policy
	}
	if now.Bucket != nil {
		p.bucketPolicy = now.Bucket.Policy
	}
	return p
}

// protect is everything between the first write and the first grant. Bucket and key go side by side, but a key is
// created after its bucket: a bucket that is not there then proves that no earlier attempt left a key. The bucket uses
// a key only when that has its alias: the alias settles whose key it is when the same Create runs twice, and leads to
// the key when the bucket is gone.
func (p *planner) protect() []Step {
	var bucket, key sequence
	encryption := 0
	p.makeBucket(&bucket)
	if p.now.Bucket == nil {
		key.round = bucket.round
	} else if p.waitingKey() != "" {
		key.round = 1 // what is remembered comes first
	}
	p.makeKey(&key)
	if p.nameKey(&key) {
		encryption = key.round
	}
	p.configureKey(&key)
	p.configureBucket(&bucket)
	bucket.round = max(bucket.round, encryption)
	p.encryptBucket(&bucket)
	return append(bucket.steps, key.steps...)
}

func (p *planner) checkConflicts() error {
	if err := p.checkBucket(); err != nil {
		return err
	}
	if err := p.checkKey(); err != nil {
		return err
	}
	return p.delegates.check(p.documents.Final)
}
