package plan

import "slices"

// mends are the operations by which the schedule brings a share back to what it declares, besides those of settings. It
// makes and deletes no bucket or key, and wakes no key that somebody disabled: that is for an event of
// CloudFormation's, which somebody meant. A key that was never used may go.
var mends = []Operation{
	TagBucket, UntagBucket, PutBucketPolicy, TagKey, CreateAlias, PutKeyPolicy, PutInlinePolicy, DeleteInlinePolicy,
	CreatePolicy, CreatePolicyVersion, DeletePolicyVersion, AttachPolicy, DetachPolicy, DeletePolicy,
}

// Mends says whether the schedule may carry out a plan, or which step it may not.
func (p Plan) Mends() (bool, Step) {
	i := slices.IndexFunc(p, func(s Step) bool {
		unused := s.Operation == ScheduleKeyDeletion && s.NoAlias
		return s.Setting == nil && !unused && !slices.Contains(mends, s.Operation)
	})
	if i < 0 {
		return true, Step{}
	}
	return false, p[i]
}

// Remembers says whether a plan writes the declaration down: another one is remembered than it was made from.
func (p Plan) Remembers() bool {
	return slices.ContainsFunc(p, func(s Step) bool { return s.Operation == PutParameter })
}
