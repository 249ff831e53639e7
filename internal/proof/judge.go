package proof

import (
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// Answer is the decision on a question, and how it compares with the declaration.
type Answer struct {
	Question
	Decision evaluator.Decision
	Verdict  Verdict
	// Assumed is what was not read and what the decision rests on, where it is not proven.
	Assumed []Unread
}

// Verdict compares a decision with the declaration.
type Verdict string

// The verdicts. Extra is what somebody declared can do beyond it, by policies of its own account that the share did not
// write, and within what the share lets its account do; Unproven rests on something that was not read.
const (
	AsDeclared Verdict = "as declared"
	Missing    Verdict = "missing"
	Excess     Verdict = "excess"
	Extra      Verdict = "extra"
	Unproven   Verdict = "unproven"
	Noted      Verdict = "noted" // nothing is declared of it
	// Half is what S3 lets through and KMS refuses, where nothing is declared.
	Half Verdict = "half"
	// Unprotected is about the bucket itself: what a share sets on it is not so.
	Unprotected Verdict = "unprotected"
)

// Allowed says whether the request is let through.
func (a Answer) Allowed() bool { return a.Decision.Overall == evaluator.Allow }

// half says that S3 lets the request through and KMS does not: what people see then is AccessDenied from S3.
func (a Answer) half() bool {
	return a.Decision.S3 == evaluator.Allow && a.Decision.KMS == evaluator.Deny
}

// ResourceAliases is the condition key for a key's aliases.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
const ResourceAliases = "kms:ResourceAliases"

// judge puts questions to the evaluator.
type judge struct {
	world     World
	subjects  []Subject
	evaluator *evaluator.Evaluator
	accounts  map[string]*evaluator.Account
	general   []Unread // what was assumed for everybody
	// keyContext is what requests to KMS know of the key besides its ARN.
	keyContext evaluator.Context
}

func newJudge(w World, subjects []Subject) *judge {
	j := &judge{
		world: w.Assumed(), subjects: subjects, accounts: map[string]*evaluator.Account{},
	}
	owner := w.Bucket.Owner
	for _, part := range []Part{BucketPolicy, BucketEncryption, KeyPolicy, PublicAccessBlock, RCPs} {
		if u := w.unread(part, owner); u != nil {
			j.general = append(j.general, *u)
		}
	}
	j.evaluator = evaluator.NewEvaluator(j.bucket())
	if k := w.Bucket.Key; k != nil && len(k.Aliases) > 0 {
		j.keyContext.Set(ResourceAliases, evaluator.Many(k.Aliases...))
	}
	return j
}

func (j *judge) bucket() evaluator.Bucket {
	w := j.world.Bucket
	b := evaluator.Bucket{
		Name: w.Name, Region: w.Region, Owner: j.account(w.Owner), BucketKeyEnabled: w.BucketKeyEnabled,
		RestrictPublicBuckets: w.RestrictPublicBuckets,
		Policy:                w.Policy.policy,
	}
	if k := w.Key; k != nil {
		owner := w.Owner
		if arn, ok := grammar.ParseARN(k.ARN); ok {
			owner = arn.Account
		}
		b.Key = &evaluator.Key{
			ARN: k.ARN, Owner: j.account(owner), AWSManaged: k.AWSManaged,
			Policy: k.Policy.policy,
		}
	}
	return b
}

func (j *judge) account(id string) *evaluator.Account {
	if j.accounts[id] == nil {
		j.accounts[id] = j.newAccount(id, j.world.Accounts[id])
	}
	return j.accounts[id]
}

func (j *judge) newAccount(id string, a Account) *evaluator.Account {
	return &evaluator.Account{
		ID: id, OrgID: a.Organization, OrgPaths: a.Paths, Management: a.Management,
		SCPs: levels(a.SCPs), RCPs: levels(a.RCPs),
	}
}

func levels(levels []OrganizationLevel) []evaluator.OrganizationLevel {
	var all []evaluator.OrganizationLevel
	for _, l := range levels {
		e := evaluator.OrganizationLevel{Target: l.Target}
		for _, d := range l.Policies {
			e.Policies = append(e.Policies, d.policy)
		}
		all = append(all, e)
	}
	return all
}

func (j *judge) requester(s Subject) *evaluator.Requester {
	p := evaluator.Principal{
		ARN: s.ARN, Type: s.Type, RoleARN: s.RoleARN, UserID: s.UserID, Tags: s.Tags,
		Boundary: optional(s.Boundary), Session: optional(s.Session),
	}
	for _, d := range s.Policies {
		p.Identity = append(p.Identity, d.policy)
	}
	switch {
	case s.Type == evaluator.Anonymous:
	case s.Home != nil:
		p.Account = j.newAccount(s.Account, *s.Home)
	default:
		p.Account = j.account(s.Account)
	}
	return evaluator.NewRequester(p)
}

// assumed is what was not read and concerns a subject.
func (j *judge) assumed(s Subject) []Unread {
	all := slices.Concat(j.general, s.Assumed)
	if u := j.world.unread(SCPs, s.Account); u != nil && s.Home == nil && s.Account != "" {
		all = append(all, *u)
	}
	return all
}

func (j *judge) answers(questions []Question) []Answer {
	requesters := make([]*evaluator.Requester, len(j.subjects))
	answers := make([]Answer, len(questions))
	for i, q := range questions {
		if requesters[q.Subject] == nil {
			requesters[q.Subject] = j.requester(j.subjects[q.Subject])
		}
		answers[i] = j.answer(requesters[q.Subject], q)
	}
	return answers
}

func (j *judge) answer(r *evaluator.Requester, q Question) Answer {
	var context evaluator.Context
	for _, key := range slices.Sorted(maps.Keys(q.Context)) {
		context.Set(key, evaluator.One(q.Context[key]))
	}
	if q.Direct() {
		context = j.keyContext // a direct call has one context alone
	}
	d := j.evaluator.Decide(r, evaluator.Request{
		Operation: q.Operation, Key: q.Key, Context: context, KMSContext: j.keyContext,
	})
	a := Answer{Question: q, Decision: d}
	a.Verdict = compare(a, j.subjects[q.Subject])
	switch d.Overall {
	case evaluator.Allow:
		if a.Assumed = j.assumed(j.subjects[q.Subject]); len(a.Assumed) > 0 {
			a.Verdict = Unproven
		}
	case evaluator.Deny:
		if u := j.world.unread(KeyAliases, j.world.Bucket.Owner); u != nil && d.KMS == evaluator.Deny &&
			namesKeyByAlias(j.subjects[q.Subject]) {
			a.Verdict, a.Assumed = Unproven, []Unread{*u}
		}
	case evaluator.Invalid:
		// AWS takes no such document, so nobody knows what is in force in its place.
		if a.Verdict != Missing {
			a.Verdict = Unproven
		}
	}
	return a
}

// namesKeyByAlias says whether a policy of somebody's lets him use keys by their aliases: without these, a refusal says
// nothing.
func namesKeyByAlias(s Subject) bool {
	return slices.ContainsFunc(s.Policies, func(d Document) bool {
		return strings.Contains(strings.ToLower(d.text), strings.ToLower(ResourceAliases))
	})
}

// compare is the table of verdicts.
//
//	             | yes         | open                       | no
//	allowed      | as declared | noted, or extra of those   | excess
//	             |             | who are declared           |
//	not allowed  | missing     | noted, or half when S3     | as declared
//	             |             | alone lets it through      |
func compare(a Answer, s Subject) Verdict {
	switch {
	case a.Expect == Open && a.Allowed() && (s.Role == Delegate || s.Role == Grantee):
		return Extra
	case a.Expect == Open && a.half() && (s.Role == Named || s.Role == Known):
		return Half
	case a.Expect == Open:
		return Noted
	case a.Allowed() == (a.Expect == Yes):
		return AsDeclared
	case a.Allowed():
		return Excess
	}
	return Missing
}
