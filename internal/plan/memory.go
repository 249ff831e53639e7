package plan

import (
	"cmp"
	"slices"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// memory is where a declaration is remembered, and what of it. The zero memory remembers nothing.
//
// What is remembered says whom an earlier event let in: the events of CloudFormation do not always say so, as it may
// roll back to properties that are not those before the Update that failed. It is written before the first grant to
// somebody new, and lists those who left until they are seen gone; it is deleted when everybody's access is revoked.
type memory struct {
	name  string // of the SSM parameter
	wants declaration.Declaration
	jobs  bool // those that were started are remembered, too
	event Event
	// found is what an adoption finds, nil where there is none.
	found *declaration.Found
	// replaced is the name of another parameter: that of the resource whose place this one takes, "" for none.
	replaced string
}

// newMemory is that of one resource.
func newMemory(
	resourceType string, o Owner, properties declaration.Properties, e Event, name, replaced string,
) memory {
	return memory{name: name, event: e, replaced: replaced, wants: declaration.Declaration{
		Type: resourceType, StackID: o.StackID, LogicalID: o.LogicalID, Properties: properties,
	}}
}

func (w Wanted) memory() memory {
	m := newMemory(share.BucketType, w.Owner, w.Properties, w.Event, w.Parameter(), w.ReplacedParameter())
	m.jobs, m.wants.Jobs = w.Share.ReEncrypt, w.Jobs
	return m
}

// Parameter is where the declaration is remembered, "" for nowhere.
func (w Wanted) Parameter() string {
	if w.Properties == nil {
		return ""
	}
	return declaration.Name(share.BucketType, w.Owner.StackID, w.Owner.LogicalID, w.Share.Bucket, "")
}

// ReplacedParameter is where that of the share is remembered which this one replaces, "" for nowhere.
func (w Wanted) ReplacedParameter() string {
	if w.Replaces == nil {
		return ""
	}
	return declaration.Name(share.BucketType, w.Owner.StackID, w.Owner.LogicalID, w.Replaces.Bucket, "")
}

// stale is an error for a delivery of the event that is not to be carried out, by what is remembered of the resource
// and of the one that it replaces.
func (m memory) stale(own, replaced Remembered) error {
	from := own
	if m.replaced != "" {
		from = replaced
	}
	return m.event.stale(own, from, m.wants.Properties)
}

// Meanwhile is an error when another run wrote beside this one, on the way back: a StaleError, after which that is to
// be taken back, or a Changed. read is what the plan was made from of what the event comes from, since are the versions
// that came after it, once the plan is carried out.
func (w Wanted) Meanwhile(read Remembered, since []Remembered) error {
	return w.memory().meanwhile(read, since)
}

// Meanwhile is an error as that of Wanted is.
func (w WantedAccess) Meanwhile(read Remembered, since []Remembered) error {
	return w.memory().meanwhile(read, since)
}

func (m memory) meanwhile(read Remembered, since []Remembered) error {
	return m.event.meanwhile(read, since, m.wants.Properties)
}

// Forgotten are remembered identities that no declaration at hand names.
func (w Wanted) Forgotten(now State) []share.Identity { return now.Remembered.without(w.Identities()) }

// without are the remembered identities but for some.
func (r Remembered) without(but []share.Identity) []share.Identity {
	return slices.DeleteFunc(slices.Clone(r.Identities), func(id share.Identity) bool { return slices.Contains(but, id) })
}

// lacks says whether documents let somebody in of whom nobody would know if an Update failed. A Create that fails is
// deleted with the properties that it had.
func (r Remembered) lacks(to document.Policies) bool {
	return slices.ContainsFunc(to.Identities, func(p document.IdentityPolicy) bool {
		return !slices.Contains(r.Identities, p.Identity)
	})
}

// ReadRemembered reads a parameter's value. What cannot be understood says nothing.
func ReadRemembered(value string, env share.Env) Remembered {
	d, _ := declaration.Read(value)
	return Remembered{Declaration: &d, Identities: d.Identities(env)}
}

// after is what is remembered in a parameter once all steps are carried out.
func (r Remembered) after(name string, steps Plan, env share.Env) Remembered {
	for _, s := range steps {
		if s.Operation == PutParameter && s.Resource == name {
			written, version := r.Written, r.Version
			r = ReadRemembered(s.Value, env)
			r.Written, r.Version = written, version
		}
	}
	return r
}

// remember is the step that writes the declaration down, when it is not there already, or was written by another event
// than this one, which changes it. left are those who are no longer declared and still have access. Nothing is written
// only to take somebody off the list of those who left.
//
// takesUp is the ARN of a key that the share begins to take up, "" for none.
func (m memory) remember(now Remembered, takesUp string, left []string) ([]Step, error) {
	if m.name == "" {
		return nil, nil
	}
	before, wants := now.Declaration, m.wants
	wants.TakesUp = takesUp
	if before == nil {
		if !m.event.Undone { // a second delivery on the way back, too, makes what nobody has asked for
			wants.Replaces = m.replaced
		}
		wants.Left, wants.Events, wants.Found = left, m.event.after(declaration.Events{}, false), m.found
		return m.put(nil, wants, "the declaration is not remembered yet")
	}
	wants.HandedOver, wants.TakesUp = before.HandedOver, cmp.Or(takesUp, before.TakesUp)
	if m.jobs {
		wants.Jobs = before.Jobs
	}
	wants.Place = m.place(*before)
	wants.Found = cmp.Or(m.found, wants.Found)
	wants.Events = m.event.after(before.Events, m.same(*before))
	known := !slices.ContainsFunc(left, func(id string) bool { return !slices.Contains(before.Left, id) })
	moves := m.event.Restores || m.retakes(*before) || m.found != nil
	if known && !moves && m.same(*before) && len(wants.Jobs) == len(before.Jobs) && wants.TakesUp == before.TakesUp {
		return m.putDown(*before, wants)
	}
	wants.Left = left
	return m.put(before, wants, "another declaration is remembered")
}

// putDown is the step that writes down which event it is, of one that changes the declaration and finds it there. It is
// none when there is no room for that.
func (m memory) putDown(before, after declaration.Declaration) ([]Step, error) {
	if !m.event.changes(m.wants.Properties) {
		return nil, nil
	}
	after.Left = before.Left
	is, err := before.Text()
	if err != nil {
		return nil, nil // what is there was written by somebody else, and is larger than anything that could be
	}
	steps, err := m.put(&before, after, "another event than this one is remembered")
	if err != nil || steps[0].Value == is {
		return nil, err
	}
	return steps, nil
}

func (m memory) same(before declaration.Declaration) bool {
	return before.Type == m.wants.Type && before.StackID == m.wants.StackID && before.LogicalID == m.wants.LogicalID &&
		declaration.Same(before.Properties, m.wants.Properties)
}

// put is the step from one declaration to another. SSM takes tags only with a parameter that is new.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (m memory) put(before *declaration.Declaration, after declaration.Declaration, reason string) ([]Step, error) {
	text, err := after.Text()
	if err != nil {
		return nil, err
	}
	s := Step{Round: 1, Operation: PutParameter, Resource: m.name, Value: text, Reason: reason}
	if before == nil {
		s.Tags = Owner{StackID: after.StackID, LogicalID: after.LogicalID}.tags()
	}
	return []Step{s}, nil
}

// handOver remembers that the share was handed over, so that the Delete for the failed Create leaves the parameter
// alone also when it cannot see the bucket's tags.
func (m memory) handOver(events declaration.Events) ([]Step, error) {
	if m.name == "" {
		return nil, nil
	}
	after := m.wants
	after.HandedOver, after.Events = true, events
	return m.put(&m.wants, after, "the failed Create must not be cleaned up any more")
}

// forget is the step that deletes what is remembered. It is deleted without having been seen, too: a Create that never
// finished may have written it only now, and SSM may answer of old. But not where it may not even be read: nothing was
// written there then.
func (m memory) forget(now Remembered) []Step {
	if m.name == "" || now.Hidden {
		return nil
	}
	return []Step{{Round: 1, Operation: DeleteParameter, Resource: m.name, Reason: "everybody's access is revoked"}}
}
