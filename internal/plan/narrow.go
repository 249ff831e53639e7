package plan

import (
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// less is the share as far as two declarations allow the same: what may stay while something has to be repaired.
func (w Wanted) less() share.Share {
	less := w.Share
	less.Consumers, less.Delegates, less.DirectUse, less.Canary = nil, nil, false, false
	if b := w.Previous; b != nil {
		less.Consumers = common(w.Share.Consumers, b.Consumers)
		less.Delegates = commonGrantees(w.Share.Delegates, b.Delegates)
		less.DirectUse, less.Canary = w.Share.DirectUse && b.DirectUse, w.Share.Canary && b.Canary
	}
	return less
}

// narrow takes away at once what the new declaration no longer allows, when protection must be repaired before anything
// new may be allowed. Otherwise the final documents, each one atomic write, do both.
func (p *planner) narrow(protectionFirst bool) ([]Step, error) {
	if !protectionFirst || !p.bucketPolicy.Any(document.OursThatAllow) {
		return nil, nil
	}
	const reason = "who lost access must not wait for the repairs"
	steps, err := p.bucketPolicyStep(p.narrowed.Bucket, document.OursInBucketPolicy, reason)
	if err != nil || p.key == nil {
		return steps, err
	}
	more, err := p.keyPolicyStep(p.narrowed.Key, reason)
	return append(steps, more...), err
}

// keyInUse is the ARN of the key that objects are encrypted with now, or of the share's, "" while there is neither.
func (p *planner) keyInUse() string {
	switch now := p.now.defaultKey(); {
	case share.IsKeyARN(now):
		return now
	case p.key != nil:
		return p.key.ARN
	}
	return ""
}

// common are the consumers that both lists let in, as far as both do.
func common(a, b []share.Consumer) []share.Consumer {
	both := meet(a, b, func(c *share.Consumer) (share.ConsumerID, *share.Scope) { return c.ID, &c.Scope })
	slices.SortFunc(both, share.CompareConsumers)
	return slices.CompactFunc(both, func(a, b share.Consumer) bool { return share.CompareConsumers(a, b) == 0 })
}

// commonGrantees is to delegates and grantees what common is to consumers.
func commonGrantees(a, b []share.Grantee) []share.Grantee {
	return meet(a, b, func(g *share.Grantee) (share.Identity, *share.Scope) { return g.Identity, &g.Scope })
}

// meet are those of whom both lists say something, each as often as there is a scope that both allow.
func meet[T any, ID comparable](a, b []T, read func(*T) (ID, *share.Scope)) []T {
	var both []T
	for _, x := range a {
		for _, y := range b {
			one, scope := read(&x)
			other, less := read(&y)
			if met, ok := scope.Meet(*less); ok && one == other {
				made := x
				_, of := read(&made)
				*of = met
				both = append(both, made)
			}
		}
	}
	return both
}
