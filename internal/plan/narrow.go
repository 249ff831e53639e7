package plan

import "example.com/sharedbucket/internal/share"

// narrow takes away at once what the new declaration no longer allows, when protection must be repaired before anything
// new may be allowed. Otherwise the final documents, each one atomic write, do both.
func (p *planner) narrow(protectionFirst bool) ([]Step, error) {
	if !protectionFirst || !p.narrowed.Bucket.Allows(p.bucketPolicy) {
		return nil, nil
	}
	const reason = "who lost access must not wait for the repairs"
	steps, err := p.bucketPolicyStep(p.narrowed.Bucket, reason)
	if err != nil || p.key == nil {
		return steps, err
	}
	more, err := p.keyPolicyStep(p.narrowed, reason)
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
