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

// Changes are what everybody loses and gains between two worlds of the same principals: those whom the share declares,
// those whom the policies before name, and every identity that was read.
func Changes(s share.Share, grantees map[string][]share.Grantee, before, after World) (lost, gained []Change) {
	was, will := concerned(s, grantees, before, before), concerned(s, grantees, before, after)
	questions := Questions(s, was, keyOf(before))
	then, later := newJudge(before, was).answers(questions), newJudge(after, will).answers(questions)
	for i := range then {
		switch {
		case then[i].Allowed() && !later[i].Allowed():
			lost = addChange(lost, was, later[i])
		case !then[i].Allowed() && later[i].Allowed():
			gained = addChange(gained, was, later[i])
		}
	}
	return lost, gained
}

// concerned are the subjects as they are in one of the worlds, in an order that is the same for both.
func concerned(s share.Share, grantees map[string][]share.Grantee, before, w World) []Subject {
	all := Subjects(s, grantees, w)
	for _, named := range NamedSubjects(s.Env, before) {
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
	all[i].Operations = addOnce(all[i].Operations, a.Try())
	all[i].Places = addOnce(all[i].Places, a.Place)
	return all
}
