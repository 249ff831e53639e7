package adopt

import (
	"slices"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// anyMember is a user with nothing but a group's policies.
func anyMember(env share.Env, group proof.Principal) proof.Principal {
	name := "any-member-of-" + group.Identity().Name
	return proof.Principal{
		ARN: env.ARN("iam", "", group.Account, "user/"+name), Account: group.Account, Type: evaluator.User,
		Policies: group.Policies,
	}
}

// namingBucket are a principal's own policies that name the bucket: what a user has of groups is theirs.
func namingBucket(env share.Env, w proof.World, p proof.Principal) []proof.Document {
	var ofGroups []proof.Document
	for _, g := range w.Principals {
		if g.Type == proof.GroupType && g.Account == p.Account && slices.Contains(p.Groups, g.Identity().Name) {
			ofGroups = append(ofGroups, g.Policies...)
		}
	}
	var all []proof.Document
	for _, d := range p.Policies {
		if !slices.ContainsFunc(ofGroups, d.Is) && names(env.BucketARN(w.Bucket.Name), d) {
			all = append(all, d)
		}
	}
	return all
}

func names(bucketARN string, d proof.Document) bool {
	return slices.ContainsFunc(statementsOf(d), func(s policy.Statement) bool {
		return s.Effect == policy.Allow && whereOf(bucketARN, s).names
	})
}

// statementsOf are the statements of an identity's policy. One that is not valid has none: the evaluator lets nobody in
// because of it, and says so wherever it is asked.
func statementsOf(d proof.Document) []policy.Statement {
	p := d.Policy()
	if p == nil || len(p.Problems) > 0 {
		return nil
	}
	return p.Document.Statements
}
