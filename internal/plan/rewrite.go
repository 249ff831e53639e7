package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// narrowPolicies takes away at once what the new declaration no longer allows, when protection must be repaired before
// anything new may be allowed. Otherwise the final documents, each one atomic write, do both.
func (p *planner) narrowPolicies(protectionFirst bool) ([]Step, error) {
	if !protectionFirst || !p.documents.Narrowed.Bucket.Allows(p.bucketPolicy) {
		return nil, nil
	}
	const reason = "who lost access must not wait for the repairs"
	steps, err := p.rewriteBucketPolicy(p.documents.Narrowed.Bucket, reason)
	if err != nil || p.key == nil {
		return steps, err
	}
	more, err := p.rewriteKeyPolicy(p.keyPart(p.documents.Narrowed), reason)
	return append(steps, more...), err
}

// rewritePolicies are the steps that write the final bucket policy and key policy, side by side.
func (p *planner) rewritePolicies() ([]Step, error) {
	bucket, err := p.rewriteBucketPolicy(p.documents.Final.Bucket, "who may use the bucket differs")
	if err != nil {
		return nil, err
	}
	key, err := p.rewriteKeyPolicy(p.keyPart(p.documents.Final), "who may use the key differs")
	if err != nil {
		return nil, err
	}
	return append(bucket, key...), nil
}

// keyPart is what the share has in the policy of its key: one that it made, it administers.
func (p *planner) keyPart(of document.Policies) document.Part {
	if p.ownKey() != nil {
		return of.Key.Administered()
	}
	return of.Key
}

// rewriteBucketPolicy is the step to a bucket policy in which the share has a part.
func (p *planner) rewriteBucketPolicy(part document.Part, reason string) ([]Step, error) {
	s := Step{Operation: PutBucketPolicy, Resource: p.want.Bucket, Reason: reason}
	if p.now.Bucket != nil {
		s.OursPrefix = part.SidPrefix
	}
	steps, after, err := rewrite(s, p.bucketPolicy, part)
	p.bucketPolicy = after
	return steps, err
}

// rewriteKeyPolicy is the step to a key policy in which the share has a part. Only a key that this plan creates is
// nobody else's for sure.
func (p *planner) rewriteKeyPolicy(part document.Part, reason string) ([]Step, error) {
	s := Step{Operation: PutKeyPolicy, Resource: p.keyARN, NewTags: p.newTags(), Reason: reason}
	if p.key != nil {
		s.OursPrefix = part.SidPrefix
	}
	steps, after, err := rewrite(s, p.keyPolicy, part)
	p.keyPolicy = after
	return steps, err
}

// rewrite completes the step that gives a share a part of a policy which others write into as well, and says how the
// policy is then. There is none when the change means nothing to AWS, and none that would leave a key without any
// statement, as KMS takes no such policy.
func rewrite(s Step, current policy.Stored, part document.Part) ([]Step, policy.Stored, error) {
	c := part.Into(current)
	empty := c.After.Text() == ""
	if !c.Differs() || empty && s.Operation == PutKeyPolicy {
		return nil, current, nil
	}
	if err := refused(s, c); err != nil {
		return nil, current, err
	}
	if empty {
		s.Operation = DeleteBucketPolicy
	}
	s.Round, s.Before, s.After, s.NewAccounts = 1, c.Before, c.After, c.NewAccounts
	return []Step{s}, c.After, nil
}

// refused says why AWS would not take a policy, or not as it is meant, before AWS does: it would name no statement, and
// look as if it could be waited out.
func refused(s Step, c document.Change) error {
	kind := "bucket"
	if s.Operation == PutKeyPolicy {
		kind = "key"
	}
	for _, stale := range c.Stale {
		return conflict(kind+" "+s.Resource, "take that principal out of it, or delete the statement, then try again; a "+
			"user or role made a moment ago shows like that too, and then waiting is enough",
			"has a %s policy whose statement %s names %s, a user or role that was deleted: AWS takes no such document",
			kind, stale.Statement, stale.ID)
	}
	if c.VariablesAreText && s.Operation != PutKeyPolicy {
		return conflict("bucket "+s.Resource,
			"give its bucket policy the Version "+policy.Version+", and write ${ as ${$}{ there, or declare neither",
			"has a bucket policy of an older Version with ${ in it, in which %s and the Canary's folder would be text",
			share.AccountFolder)
	}
	return c.TooLarge
}
