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
// about this resource, by its physical id, says that it has its place.
func (m memory) place(before declaration.Declaration) (replaces string, replacedBy []string) {
	switch e, replaces := m.event, m.replaces(); {
	case e.ID == "", e.Back, e.Undone:
		return before.Replaces, before.ReplacedBy
	case replaces == "":
		return "", before.ReplacedBy
	case before.Replaces == replaces:
		return before.Replaces, before.ReplacedBy
	}
	return "", nil // it was there before, and was retained
}

// announce is the step before a replacement's first write: what is remembered of the resource that is replaced says
// what is about to take its place. If the stack then goes back, and nobody asks for the other one to be taken away, the
// next event finds it. One that is replaced has its place itself.
func (m memory) announce(own, from Remembered) []Step {
	before, replaces := from.Declaration, m.replaces()
	if replaces == "" || before == nil ||
		before.StackID != m.wants.StackID || before.LogicalID != m.wants.LogicalID {
		return nil
	}
	after := *before
	after.Replaces, after.Events = "", m.event.after(before.Events, false)
	isNew := own.Declaration == nil || own.Declaration.Replaces == replaces
	if isNew && !slices.Contains(before.ReplacedBy, m.name) {
		after.ReplacedBy = append(slices.Clone(before.ReplacedBy), m.name)
	}
	if after.Replaces == before.Replaces && len(after.ReplacedBy) == len(before.ReplacedBy) &&
		after.Events.Served == before.Events.Served {
		return nil
	}
	steps, err := memory{name: replaces}.put(before, after, "another resource is about to take its place")
	if err != nil {
		return nil // there is no room for it
	}
	return steps
}

// NotReplaced is what is remembered in a parameter without those that were to take the resource's place, and are gone.
func NotReplaced(parameter string, now declaration.Declaration, gone []string) (Plan, error) {
	after := now
	after.ReplacedBy = slices.DeleteFunc(slices.Clone(now.ReplacedBy), func(name string) bool {
		return slices.Contains(gone, name)
	})
	if len(after.ReplacedBy) == len(now.ReplacedBy) {
		return nil, nil
	}
	return memory{name: parameter}.put(&now, after, "nothing is left of what was to take its place")
}
