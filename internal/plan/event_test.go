package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

// What a resource has had, and which delivery is carried out then.
func TestStaleDeliveries(t *testing.T) {
	before := sharetest.Object(t, `{"BucketName": "`+bucket+`"}`)
	after := sharetest.Object(t, `{"BucketName": "`+bucket+`", `+walkthrough+`}`)
	next := sharetest.Object(t, `{"BucketName": "`+bucket+`", "Versioning": "Suspended"}`)
	rollsBackSince := time.Unix(1000, 0)
	there := func(id string) plan.Event { return plan.Event{ID: id, From: before} }
	back := func(id string) plan.Event { return plan.Event{ID: id, From: after, Back: true} }
	late := func(id string) plan.Event {
		return plan.Event{ID: id, From: before, Back: true, Since: rollsBackSince}
	}
	for _, c := range []struct {
		name       string
		remembered map[string]any
		events     declaration.Events
		written    time.Time
		event      plan.Event
		wants      map[string]any
		stale      bool
	}{
		{name: "without any event", remembered: before, event: there("1"), wants: after},
		{
			name: "the same once more", remembered: after, events: declaration.Events{Served: "1"}, event: there("1"),
			wants: after,
		},
		{
			name: "an earlier one", remembered: after, events: declaration.Events{Served: "2", Earlier: []string{"3", "1"}},
			event: there("1"), wants: after, stale: true,
		},
		{
			name: "the same on the way back from it", remembered: after, events: declaration.Events{Served: "1"},
			event: late("1"), wants: after, stale: true,
		},
		{
			name: "the same, when it is not known since when", remembered: after, events: declaration.Events{Served: "1"},
			written: rollsBackSince.Add(time.Second), wants: after, stale: true,
			event: plan.Event{ID: "1", From: before, Back: true},
		},
		{
			name: "the way back, whose stack seemed to be on the way there", remembered: before,
			events: declaration.Events{Served: "2"}, written: rollsBackSince.Add(time.Second),
			event: plan.Event{ID: "2", From: after, Back: true, Since: rollsBackSince}, wants: before,
		},
		{
			name: "the way back once more", remembered: before, events: declaration.Events{Served: "2", Back: true},
			event: back("2"), wants: before,
		},
		{
			name: "another way back", remembered: before, wants: before, event: back("3"),
			events: declaration.Events{Served: "2", Back: true, Found: true},
		},
		{
			name: "an unknown Update when its way back has found all as it was", remembered: before, wants: after,
			events: declaration.Events{Served: "2", Back: true, Found: true}, event: late("1"), stale: true,
		},
		{
			name: "the next Update", remembered: before, wants: after,
			events: declaration.Events{Served: "2", Back: true, Found: true}, event: there("1"),
		},
		{
			name: "the way back of an Update that came late", remembered: after, wants: before,
			events: declaration.Events{Served: "1", Back: true}, event: back("2"),
		},
		{
			name: "what takes an earlier one back", remembered: after, wants: before,
			events: declaration.Events{Served: "2", Earlier: []string{"1"}},
			event:  plan.Event{ID: "1", From: after, Undone: true},
		},
		{
			name: "what takes one back after its way back", remembered: before, wants: before,
			events: declaration.Events{Served: "2", Back: true}, event: plan.Event{ID: "1", From: after, Undone: true},
		},
		{
			name: "what takes one back when something else is declared by now", remembered: next, wants: before, stale: true,
			events: declaration.Events{Served: "3", Earlier: []string{"2"}},
			event:  plan.Event{ID: "1", From: after, Undone: true},
		},
		{
			name: "one whose resource its stack has no more", remembered: before, wants: after, stale: true,
			event: plan.Event{ID: "1", From: before, Gone: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := sharetest.NewAccount(sharetest.Sydney, ann)
			wanted := plan.Wanted{
				Share: sharetest.Parse(t, c.wants, sharetest.Sydney), Owner: owner, Properties: c.wants, Event: c.event,
			}
			now := w.Observe(wanted)
			now.Remembered.Declaration = &declaration.Declaration{
				Properties: declaration.Lasting(c.remembered), Events: c.events,
			}
			now.Remembered.Written = c.written
			_, err := plan.ForShare(wanted, now)
			if stale := (*plan.StaleError)(nil); errors.As(err, &stale) != c.stale {
				t.Errorf("%v, want stale: %v", err, c.stale)
			}
		})
	}
}

