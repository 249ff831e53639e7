package cloud

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// group runs calls at the same time. A panic in one becomes an error: in a goroutine of its own it would end the
// process, and the event that is being handled would never be answered.
type group struct{ *errgroup.Group }

// together is a group whose context ends with the first error: nobody needs what the others would still read.
func together(ctx context.Context) (group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return group{g}, ctx
}

func (g group) Go(call func() error) {
	g.Group.Go(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = &PanicError{Value: r, Stack: string(debug.Stack())}
			}
		}()
		return call()
	})
}

// PanicError is a panic on the way to or from AWS. Its text is for the answer, its Stack for the log.
type PanicError struct {
	Value any
	Stack string
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error: %v; the function's log has the details", e.Value)
}
