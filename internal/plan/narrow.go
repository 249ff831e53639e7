package plan

import (
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// narrow takes away at once what the new declaration no longer allows, when protection must be repaired before anything
// new may be allowed. Otherwise the final documents, each one atomic write, do both.
func (p *planner) narrow(protectionFirst bool) ([]Step, error) {
	if p.now.Bucket != nil {
		p.bucketPolicy = p.now.Bucket.Policy
	}
	if !protectionFirst || !p.grantsAlready() {
		return nil, nil
	}
	less := p.want
	less.Consumers = nil
	if p.previous != nil {
		less.Consumers = common(p.want.Consumers, p.previous.Consumers)
	}
	const reason = "who lost access must not wait for the repairs"
	key := p.keyARN
	if now := p.now.Bucket.Encryption.KeyARN; share.IsKeyARN(now) {
		key = now
	}
	steps, err := p.bucketPolicyStep(document.BucketStatements(less, key), reason)
	if err != nil || p.now.Key == nil {
		return steps, err
	}
	more, err := p.keyPolicyStep(document.KeyStatements(less), reason)
	return append(steps, more...), err
}

// grantsAlready says whether the bucket policy has statements of ours that let somebody in.
func (p *planner) grantsAlready() bool {
	sids, err := policy.Sids(p.bucketPolicy)
	return err == nil && slices.ContainsFunc(sids, document.OursThatAllow)
}

// common are the consumers that both lists let in, as far as both do.
func common(a, b []share.Consumer) []share.Consumer {
	var both []share.Consumer
	for _, x := range a {
		for _, y := range b {
			if x.ID != y.ID {
				continue
			}
			if scope, ok := x.Scope.Meet(y.Scope); ok {
				both = append(both, share.Consumer{ID: x.ID, Scope: scope})
			}
		}
	}
	slices.SortFunc(both, share.CompareConsumers)
	return slices.CompactFunc(both, func(a, b share.Consumer) bool { return share.CompareConsumers(a, b) == 0 })
}
