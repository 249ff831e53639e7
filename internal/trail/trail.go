// Package trail is about who changed something of a share: which calls change it, as CloudTrail names them, and which
// of the recorded ones did. It is pure; package cloud asks CloudTrail.
package trail

import (
	"cmp"
	"slices"
)

// Question is who changed one thing: the calls that do, and what such a call is about.
type Question struct {
	Calls []Call
	// about are the things that a call must name, all of them, each by any of its names.
	about [][]string
}

// Change is a call that changed something.
type Change struct {
	Event     string `json:"event"`
	Time      string `json:"time"`
	Principal string `json:"principal"`
}

// mostChanges is how many of the newest changes are told.
const mostChanges = 5

// Answer are the changes among recorded events, the newest first: since a time, and since the share's own provider
// wrote the same thing last, as what others did before is mended. A call that was refused changed nothing.
func (q Question) Answer(events []Event, since string, own func(principal string) bool) []Change {
	events = slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Refused || !q.fits(e) })
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), others(own(a.Principal), own(b.Principal)))
	})
	changes := []Change{}
	for _, e := range events {
		if e.Time < since || own(e.Principal) || len(changes) == mostChanges {
			break
		}
		changes = append(changes, Change{e.Name, e.Time, e.Principal})
	}
	return changes
}

// others puts, of two events of one second, that of somebody else first: better told than hidden.
func others(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (q Question) fits(e Event) bool {
	return slices.Contains(q.Calls, Call{e.Source, e.Name}) &&
		!slices.ContainsFunc(q.about, func(names []string) bool { return !e.concerns(names) })
}
