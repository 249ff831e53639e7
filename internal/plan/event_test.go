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
			events: declaration.Events{Served: "2", Earlier: []string{"1"}}, event: plan.Event{ID: "1", Undone: true},
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
// wrote must stay.
func TestPassed(t *testing.T) {
	before := sharetest.Object(t, `{"BucketName": "`+bucket+`"}`)
	after := sharetest.Object(t, `{"BucketName": "`+bucket+`", `+walkthrough+`}`)
	update := plan.Event{ID: "update", From: before, Back: true}
	back := plan.Event{ID: "back", From: after, Back: true}
	for _, c := range []struct {
		name       string
		event      plan.Event
		remembered map[string]any
		events     declaration.Events
		passed     bool
	}{
		{
			name: "a way back that found all as it was", event: update, remembered: before, passed: true,
			events: declaration.Events{Served: "back", Back: true, Found: true},
		},
		{
			name: "a way back that saw the Update", event: update, remembered: before, passed: true,
			events: declaration.Events{Served: "back", Back: true, Earlier: []string{"update"}},
		},
		{
			name: "the Update itself", event: update, remembered: after,
			events: declaration.Events{Served: "update", Back: true},
		},
		{
			name: "on the way there", event: plan.Event{ID: "update", From: before}, remembered: before,
			events: declaration.Events{Served: "back", Back: true, Found: true},
		},
		{
			name: "the way back itself", event: back, remembered: before,
			events: declaration.Events{Served: "back", Back: true, Found: true},
		},
		{
			name: "the way back, continued as another event", event: back, remembered: before,
			events: declaration.Events{Served: "continued", Back: true, Found: true, Earlier: []string{"back"}},
		},
		{
			name: "the way back, when the Update has come after it", event: back, remembered: after,
			events: declaration.Events{Served: "update", Back: true},
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
			err := w.Passed(plan.Remembered{Declaration: &declaration.Declaration{
				Properties: declaration.Lasting(c.remembered), Events: c.events,
			}})
			if stale := (*plan.StaleError)(nil); errors.As(err, &stale) != c.passed || c.passed && !stale.Undo {
				t.Errorf("%v, want passed: %v", err, c.passed)
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
