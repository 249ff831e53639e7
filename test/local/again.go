package local

import (
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// telling is the SDK's retryer that says why it tries again: what the first try did nobody has heard of, and a test
// that then meets its own work should be able to tell.
type telling struct {
	aws.RetryerV2
	log io.Writer
}

func (s *AWS) retryer() aws.Retryer {
	return telling{retry.NewStandard(), s.log}
}

func (t telling) IsErrorRetryable(err error) bool {
	again := t.RetryerV2.IsErrorRetryable(err)
	if again {
		fmt.Fprintf(t.log, "client: tries again after %v\n", err)
	}
	return again
}
