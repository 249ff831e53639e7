package proof

import (
	"example.com/sharedbucket/internal/share"
)

// Report is the matrix: everybody who was asked about, and every answer.
type Report struct {
	World    World
	Subjects []Subject
	Answers  []Answer // by subject, in the order of their questions

	protection []Finding
}

// ForShare proves a share from the owner's side. grantees are those of the consumer accounts, by account, nil where the
// other side is not known: then the best-equipped principal of each consumer stands for them.
func ForShare(s share.Share, grantees map[string][]share.Grantee, w World) Report {
	subjects := append(subjectsOf(s, grantees, w), administrator(s.Env))
	keyARN := ""
	if w.Bucket.Key != nil {
		keyARN = w.Bucket.Key.ARN
	}
	r := ask(w, subjects, questionsAbout(s, subjects, keyARN))
	r.protection = protection(s, w)
	return r
}

// ForAccess proves a consumer's side alone: the grantees' own policies, boundaries and SCPs. The owner's documents are
// unread unless the World has them.
func ForAccess(a share.Access, w World) Report {
	// What the owner's side lets in is not known here; a share that lets the account in as far as its grantees go
	// expects of them what they are declared, and nothing of anybody else.
	s := share.Share{Env: a.Env, Bucket: a.Bucket}
	s.Env.Account = a.Owner
	for _, g := range a.Grantees {
		id := share.ConsumerID{Kind: share.KindAccount, Account: a.Env.Account, Name: a.Env.Account}
		s.Consumers = append(s.Consumers, share.Consumer{ID: id, Scope: g.Scope})
	}
	d := declared{world: w, share: s}
	subjects := d.declare(d.identities(a.Env.Account, a.Grantees, Grantee))
	return ask(w, subjects, questionsAbout(s, subjects, ""))
}

func ask(w World, subjects []Subject, questions []Question) Report {
	return Report{World: w, Subjects: subjects, Answers: newJudge(w, subjects).answers(questions)}
}

// Verified is the attribute of that name.
type Verified string

// The values of Verified.
const (
	True   Verified = "true"
	Partly Verified = "partly"
	False  Verified = "false"
)

// Verified says whether everything is as declared: partly when nothing is otherwise, but not all of it is proven.
func (r Report) Verified() Verified {
	v := True
	for _, a := range r.Answers {
		switch a.Verdict {
		case Missing, Excess:
			return False
		case Unproven:
			v = Partly
		}
	}
	switch {
	case len(r.protection) > 0:
		return False
	case len(r.World.Unread) > 0:
		return Partly
	}
	return v
}
