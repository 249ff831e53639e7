package share

import (
	"slices"
	"strings"

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
		less.Consumers = meet(p.want.Consumers, p.previous.Consumers)
	}
	const reason = "who lost access must not wait for the repairs"
	key := p.keyARN
	if now := p.now.Bucket.Encryption.KeyARN; keyARN.MatchString(now) {
		key = now
	}
	steps, err := p.bucketPolicyStep(less.BucketPolicy(key), reason)
	if err != nil || p.now.Key == nil {
		return steps, err
	}
	more, err := p.keyPolicyStep(less.KeyPolicy(), reason)
	return append(steps, more...), err
}

// grantsAlready says whether the bucket policy has statements of ours that let somebody in.
func (p *planner) grantsAlready() bool {
	sids, err := policy.Sids(p.bucketPolicy)
	return err == nil && slices.ContainsFunc(sids, func(s string) bool {
		return OursInBucketPolicy(s) && !strings.HasPrefix(s, sid("Deny"))
	})
}

// meet are the admissions that both lists allow.
func meet(a, b []Admission) []Admission {
	var both []Admission
	for _, x := range a {
		for _, y := range b {
			if x.Outsider != y.Outsider {
				continue
			}
			if scope, ok := x.Scope.meet(y.Scope); ok {
				both = append(both, Admission{x.Outsider, scope})
			}
		}
	}
	slices.SortFunc(both, compareAdmissions)
	return slices.CompactFunc(both, func(a, b Admission) bool { return compareAdmissions(a, b) == 0 })
}

// meet is the scope that lies in both, and whether there is one.
func (s Scope) meet(t Scope) (Scope, bool) {
	level, ok := s.Access.meet(t.Access)
	if !ok {
		return Scope{}, false
	}
	if len(s.Prefixes) == 0 {
		return Scope{level, t.Prefixes}, true
	}
	if len(t.Prefixes) == 0 {
		return Scope{level, s.Prefixes}, true
	}
	var common []string
	for _, a := range s.Prefixes {
		for _, b := range t.Prefixes {
			switch {
			case a == b || strings.HasPrefix(a, b+"/"):
				common = append(common, a)
			case strings.HasPrefix(b, a+"/"):
				common = append(common, b)
			}
		}
	}
	return Scope{level, policy.Sorted(common)}, len(common) > 0
}
