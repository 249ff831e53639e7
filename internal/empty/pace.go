package empty

import (
	"math/rand/v2"
	"time"
)

// pace is how many calls of a kind may run at once. It falls by half when S3 is busy and rises by one for every round
// of successes, up to a maximum: S3 grows with a load that grows slowly.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
type pace struct {
	limit, most float64 // calls at once
	active      int
	started     int // calls, in the order of their start
	slowedAt    int // how many had been started when the limit last fell
}

func newPace(first, most int) pace { return pace{limit: float64(first), most: float64(most)} }

func (p *pace) free() int { return int(p.limit) - p.active }

// start counts a call and returns its number.
func (p *pace) start() int {
	p.active++
	p.started++
	return p.started
}

// end counts the end of a call. Calls that were under way when the limit fell say nothing about the new one.
func (p *pace) end(call int, busy bool) {
	p.active--
	switch {
	case !busy:
		p.limit = min(p.most, p.limit+1/p.limit)
	case call > p.slowedAt:
		p.limit = max(1, p.limit/2)
		p.slowedAt = p.started
	}
}

// tries is how often a call is made that S3 is too busy for, with pauses of up to 25 seconds: minutes in all.
const tries = 10

// pause is the time before a call is made again, of random length so that calls do not come back together.
func pause(try int) time.Duration {
	longest := min(200*time.Millisecond<<min(try, 10), 25*time.Second)
	return longest/2 + rand.N(longest/2)
}
