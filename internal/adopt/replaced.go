package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// replaced are the statements and policies without which nobody loses anything once the share is there, and those that
// say something else, with what. Each is taken out in turn, so that of two that say the same one may stay.
func (r *adoption) replaced() (replaced []string, unsaid []Unsaid) {
	full := r.ends.beside(r.private)
	gone := map[string]bool{}
	for _, s := range slices.Concat(r.bucket.sources, r.key.sources) {
		if r.ownersBusiness(s) {
			continue
		}
		why := r.problems(s)
		if len(why) == 0 && s.statement.Effect == policy.Allow {
			without := r.in(r.private, func(o source) bool { return o.place != s.place && !o.public && !gone[o.place] })
			why = r.losses(full, r.ends.beside(without))
		}
		if len(why) > 0 {
			unsaid = append(unsaid, Unsaid{s.place, why})
			continue
		}
		gone[s.place] = true
		replaced = append(replaced, s.place)
	}
	left := r.ends.beside(r.in(r.private, func(o source) bool { return !o.public && !gone[o.place] }))
	more, others := r.policies(left)
	return append(replaced, more...), append(unsaid, others...)
}

// problems are what of a statement no share can say.
func (r *adoption) problems(s source) []string {
	switch {
	case s.problem != "":
		return []string{"it is not judged: " + s.problem}
	case s.public:
		return []string{"it makes the bucket policy a public one, which S3 refuses beside a share: it has to be taken out"}
	case s.statement.Effect == policy.Deny && r.sharesDeny(s.statement):
		return nil
	case s.statement.Effect == policy.Deny:
		if c := circumstances(s.statement); len(c) > 0 {
			keys := strings.Join(c, ", ")
			return []string{"it is a Deny with a condition on " + keys + ", and is judged as if it let the request through"}
		}
		return []string{"it is a Deny, which stays in force beside the share"}
	}
	problems := whoOf(r.env.Account, s.statement).problems
	if !s.grant && !isKeyStatement(s.statement) {
		problems = append(problems, whereOf(r.env.BucketARN(r.declared.bucket), s.statement).problems...)
	}
	return append(append(problems, beyond(r.env.Account, s.statement)...), r.undeclared(s)...)
}

// undeclared are those whom a statement of the bucket policy names and the share does not: it lets them do nothing that
// a level has.
func (r *adoption) undeclared(s source) []string {
	if s.grant || isKeyStatement(s.statement) {
		return nil
	}
	var all []string
	for _, id := range whoOf(r.env.Account, s.statement).consumers {
		declared := slices.ContainsFunc(r.declared.consumers, func(c consumer) bool {
			return c.id == id || broader(c.id, id)
		})
		if !declared {
			all = append(all, id.Name+" is not in the share: "+r.refused(id))
		}
	}
	return all
}

// refused is why somebody whom a statement names cannot do more.
func (r *adoption) refused(id share.ConsumerID) string {
	why := ""
	for _, a := range proof.Ask(r.today, []proof.Subject{proof.BestEquipped(r.env, id)}, r.folders) {
		switch {
		case core[a.Operation] == 0:
		case a.Allowed():
			return "what it can do is no level's, or would give others more"
		case a.Decision.S3 == evaluator.Allow:
			return a.Deciding().Text()
		default:
			why = cmp.Or(why, "it can neither read nor write objects")
		}
	}
	return why
}

func isKeyStatement(s policy.Statement) bool {
	return !slices.ContainsFunc(s.Action, func(a string) bool { return len(a) < 4 || a[:4] != "kms:" })
}

// sharesDeny says whether the share denies the same.
func (r *adoption) sharesDeny(s policy.Statement) bool {
	this := policy.Document{Version: policy.Version, Statements: []policy.Statement{s}}.Stored()
	return slices.ContainsFunc(document.OfShare(r.ends.share, r.ends.share.KeyARN, "").Bucket.Statements, this.Says)
}

// ownersBusiness says whether a statement lets in the owner's own account alone: a share changes nothing about that.
func (r *adoption) ownersBusiness(s source) bool {
	w := whoOf(r.env.Account, s.statement)
	return s.statement.Effect == policy.Allow && s.problem == "" && len(w.consumers) == 0 && len(w.problems) == 0 &&
		(len(w.identities) == 0 || isKeyStatement(s.statement))
}

// policies are those policies of delegates and grantees that the share's replace.
func (r *adoption) policies(left proof.World) (replaced []string, unsaid []Unsaid) {
	for _, i := range r.declared.identities {
		for _, d := range i.named {
			what := fmt.Sprintf("%s of %s in %s", d.Name, i.id, i.account)
			why := r.policyProblems(d)
			why = append(why, r.lostWithout(left, i, d)...)
			if len(why) > 0 {
				unsaid = append(unsaid, Unsaid{what, why})
				continue
			}
			replaced = append(replaced, what)
		}
	}
	return replaced, unsaid
}

// policyProblems are what of an identity's policy no share says.
func (r *adoption) policyProblems(d proof.Document) []string {
	bucketARN := r.env.BucketARN(r.declared.bucket)
	var all []string
	for n, s := range statementsOf(d) {
		w := whereOf(bucketARN, s)
		problems := append(w.problems, beyond(r.env.Account, s)...)
		if s.Effect == policy.Deny {
			problems = []string{"it is a Deny"}
		}
		if !isKeyStatement(s) && slices.ContainsFunc(s.Resource, func(r string) bool { return !aboutBucket(bucketARN, r) }) {
			problems = append(problems, "it is about more than this bucket")
		}
		for _, p := range problems {
			all = append(all, fmt.Sprintf("Statement[%d]: %s", n, p))
		}
	}
	return all
}

func aboutBucket(bucketARN, resource string) bool {
	return whereOf(bucketARN, policy.Statement{Resource: policy.Values{resource}}).names
}

// lostWithout is what an identity, or a group's members, lose without one of its policies.
func (r *adoption) lostWithout(left proof.World, i identity, d proof.Document) []string {
	before, after := left, left
	before.Principals, after.Principals = nil, nil
	for _, p := range left.Principals {
		if !p.Has(i.account, i.id) {
			continue
		}
		before.Principals = append(before.Principals, p)
		p.Policies = slices.DeleteFunc(slices.Clone(p.Policies), d.Is)
		after.Principals = append(after.Principals, p)
	}
	return r.losses(before, after)
}

// losses is what is lost between two worlds in which the share is there.
func (r *adoption) losses(before, after proof.World) []string {
	const few = 3
	var all, direct []string
	for i, c := range r.between(r.ends, before, after).Lost {
		switch {
		case slices.Equal(c.Operations, []string{"kms:Decrypt"}):
			direct = append(direct, c.Who)
		case i < few:
			all = append(all, fmt.Sprintf("without it, %s would lose %s", c.Who, whatOf(c)))
		case i == few:
			all = append(all, "and others would lose something")
		}
	}
	if len(direct) > 0 {
		all = append(all, "without it, "+strings.Join(direct, ", ")+
			" could not call KMS itself any more; with a key that was there before, a share lets nobody do so")
	}
	return all
}
