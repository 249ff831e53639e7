package proof

import (
	"fmt"
	"slices"

	"example.com/sharedbucket/internal/share"
)

// Change is what somebody can do after a change of the world and could not before, or the other way round.
type Change struct {
	Who        string   `json:"who"`
	ARN        string   `json:"arn"`
	Operations []string `json:"operations"`
	Places     []string `json:"places"`
	Reason     string   `json:"reason"`

	subject int
}

func (c Change) String() string {
	return fmt.Sprintf("%s: %s (%s): %s", c.Who, some(c.Operations), some(c.Places), c.Reason)
}

// Comparison is what everybody can do in one world and not in another. Refused is what was lost of ways of asking
// alone, such as a write that names another cipher: a share refuses them to everybody.
type Comparison struct{ Lost, Gained, Refused []Change }

// More is what to ask besides what a share asks.
type More struct {
	Folders  []string
	Subjects []Subject // whose policies are the same in both worlds
}

// Compare asks the same principals in two worlds: those whom the share declares, those whom the policies before name,
// and every identity that was read, but for SharedBucket's own roles.
func Compare(s share.Share, grantees map[string][]share.Grantee, before, after World, more More) Comparison {
	named := namedSubjects(s.Env, before)
	was := append(concerned(s, grantees, named, before), more.Subjects...)
	will := append(concerned(s, grantees, named, after), more.Subjects...)
	questions := questionsAbout(s, was, keyOf(before))
	for i, subject := range was {
		questions = append(questions, in(i, subject, more.Folders)...)
	}
	then, later := newJudge(before, was).answers(questions), newJudge(after, will).answers(questions)
	return compareAnswers(was, then, later)
}

// compareAnswers: a way of asking is refused where the ordinary way is still let through, and otherwise no loss of its
// own.
func compareAnswers(subjects []Subject, then, later []Answer) Comparison {
	var c Comparison
	type thing struct {
		subject      int
		what, object string
	}
	lost := map[thing]bool{}
	for i, a := range later {
		was := then[i].Allowed()
		what := thing{a.Subject, string(a.Operation), a.Key}
		switch {
		case subjects[a.Subject].Role == Provider: // nobody's access
		case was && !a.Allowed() && a.Variant == "":
			c.Lost, lost[what] = addChange(c.Lost, subjects, a), true
		case was && !a.Allowed() && !lost[what]: // the ordinary way is always asked first
			c.Refused = addChange(c.Refused, subjects, a)
		case !was && a.Allowed():
			c.Gained = addChange(c.Gained, subjects, a)
		}
	}
	return c
}

// in are the ordinary questions in folders of a subject.
func in(i int, s Subject, folders []string) []Question {
	var all []Question
	for _, f := range (share.Scope{Prefixes: folders}).In(s.Account).Prefixes {
		all = append(all, ordinary(i, s, place(f))...)
	}
	return all
}

// Ask asks subjects for every operation of the levels, in the bucket as a whole and in folders.
func Ask(w World, subjects []Subject, folders []string) []Answer {
	var questions []Question
	for i, s := range subjects {
		questions = append(questions, ordinary(i, s, anywhere)...)
		questions = append(questions, in(i, s, folders)...)
	}
	return newJudge(w, subjects).answers(questions)
}

// concerned are the subjects as they are in one of the worlds, with those whom the policies before name, in an order
// that is the same for both.
func concerned(s share.Share, grantees map[string][]share.Grantee, before []Subject, w World) []Subject {
	all := subjectsOf(s, grantees, w)
	for _, named := range before {
		same := func(other Subject) bool { return other.Label == named.Label }
		if !slices.ContainsFunc(all, same) {
			all = append(all, named)
		}
	}
	return all
}

func keyOf(w World) string {
	if w.Bucket.Key == nil {
		return ""
	}
	return w.Bucket.Key.ARN
}

func addChange(all []Change, subjects []Subject, a Answer) []Change {
	i := slices.IndexFunc(all, func(c Change) bool { return c.subject == a.Subject })
	if i < 0 {
		s := subjects[a.Subject]
		return append(all, Change{
			Who: s.Label, ARN: s.ARN, Operations: []string{a.Try()}, Places: []string{a.Place},
			Reason: a.Deciding().Text(), subject: a.Subject,
		})
	}
	all[i].Operations = AddOnce(all[i].Operations, a.Try())
	all[i].Places = AddOnce(all[i].Places, a.Place)
	return all
}