// What is read once more after the last write: an Update is told of its way back, a way back of nobody, as what it
// wrote must stay; whoever may not have seen all that another run wrote looks again.
func TestMeanwhile(t *testing.T) {
	before := sharetest.Object(t, `{"BucketName": "`+bucket+`"}`)
	after := sharetest.Object(t, `{"BucketName": "`+bucket+`", `+walkthrough+`}`)
	version := func(properties map[string]any, events declaration.Events) plan.Remembered {
		return plan.Remembered{Declaration: &declaration.Declaration{
			Properties: declaration.Lasting(properties), Events: events,
		}}
	}
	type events = declaration.Events
	update := plan.Event{ID: "update", From: before, Back: true}
	back := plan.Event{ID: "back", From: after, Back: true}
	long := version(before, events{Served: "long ago"})
	updated := version(after, events{Served: "update", Back: true, Earlier: []string{"long ago"}})
	found := version(before, events{Served: "back", Back: true, Found: true, Earlier: []string{"long ago"}})
	saw := version(before, events{Served: "back", Back: true, Earlier: []string{"update", "long ago"}})
	for _, c := range []struct {
		name          string
		event         plan.Event
		read          plan.Remembered
		since         []plan.Remembered
		passed, again bool
	}{
		{
			name: "a way back that found all as it was", event: update, read: long,
			since: []plan.Remembered{updated, found}, passed: true,
		},
		{
			name: "a way back that was written over", event: update, read: long,
			since: []plan.Remembered{found, updated}, passed: true,
		},
		{
			name: "a way back that saw the Update", event: update, read: long, since: []plan.Remembered{updated, saw},
			passed: true,
		},
		{name: "nobody beside the Update", event: update, read: long, since: []plan.Remembered{updated}},
		{
			name: "on the way there", event: plan.Event{ID: "update", From: before}, read: long,
			since: []plan.Remembered{found},
		},
		{name: "nobody beside the way back", event: back, read: long, since: []plan.Remembered{found}},
		{
			name: "nobody beside the way back of an Update that wrote", event: back, since: []plan.Remembered{saw},
			read: version(after, events{Served: "update"}),
		},
		{
			name: "nobody beside the way back after another one", event: back, since: []plan.Remembered{found},
			read: version(before, events{Served: "another way back", Back: true}),
		},
		{
			name: "the Update beside the way back", event: back, read: long, again: true,
			since: []plan.Remembered{updated, found},
		},
		{
			name: "the Update beside the way back, after it", event: back, read: long, again: true,
			since: []plan.Remembered{found, updated},
		},
		{
			name: "the Update, on the way back, before the way back", event: back, read: updated, again: true,
			since: []plan.Remembered{saw},
		},
		{
			name: "what the Update took back", event: back, read: long, again: true,
			since: []plan.Remembered{version(before, events{Back: true, Earlier: []string{"update"}})},
		},
		{
			name: "the way back, continued as another event", event: back, read: long, again: true,
			since: []plan.Remembered{
				found, version(before, events{Served: "continued", Back: true, Found: true, Earlier: []string{"back"}}),
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			wants := after
			if c.event.ID == "back" {
				wants = before
			}
			w := plan.Wanted{
				Share: sharetest.Parse(t, wants, sharetest.Sydney), Owner: owner, Properties: wants, Event: c.event,
			}
			err := w.Meanwhile(c.read, c.since)
			if stale := (*plan.StaleError)(nil); errors.As(err, &stale) != c.passed || c.passed && !stale.Undo {
				t.Errorf("%v, want passed: %v", err, c.passed)
			}
			if changed := (*plan.Changed)(nil); errors.As(err, &changed) != c.again {
				t.Errorf("%v, want to look again: %v", err, c.again)
			}
		})
	}
}

// Each event is put down once, and those before it for a while; what one wrote is taken back in nobody's name.
func TestEventsArePutDown(t *testing.T) {
	s, one := rememberedShare(t, walkthrough)
	_, two := rememberedShare(t, walkthrough+`, "Tags": {"a": "b"}`)
	w := sharetest.NewAccount(sharetest.Sydney, ann)
	events := func(e plan.Event, properties map[string]any) declaration.Events {
		t.Helper()
		wanted := plan.Wanted{Share: s, Previous: &s, Owner: owner, Properties: properties, Event: e}
		apply(t, w, wanted)
		if steps := apply(t, w, wanted); len(steps) > 0 {
			t.Errorf("%s once more: %v", e.ID, steps)
		}
		d, err := declaration.Read(w.Parameters[wanted.Parameter()])
		sharetest.Must(t, err)
		return d.Events
	}
	want := func(got declaration.Events, served string, earlier ...string) {
		t.Helper()
		if got.Served != served || !slices.Equal(got.Earlier, earlier) {
			t.Errorf("got %+v, want %s after %v", got, served, earlier)
		}
	}
	sharetest.Must(t, carryOut(w, plan.Wanted{Share: s, Owner: owner, Properties: one, Event: plan.Event{ID: "0"}}))
	want(events(plan.Event{ID: "1", From: one}, two), "1", "0")
	want(events(plan.Event{ID: "none", From: two}, two), "1", "0")
	want(events(plan.Event{}, one), "1", "0")
	want(events(plan.Event{ID: "0", Undone: true}, two), "1", "0")
	want(events(plan.Event{ID: "1", Undone: true}, one), "", "1", "0")
	want(events(plan.Event{ID: "2", From: two, Back: true}, one), "2", "1", "0")
	for n := range 10 {
		got := events(plan.Event{ID: fmt.Sprint("more ", n), From: two}, one)
		if got.Served != fmt.Sprint("more ", n) || len(got.Earlier) > 6 {
			t.Errorf("after %d more: %+v", n, got)
		}
	}
}

func carryOut(w *sharetest.Account, wanted plan.Wanted) error {
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	if err == nil {
		_, err = w.Run(steps, nil)
	}
	return err
}

// A Create of a share that is there writes nothing, whichever event it is.
func TestCreateThatFindsItsDeclarationWritesNothing(t *testing.T) {
	s, properties := rememberedShare(t, walkthrough)
	w := sharetest.NewAccount(sharetest.Sydney, ann)
	create := plan.Wanted{Share: s, Owner: owner, Properties: properties, Event: plan.Event{ID: "1"}}
	apply(t, w, create)
	create.Event.ID = "2"
	if steps := apply(t, w, create); len(steps) > 0 {
		t.Errorf("another Create: %v", steps)
	}
}
