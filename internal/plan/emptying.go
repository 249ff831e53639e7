package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// Around cuts a plan at the step of an operation. Without such a step all of it comes before.
func (p Plan) Around(op Operation) (before Plan, step *Step, after Plan) {
	for i, s := range p {
		if s.Operation == op {
			return p[:i], &s, p[i+1:]
		}
	}
	return p, nil, nil
}

// empties says whether what is in the bucket is to be deleted: only of a finished share, and only when tags prove the
// bucket its own.
func (p *planner) empties(how Completion) bool {
	b := p.now.Bucket
	return how == Completed && p.want.Removal == share.Empty && b != nil && !b.Foreign && !p.keeps(b, how)
}

// beingEmptied is what stays of the share in the bucket's policy: nothing, unless it says that the bucket is being
// emptied already, so that an event that goes on takes nothing away: nobody but the provider is let in by that.
func (p *planner) beingEmptied(how Completion) document.Part {
	emptying := document.Emptying(p.want)
	if !p.empties(how) || emptying.Into(p.bucketPolicy).Differs() {
		return document.InBucketPolicy(p.want.Bucket)
	}
	return emptying
}

// emptyBucket lets nobody write any more and the provider delete, and empties the bucket then. Everybody's access was
// taken away before, in a step of its own, which depends on nothing.
func (p *planner) emptyBucket(how Completion) (Plan, error) {
	if !p.empties(how) {
		return nil, nil
	}
	closing, err := p.rewriteBucketPolicy(document.Emptying(p.want), "nobody writes while the bucket is emptied")
	if err != nil {
		return nil, err
	}
	return inOrder(closing, []Step{{
		Round: 1, Operation: EmptyBucket, Resource: p.want.Bucket,
		Reason: "the share is removed, and RemovalPolicy is Empty",
	}}), nil
}
