package fault

import (
	"fmt"
	"slices"
)

// choice leaves out the cases whose continuation another one has, too. Each kind of call is broken in every way at
// least once all the same, and each call in some.
type choice struct {
	all     bool              // leaves nothing out
	calls   map[string][]call // by scenario
	had     map[kind]bool
	retried int // how many ways there were after which the SDK asks again
}

// kind is a kind of call, and a way to break it.
type kind struct {
	operation string
	fault     fault
}

// variantSample is one in how many cases of a variant is played.
const variantSample = 8

// leftOut says what is not played.
var leftOut = fmt.Sprintf(`Each kind of call is broken in every way, and each call in some. Left out is what goes on as
another case does: a read that breaks after it as well as before; two of the three ways after which the SDK asks again
for what was not done; a process that is killed before a call as well as after the one before; a call that hangs, or an
event that comes twice, at one more read since the last write; more calls of a kind among those that only prove; being
denied from then on, but for replacements; and, of the ways back and of retained shares, all but one case in %d.
make faults plays all.
`, variantSample)

func newChoice(all bool) *choice {
	return &choice{all: all, calls: map[string][]call{}, had: map[kind]bool{}}
}

// of are the cases of a scenario that are played. Scenarios come in order.
func (c *choice) of(s *scenario, calls []call) []job {
	c.calls[s.name] = calls
	if c.all {
		return jobs(s, calls)
	}
	broken := calls
	if s.beyond != "" {
		broken = beyond(calls, c.calls[s.beyond])
	}
	all := jobs(s, broken)
	n := 0
	return slices.DeleteFunc(all, func(j job) bool {
		n++
		k := kind{j.breakage.Call.Operation, j.breakage.Fault}
		again := c.redundant(calls, j.breakage) || s.variant && n%variantSample != 0
		again = again && c.had[k] || k.fault == shutOut && !s.replaces()
		c.had[k] = true
		return again
	})
}

// redundant says whether an operation goes on after a breakage as it does after another one.
func (c *choice) redundant(calls []call, b breakage) bool {
	switch b.Fault {
	case throttled, internal, resetBefore:
		if b.Call.Operation == theAnswer {
			return false // the function itself asks again
		}
		n := c.retried
		c.retried++
		return n%3 != n/3%3 // of the three ways at each call it is another one each time
	case resetAfter, killedAfter:
		return b.Call.reads() // which leaves nothing behind
	case killedBefore:
		return b.Call != calls[0] // as after the call before it
	case hangs, twice, shutOut:
		at := slices.Index(calls, b.Call)
		return b.Call.reads() && at > 0 && calls[at-1].reads()
	}
	return false
}
