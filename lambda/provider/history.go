package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
)

// timeForHistory bounds all that is asked of CloudTrail for one share: it may take half a minute for one answer, and
// what is to be mended must not wait for it.
const timeForHistory = 20 * time.Second

// history knows who changed something, by CloudTrail. It is that of one look: each call is looked up once, whatever
// share it is about, as CloudTrail takes two look-ups a second. A nil history or asker is not asked.
type history struct {
	aws AWS
	env share.Env

	turn  chan struct{} // one asks at a time, and the others may give up waiting
	asked map[trail.Call]looked
}

// asker asks a history for one share.
type asker struct {
	*history
	since string    // when the share's declaration was written
	until time.Time // when there is no time left for asking, once it was asked
}

// looked is what came of looking a call up.
type looked struct {
	events []trail.Event
	older  bool
	err    error
}

// newHistory is nil when nobody is to be named.
func (p *Provider) newHistory(aws AWS, env share.Env) *history {
	if !p.WhoDrifted {
		return nil
	}
	return &history{aws: aws, env: env, turn: make(chan struct{}, 1), asked: map[trail.Call]looked{}}
}

// of is who asks for the share whose declaration was written at since; nil when nobody is to be named.
func (h *history) of(since string) *asker {
	if h == nil {
		return nil
	}
	return &asker{history: h, since: since}
}

// lookUp looks a call up, unless that was done before. What ran out of time may be asked again.
func (h *history) lookUp(ctx context.Context, call trail.Call) looked {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return looked{err: ctx.Err()}
	}
	if l, known := h.asked[call]; known {
		return l
	}
	var l looked
	l.events, l.older, l.err = h.aws.Events(ctx, call)
	if ctx.Err() == nil {
		h.asked[call] = l
	}
	return l
}

// changedBy are attributes of the line in the log about something that is not as declared: who changed it since its
// declaration was written, and why that may not be all. Whatever goes wrong is said and no failure.
func (a *asker) changedBy(ctx context.Context, q trail.Question) []any {
	if a == nil || len(q.Calls) == 0 {
		return nil
	}
	if a.until.IsZero() {
		a.until = time.Now().Add(timeForHistory)
	}
	ctx, cancel := context.WithDeadline(ctx, a.until)
	defer cancel()
	var events []trail.Event
	note := ""
	for _, call := range q.Calls {
		l := a.lookUp(ctx, call)
		events = append(events, l.events...)
		switch {
		case l.err != nil:
			note = "CloudTrail does not tell: " + loggable(l.err.Error())
		case l.older && note == "":
			note = fmt.Sprintf("only the newest %d calls of %s were looked at", len(l.events), call.Name)
		}
	}
	own := func(principal string) bool { return declaration.WrittenByProvider(principal, a.env) }
	changes := q.Answer(events, a.since, own)
	if len(changes) == 0 && note == "" {
		note = "CloudTrail has no such call by anybody else: an event may take 15 minutes, and is kept for 90 days"
	}
	attributes := []any{"changedBy", changes}
	if note != "" {
		attributes = append(attributes, "changedByNote", note)
	}
	return attributes
}

// ofConflict asks who put something in the way of any plan.
func ofConflict(env share.Env, err error) trail.Question {
	var conflict *plan.Conflict
	if !errors.As(err, &conflict) {
		return trail.Question{}
	}
	return trail.OfConflict(env, conflict)
}
