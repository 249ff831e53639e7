package fault

import (
	"fmt"
	"hash/fnv"
	"slices"
)

// choice leaves out the cases whose continuation another one has, too. Each kind of call is broken in every way at
// least once all the same, and each call in some.
type choice struct {
	all     bool              // leaves nothing out
	calls   map[string][]call // by scenario
	had     map[kind]bool
	retried int // how many calls there were at which the SDK asks again
	failed  int // how many ways there were in which writes are denied or hang
	looked  int // and in which one more read is denied or stale
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
for what was not done, and all three at one more read since the last write; a process that is killed before a call as
well as after the one before; a call that hangs, or an event that comes twice, at one more read since the last write; a
write that hangs as well as one that is denied; one more read since the last write that is denied as well as answered
from before; more calls of a kind among those that only prove; being denied from then on, but for replacements; of
updates and replacements, half of the cases there and the other half on the way back; and, of retained shares, all but
about one case in %d. make faults plays all.
`, variantSample)

func newChoice(all bool) *choice {
	return &choice{all: all, calls: map[string][]call{}, had: map[kind]bool{}}
}

// of are the cases of a scenario that are played. Scenarios come in order.
func (c *choice) of(s *scenario, calls []call) []faultCase {
	c.calls[s.name] = calls
	if c.all {
		return casesOf(s, calls)
	}
	broken := calls
	if s.beyond != "" {
		broken = beyond(calls, c.calls[s.beyond])
	}
	var played []faultCase
	for _, one := range broken {
		ways := casesOf(s, []call{one})
		some := slices.DeleteFunc(slices.Clone(ways), func(j faultCase) bool { return c.leavesOut(s, calls, j.injection) })
		if len(some) == 0 && s.shares != aFew {
			some = ways[slices.Index(faults, denied):][:1]
		}
		played = append(played, some...)
	}
	return played
}

func (c *choice) leavesOut(s *scenario, calls []call, b injection) bool {
	k := kind{b.Call.Operation, b.Fault}
	again := c.redundant(calls, b) || !s.turn(b)
	again = again && c.had[k] || k.fault == shutOut && !s.replaces()
	c.had[k] = true
	return again
}

// turn says whether it is a scenario's turn to have an injection that another one could have as well. They are dealt
// out by a hash, so that no fault and no place always falls to the same one.
func (s *scenario) turn(b injection) bool {
	h := fnv.New32a()
	fmt.Fprint(h, b.Call.Operation, b.Call.Nth, b.Fault)
	switch n := h.Sum32() >> 8; s.shares {
	case everyOther:
		return n%2 == 0
	case theOthers:
		return n%2 != 0
	case aFew:
		return n%variantSample == 0
	}
	return true
}

// redundant says whether an operation goes on after an injection as it does after another one.
func (c *choice) redundant(calls []call, b injection) bool {
	at := slices.Index(calls, b.Call)
	oneMore := b.Call.reads() && at > 0 && calls[at-1].reads() // read since the last write
	switch b.Fault {
	case throttled, internal, resetBefore:
		if b.Call.Operation == theAnswer {
			return false // the function itself asks again
		}
		if oneMore {
			return true
		}
		n := c.retried
		c.retried++
		return n%3 != n/3%3 // of the three ways at each call it is another one each time
	case resetAfter, killedAfter:
		return b.Call.reads() // which leaves nothing behind
	case killedBefore:
		return at > 0 // as after the call before it
	case denied, stale:
		if oneMore {
			return other(&c.looked)
		}
		return b.Fault == denied && c.failsElse(b)
	case hangs:
		return oneMore || c.failsElse(b)
	case twice, shutOut:
		return oneMore
	}
	return false
}

// failsElse says whether it is in the other way that a write fails here, of being denied and hanging.
func (c *choice) failsElse(b injection) bool {
	return !b.Call.reads() && b.Call.Operation != theAnswer && other(&c.failed)
}

// other says of two ways, one after the other, that it is the other one, which is the first and the second in turn.
func other(n *int) bool {
	is := *n%2 != *n/2%2
	*n++
	return is
}
