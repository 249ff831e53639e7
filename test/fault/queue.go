package fault

import (
	"fmt"
	"slices"
	"sync"
)

// faultCase is one case for a pair.
type faultCase struct {
	*scenario
	injection injection
}

func (j faultCase) String() string {
	return fmt.Sprintf("%s: %s %s", j.name, j.injection.Call, j.injection.Fault)
}

// queue is the cases that are still to be played, in the order of scenarios.
type queue struct {
	mu   sync.Mutex
	left [][]faultCase // by scenario
	all  int           // cases that there are, whether or not they are to be played
}

// casesOf are the cases of one scenario, of these of its calls.
func casesOf(s *scenario, calls []call) (all []faultCase) {
	for _, c := range calls {
		for _, f := range faults {
			if f.appliesTo(c) {
				all = append(all, faultCase{s, injection{Call: c, Fault: f, Lasts: f == shutOut}})
			}
		}
	}
	return all
}

// beyond are the calls that one scenario makes more than another, the first of each kind.
func beyond(calls, others []call) (more []call) {
	for _, c := range calls {
		sameKind := func(m call) bool { return m.Operation == c.Operation }
		if !slices.Contains(others, c) && !slices.ContainsFunc(more, sameKind) {
			more = append(more, c)
		}
	}
	return more
}

// next takes a case that one of these runners can play as it stands, from where there are most left; when there is
// none, one that asks for a way to go before.
func (q *queue) next(runners []*runner) (*runner, faultCase, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	best, at, ready := -1, (*runner)(nil), false
	for i, left := range q.left {
		for _, l := range runners {
			if len(left) == 0 || l.consumes() != left[0].consumer {
				continue
			}
			stands := l.standing == left[0].before
			if best < 0 || (stands && !ready) || (stands == ready && len(left) > len(q.left[best])) {
				best, at, ready = i, l, stands
			}
		}
	}
	if best < 0 {
		return nil, faultCase{}, false
	}
	j := q.left[best][0]
	q.left[best] = q.left[best][1:]
	return at, j, true
}
