package cloud

import (
	"context"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"
)

// Count counts the AWS calls that are made with one context.
type Count struct{ calls, retries atomic.Int64 }

// Calls is how many calls were made, each counted once however often it was tried.
func (c *Count) Calls() int64 { return c.calls.Load() }

// Retries is how many tries of calls there were after the first.
func (c *Count) Retries() int64 { return c.retries.Load() }

type (
	countKey struct{}
	triedKey struct{}
)

// Counting is a context whose calls are counted.
func Counting(ctx context.Context) (context.Context, *Count) {
	c := new(Count)
	return context.WithValue(ctx, countKey{}, c), c
}

// sdkRetry is the id of the SDK's middleware that tries again; what comes after it runs once for each try.
const sdkRetry = "Retry"

// counted makes a client count: calls before the SDK's retryer, tries after it.
func counted(stack *middleware.Stack) error {
	call := middleware.FinalizeMiddlewareFunc("CountCall", countCall)
	if err := stack.Finalize.Insert(call, sdkRetry, middleware.Before); err != nil {
		return err
	}
	try := middleware.FinalizeMiddlewareFunc("CountTry", countTry)
	return stack.Finalize.Insert(try, sdkRetry, middleware.After)
}

func countCall(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	if count, counting := ctx.Value(countKey{}).(*Count); counting {
		count.calls.Add(1)
		ctx = context.WithValue(ctx, triedKey{}, new(atomic.Bool))
	}
	return next.HandleFinalize(ctx, in)
}

func countTry(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	if tried, counting := ctx.Value(triedKey{}).(*atomic.Bool); counting && tried.Swap(true) {
		ctx.Value(countKey{}).(*Count).retries.Add(1)
	}
	return next.HandleFinalize(ctx, in)
}
