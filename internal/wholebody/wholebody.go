// Package wholebody keeps an answer that is faster than its own request from being lost.
//
// The SDK closes a request's body as soon as there is an answer, and net/http looks once more, when it has sent
// everything, whether the body has more. Where the answer was faster, as on a busy machine, it meets a closed body,
// which says io.EOF (smithy-go's safeWriteToReadCloser.WriteTo): not what io.WriterTo may say of an end, so net/http
// takes it for a failure and closes the connection while the answer is being read. The SDK then makes a call again that
// was carried out. A body that can only be read says io.EOF where that means the end.
package wholebody

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Add is an option of the SDK's clients (aws.Config.APIOptions).
func Add(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("WholeBody", handle), middleware.After)
}

// handle comes last before the request is sent, once for each try.
func handle(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	if r, isHTTP := in.Request.(*smithyhttp.Request); isHTTP {
		if _, writes := r.GetStream().(io.WriterTo); writes {
			read, err := r.SetStream(readOnly(r.GetStream()))
			if err != nil {
				return middleware.DeserializeOutput{}, middleware.Metadata{}, err
			}
			in.Request = read
		}
	}
	return next.HandleDeserialize(ctx, in)
}

// readOnly hides everything but reading, and seeking where that is possible: the length comes from there.
func readOnly(r io.Reader) io.Reader {
	if s, seeks := r.(io.ReadSeeker); seeks {
		return struct{ io.ReadSeeker }{s}
	}
	return struct{ io.Reader }{r}
}
