package plan

import (
	"slices"
	"time"

	"example.com/sharedbucket/internal/declaration"
)

// Event is the event of CloudFormation that a plan is made for. The zero Event stands for none.
//
// Lambda may deliver an event a second time, and its stack may be on the way back from it by then: an Update and its
// way back are of one kind, and the stack's status does not tell them apart. What is remembered does, as an event that
// changes the declaration is put down with its first writes.
type Event struct {
	ID string // its RequestId, as package declaration has it
	// Back says that its stack is on the way back from an update that failed, since Since, when that is known.
	Back  bool
	Since time.Time
	// From is what was declared before, of an Update.
	From declaration.Properties
	// Undone says that this is no delivery of the event: what one wrote is taken back.
	Undone bool
	// Gone says that its stack has had the resource once, and has it no more.
	Gone bool
	// Restores says that a resource goes back to what it was when it was retained, see declaration.Place.
	Restores bool
	// Going is the parameter of the resource whose place this one took, and whose removal has not come to its end.
	Going string
}

// StaleError is the end of a delivery behind which CloudFormation has gone on.
type StaleError struct {
	why string
	// Undo says that CloudFormation went back from what the delivery wants: if it has written, that is to be taken back.
	Undo bool
}

func (e *StaleError) Error() string {
	return "this event was delivered once more than CloudFormation waits for: " + e.why + ". Nothing was changed, and " +
		"CloudFormation takes no notice of this answer. If it does all the same, let the stack go on " +
		"(continue-update-rollback), or deploy again"
}

// stale is an error for a delivery that is not to be carried out. own is what is remembered of the resource that the
// event is about, from what is remembered of the one that it comes from: the same, but for a replacement.
//
//	the event                                                  | then
//	-----------------------------------------------------------|--------------------------------------------------
//	was served, and another one after it                       | stale
//	was served last, before its stack began the way back       | stale: nobody waits for it on the way back
//	leads away from what the way back has found there, while   | stale: it is the Update that failed, and had not
//	the stack is on it still                                   | come to its first write
//	is about a resource that its stack has no more             | stale: nobody would delete what it makes
//	is to be taken back, and something else was declared since | stale: that would be lost
//	any other, and where nothing is remembered                 | it is served
//
// In doubt an event is served: a stack whose way back is refused is stuck.
func (e Event) stale(own, from Remembered, wants declaration.Properties) error {
	if e.ID == "" {
		return nil
	}
	switch {
	case e.Undone:
		return e.settled(own, wants)
	case e.Gone:
		return &StaleError{why: "its stack has this resource no more"}
	}
	for _, r := range []Remembered{own, from} {
		switch d := r.Declaration; {
		case d == nil:
		case slices.Contains(d.Events.Earlier, e.ID):
			return &StaleError{why: "another event of the same resource was served after it"}
		case e.ComesAgain(r) && (e.Since.IsZero() || !r.Written.After(e.Since)):
			return &StaleError{why: "its stack is on the way back from it"}
		}
	}
	return e.passed(from, wants)
}

// settled is an error when there is nothing to take back any more, as another event has declared something else since.
func (e Event) settled(own Remembered, wants declaration.Properties) error {
	d := own.Declaration
	if d == nil || e.From == nil || d.Events.Served == "" || d.Events.Served == e.ID ||
		declaration.Same(d.Properties, wants) || declaration.Same(d.Properties, e.From) {
		return nil
	}
	return &StaleError{why: "another event of the same resource was served after it"}
}

// meanwhile is an error when another run has written beside this one, on the way back: a second delivery of the Update
// that failed and its way back may each look before the other one writes. So both put themselves down, and read after
// their last write who has done so since they looked. All versions count, as one may be written over at once. Whoever
// puts himself down last is seen by the other, or has seen him.
//
//	since this run has looked                                | then
//	---------------------------------------------------------|------------------------------------------------
//	the way back was put down, and this event leads away     | stale: what it has written is to be taken back
//	another event was, or it had been by one on the way back | look again: not all that it wrote may have been
//	that wants something else                                | there; it does not look any more
//	none                                                     | it goes on: whoever comes now finds all of it
func (e Event) meanwhile(read Remembered, since []Remembered, wants declaration.Properties) error {
	if !e.Back || e.ID == "" || e.Undone {
		return nil
	}
	for _, r := range since {
		if err := e.passed(r, wants); err != nil {
			return err
		}
	}
	if d := read.Declaration; slices.ContainsFunc(since, e.isOfAnother) ||
		e.isOfAnother(read) && d.Events.Back && !declaration.Same(d.Properties, wants) {
		return &Changed{"what is remembered"}
	}
	return nil
}

// isOfAnother says whether another event was put down last.
func (e Event) isOfAnother(in Remembered) bool {
	return in.Declaration != nil && in.Declaration.Events.Served != e.ID
}

// passed is an error when the way back has come to what this event leads away from, also while the event's own delivery
// was writing. It is never one for the way back itself, which leads there: that would be taken back.
func (e Event) passed(from Remembered, wants declaration.Properties) error {
	d := from.Declaration
	if d == nil || e.ID == "" || e.Undone || !e.Back || !e.leads(d.Properties, wants) {
		return nil
	}
	if slices.Contains(d.Events.Earlier, e.ID) || d.Events.Back && d.Events.Found {
		return &StaleError{why: "its stack is on the way back from it", Undo: true}
	}
	return nil
}

// ComesAgain says whether this is one more delivery, on the way back, of an event that was served on the way there. It
// is none when the event was written down after the way back began (Remembered.Written, Event.Since): then the stack's
// status was read of old.
func (e Event) ComesAgain(in Remembered) bool {
	return e.Back && in.Declaration != nil && in.Declaration.Events.Served == e.ID && !in.Declaration.Events.Back
}

// leads says whether the event leads from what is remembered to something else.
func (e Event) leads(remembered, wants declaration.Properties) bool {
	return e.From != nil && declaration.Same(remembered, e.From) && !declaration.Same(remembered, wants)
}

// changes says whether an event declares anything new that lasts. A Create finds its declaration there only when it
// comes again.
func (e Event) changes(wants declaration.Properties) bool {
	return e.ID != "" && !e.Undone && e.From != nil && !declaration.Same(e.From, wants)
}

// after are the events that are remembered once this one has written, which has found its declaration there or not.
// What is taken back was not served.
func (e Event) after(before declaration.Events, found bool) declaration.Events {
	switch {
	case e.ID == "", e.Undone && before.Served != e.ID:
		return before
	case e.Undone:
		return before.And("", e.Back, false)
	}
	return before.And(e.ID, e.Back, e.Back && found)
}
