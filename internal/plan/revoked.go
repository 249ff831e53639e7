package plan

import (
	"slices"

	"example.com/sharedbucket/policy"
)

// Revocations are the steps that take all that is ours out of documents which others write, too, and which stay.
func (p Plan) Revocations() []Step {
	goes := func(resource string) bool {
		return slices.ContainsFunc(p, func(s Step) bool {
			return s.Resource == resource && (s.Operation == DeleteBucket || s.Operation == ScheduleKeyDeletion)
		})
	}
	var all []Step
	for _, s := range p {
		if s.Revokes() && !goes(s.Resource) {
			all = append(all, s)
		}
	}
	return all
}

// Revoked is a Changed when something of ours is in one of the documents that revocations wrote, as they are now. KMS
// and S3 write a policy whatever it has become since it was read: whoever had read before, and wrote after, has put
// back what was ours.
func Revoked(revocations []Step, now []policy.Stored) error {
	for i, s := range revocations {
		if s.oursIn(now[i]) {
			return &Changed{Document: "the policy of " + s.Resource}
		}
	}
	return nil
}
