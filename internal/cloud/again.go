package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Again calls a function of the account asynchronously: the function itself, to go on where it has no time left.
// Lambda ends a chain of about 16 such calls as a loop.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func (c *Cloud) Again(ctx context.Context, function string, event []byte) error {
	_, err := c.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &function, InvocationType: types.InvocationTypeEvent, Payload: event,
	})
	return failed(err, "calling the function again to go on")
}
