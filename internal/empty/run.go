package empty

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Bounds of what is under way at once, and with it of memory and of a checkpoint.
const (
	mostLists    = 24
	firstDeletes = 16
	mostDeletes  = 32
	mostRanges   = 64
	// mostBytes bounds the keys that are being listed or deleted. One has up to 1,024 bytes, a page up to a megabyte.
	mostBytes = 6 << 20
	// guesses is how many wrong cuts are borne. A right one gives two back.
	guesses, mostGuesses = 24, 32
)

// run is one emptying. Its loop alone touches the state.
type run struct {
	bucket         Bucket
	stop           context.Context // done when no more calls are to be made
	halt           context.CancelFunc
	ended          chan *call
	open           int // calls that are under way or waiting
	lists, deletes queue
	bytes          int // of the keys that are at hand
	page           int // bytes of the largest page so far
	credit         int // for cuts
	atlas          atlas
	report         Report
	err            error
}

// queue has the calls of a kind that are yet to be made, and how many may run at once.
type queue struct {
	pace
	todo  []task
	maybe []task // of which nobody knows whether they find anything: they come last
}

// task is something to do with one call. do is for a goroutine of its own, all else for the loop.
type task interface {
	do(context.Context, Bucket) error
	// then takes up what came of it.
	then(*run)
	// left writes the task into a checkpoint, as it was not done.
	left(*Checkpoint)
}

// call is a task that is being done.
type call struct {
	task
	queue  *queue
	number int
	tries  int
	err    error
	waited bool // the pause is over: the call is to be made again
}

func newRun(b Bucket, so Report) *run {
	return &run{
		bucket: b, ended: make(chan *call), credit: guesses, page: 64 << 10, report: so,
		atlas:   atlas{asked: map[string]bool{}},
		lists:   queue{pace: newPace(mostLists, mostLists)},
		deletes: queue{pace: newPace(firstDeletes, mostDeletes)},
	}
}

func (q *queue) add(t ...task) { q.todo = append(q.todo, t...) }

func (q *queue) waiting() int { return len(q.todo) + len(q.maybe) }

// next takes out the task that comes next. There must be one.
func (q *queue) next() task {
	from := &q.todo
	if len(*from) == 0 {
		from = &q.maybe
	}
	t := (*from)[0]
	(*from)[0] = nil // or the array would keep its page
	*from = (*from)[1:]
	return t
}

// loop makes calls until there is nothing to do, or until it shall stop, and then waits for those under way.
func (r *run) loop(ctx, stop context.Context) {
	r.stop, r.halt = context.WithCancel(stop)
	defer r.halt()
	for {
		for r.goesOn() && r.roomForAPage() && r.start(ctx, &r.lists) {
		}
		for r.goesOn() && r.start(ctx, &r.deletes) {
		}
		if r.open == 0 {
			return
		}
		r.end(ctx, <-r.ended)
	}
}

func (r *run) goesOn() bool { return r.stop.Err() == nil }

// roomForAPage says whether one more page fits into memory. The first always does, or nothing would go on.
func (r *run) roomForAPage() bool {
	underWay := r.bytes + r.lists.active*r.page
	return underWay == 0 || underWay+r.page <= mostBytes
}

// start starts the next call of a queue, when there is one and room for it.
func (r *run) start(ctx context.Context, q *queue) bool {
	if q.waiting() == 0 || q.free() < 1 {
		return false
	}
	c := &call{task: q.next(), queue: q}
	r.open++
	r.make(ctx, c)
	return true
}

func (r *run) make(ctx context.Context, c *call) {
	c.number = c.queue.start()
	r.report.Calls++
	go func() {
		c.err = c.do(ctx, r.bucket)
		r.ended <- c
	}()
}

// end takes up the end of a call, or of the pause after one.
func (r *run) end(ctx context.Context, c *call) {
	if c.waited {
		c.waited = false
		if r.goesOn() {
			r.make(ctx, c)
			return
		}
		r.open--
		c.queue.add(c.task)
		return
	}
	var busy *Busy
	again := errors.As(c.err, &busy)
	c.queue.end(c.number, again)
	c.tries++
	switch {
	case c.err == nil:
		r.open--
		c.then(r)
	case again && c.tries < tries && r.goesOn():
		go r.wait(c)
	default:
		r.open--
		c.queue.add(c.task)
		cutOff := ctx.Err() != nil && !r.goesOn()
		if !cutOff && (!again || r.goesOn()) {
			r.fail(c.err)
		}
	}
}

// fail ends it all with the first error.
func (r *run) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.halt()
}

// wait waits until a call is to be made again, or until nothing more is to be done.
func (r *run) wait(c *call) {
	timer := time.NewTimer(pause(c.tries))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.stop.Done():
	}
	c.waited = true
	r.ended <- c
}

// left is what is yet to be done.
func (r *run) left() Checkpoint {
	c := Checkpoint{Report: r.report}
	for _, t := range r.deletes.todo {
		if d, ok := t.(interface{ settle(*Report) }); ok {
			d.settle(&c.Report)
		}
	}
	for _, t := range slices.Concat(r.lists.todo, r.lists.maybe, r.deletes.todo) {
		t.left(&c)
	}
	return c
}
