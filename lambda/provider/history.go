package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
)

// timeForHistory bounds what is asked of CloudTrail for one share.
const timeForHistory = 30 * time.Second

// history knows who changed something, by CloudTrail. It is that of one look: each call is looked up once, whatever
// share it is about, as CloudTrail takes two look-ups a second. A nil history is not asked.
type history struct {
	aws AWS
	env share.Env

	mu    sync.Mutex
	asked map[trail.Call]looked
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
	return &history{aws: aws, env: env, asked: map[trail.Call]looked{}}
}

// lookUp looks a call up, unless that was done before. What ran out of time may be asked again.
func (h *history) lookUp(ctx context.Context, call trail.Call) looked {
	h.mu.Lock()
	defer h.mu.Unlock()
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
func (h *history) changedBy(ctx context.Context, q trail.Question, since string) []any {
	if h == nil || len(q.Calls) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeForHistory)
	defer cancel()
	var events []trail.Event
	note := ""
	for _, call := range q.Calls {
		l := h.lookUp(ctx, call)
		events = append(events, l.events...)
		switch {
		case l.err != nil:
			note = "CloudTrail does not tell: " + loggable(l.err.Error())
		case l.older && note == "":
			note = fmt.Sprintf("only the newest %d calls of %s were looked at", len(l.events), call.Name)
		}
	}
	own := func(principal string) bool { return declaration.WrittenByProvider(principal, h.env) }
	changes := q.Answer(events, since, own)
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
func ofConflict(err error) trail.Question {
	var conflict *plan.Conflict
	if !errors.As(err, &conflict) {
		return trail.Question{}
	}
	return trail.OfConflict(conflict)
}
