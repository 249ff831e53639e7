package cloud

import (
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// group runs calls at the same time. A panic in one becomes an error: in a goroutine of its own it would end the
// process, and the event that is being handled would never be answered.
type group struct{ errgroup.Group }

func (g *group) Go(call func() error) {
	g.Group.Go(func() (err error) {
		defer func() {
			switch r := recover().(type) {
			case nil:
			case *PanicError: // of a group inside this one
				err = r
			default:
				err = &PanicError{Value: r, Stack: string(debug.Stack())}
			}
		}()
		return call()
	})
}

// Do is Go for a call that cannot fail.
func (g *group) Do(call func()) {
	g.Go(func() error {
		call()
		return nil
	})
}

// done waits for calls that cannot fail. Their panic becomes that of the caller, which is a call of another group or
// whoever handles panics.
func (g *group) done() {
	if err := g.Wait(); err != nil {
		panic(err)
	}
}

// PanicError is a panic on the way to or from AWS. Its text is for the answer, its Stack for the log.
type PanicError struct {
	Value any
	Stack string
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error: %v; the function's log has the details", e.Value)
}
