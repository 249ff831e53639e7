package local_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// Lambda invokes a function about sixteen times in one chain of requests, and gives the next event to its dead-letter
// queue. An event of another chain is not affected.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func TestALoopIsEnded(t *testing.T) {
	a := account(t)
	url, arn := queue(t, a, "loops")
	f := function(t, a, local.FunctionSpec{Name: "loop", DeadLetterQueue: arn})
	received := func() string {
		t.Helper()
		output, err := cli(t, a, "sqs", "receive-message", "--endpoint-url", shared.Endpoint, "--queue-url", url,
			"--message-attribute-names", "All", "--visibility-timeout", "3600")
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		return output
	}
	for chain := 1; chain <= 2; chain++ {
		if err := f.InvokeLater(t.Context(), map[string]any{"Do": "loop"}); err != nil {
			t.Fatal(err)
		}
		for _, end := range attempts(t, f, chain*16) {
			want(t, "error of an invocation", end, "")
		}
		eventually(t, "message", func() bool { return strings.Contains(received(), "recursive loop") })
		want(t, "invocations", len(attempts(t, f, chain*16)), chain*16)
	}
}
