package plan

import (
	"slices"

	"example.com/sharedbucket/internal/declaration"
)

// replaces is the parameter of what is replaced, when this event begins a replacement: on the way back, the resource
// whose place is taken is the one that is to go.
func (m memory) replaces() string {
	if m.name == "" || m.event.Back || m.event.Undone {
		return ""
	}
	return m.replaced
}

// place is what is remembered of whose place a resource takes, and who takes its own. An event on the way there that is
// about this resource, by its physical id, says that it has its place. Whose place it took is known on as long as that
// one has not gone.
func (m memory) place(before declaration.Declaration) declaration.Place {
	e, replaces := m.event, m.replaces()
	switch {
	case e.Restores:
		return declaration.Place{Retained: true}
	case e.ID == "", e.Back, e.Undone:
		return before.Place
	case m.retakes(before):
		return declaration.Place{Replaces: replaces, Before: before.Properties, Going: before.Going}
	case replaces != "":
		return before.Place
	}
	place := declaration.Place{Replaces: e.Going, ReplacedBy: before.ReplacedBy}
	if e.From == nil {
		place.Found = before.Found // a Create that comes again
	}
	return place
}

// retakes says whether an event puts a resource in the place of another that was there before, and was retained: what
// it declares then must be known, as it goes back to that when its stack does.
func (m memory) retakes(before declaration.Declaration) bool {
	replaces := m.replaces()
	return m.event.ID != "" && replaces != "" && before.Replaces != replaces && m.isOwn(before)
}

func (m memory) isOwn(d declaration.Declaration) bool {
	return d.Type == m.wants.Type && d.StackID == m.wants.StackID && d.LogicalID == m.wants.LogicalID
}

// announce is the step before a replacement's first write: what is remembered of the resource that is replaced says
// what is about to take its place. If the stack then goes back, and nobody asks for the other one to be taken away, the
// next event finds it. One that is replaced has its place itself.
func (m memory) announce(from Remembered) []Step {
	before, replaces := from.Declaration, m.replaces()
	if replaces == "" || before == nil || !m.isOwn(*before) {
		return nil
	}
	after := *before
	after.Place = declaration.Place{Replaces: m.event.Going, ReplacedBy: slices.Clone(before.ReplacedBy)}
	after.Events = m.event.after(before.Events, false)
	if !slices.Contains(before.ReplacedBy, m.name) {
		after.ReplacedBy = append(after.ReplacedBy, m.name)
	}
	if samePlace(after.Place, before.Place) && after.Events.Served == before.Events.Served {
		return nil
	}
	steps, err := memory{name: replaces}.put(before, after, "another resource is about to take its place")
	if err != nil {
		return nil // there is no room for it
	}
	return steps
}

func samePlace(a, b declaration.Place) bool {
	return a.Replaces == b.Replaces && slices.Equal(a.ReplacedBy, b.ReplacedBy) && a.Retained == b.Retained &&
		a.Going == b.Going && (a.Before == nil) == (b.Before == nil) && (a.Found == nil) == (b.Found == nil)
}

// WithoutOthers is what is remembered in a parameter without those others that are gone: that were to take the
// resource's place, or had it before.
func WithoutOthers(parameter string, now declaration.Declaration, gone []string) (Plan, error) {
	after := now
	after.ReplacedBy = slices.DeleteFunc(slices.Clone(now.ReplacedBy), func(name string) bool {
		return slices.Contains(gone, name)
	})
	if slices.Contains(gone, now.Replaces) {
		after.Replaces = ""
	}
	if samePlace(after.Place, now.Place) {
		return nil, nil
	}
	return memory{name: parameter}.put(&now, after, "nothing is left of what it replaced, or was to be replaced by")
}

// Going is what to do before a removal, as well as it can be done: to write down that the resource is to go.
// CloudFormation may forget it, however that ends.
func (w Wanted) Going(now State, removal Plan) Plan {
	return w.memory().mark(now.Remembered, w.LastTime, removal)
}

// Going is to an access what it is to a share.
func (w WantedAccess) Going(now AccessState, removal Plan) Plan {
	return w.memory().mark(now.Remembered, w.LastTime, removal)
}

func (m memory) mark(now Remembered, lastTime bool, removal Plan) Plan {
	before := now.Declaration
	if !lastTime || before == nil || before.Going || !m.isOwn(*before) {
		return nil
	}
	if len(removal) == 0 || removal[0].Operation == DeleteParameter {
		return nil // it is all that is left to do
	}
	after := *before
	after.Place = declaration.Place{Replaces: before.Replaces, Found: before.Found, Going: true}
	steps, err := m.put(before, after, "it is to go, and CloudFormation may forget it")
	if err != nil {
		return nil // there is no room for it
	}
	return steps
}

// in puts what is remembered first: beside other steps, unless something else is announced before. What a resource goes
// back to is known until it is there.
func (m memory) in(groups [][]Step, announcing, remembering []Step, before int, newcomers bool) [][]Step {
	switch {
	case m.event.Restores:
		return append(groups, remembering)
	case len(announcing) > 0:
		return ahead(announcing, ahead(remembering, groups))
	}
	return beside(remembering, groups, before, newcomers)
}
