package local_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/sharedbucket/test/local"
)

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for !so() {
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: not before the test's end", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// attempts waits for so many finished invocations and says how each ended.
func attempts(t *testing.T, f *local.Function, count int) []string {
	t.Helper()
	var ends []string
	eventually(t, "invocations", func() bool {
		invocations, err := f.Invocations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ends = ends[:0]
		for _, invocation := range invocations {
			if invocation.End > 0 {
				ends = append(ends, invocation.Error)
			}
		}
		return len(ends) >= count
	})
	return ends
}

func queue(t *testing.T, a *local.Account, name string) (url, arn string) {
	t.Helper()
	// This service's commands do not look at AWS_ENDPOINT_URL.
	if output, err := cli(t, a, "sqs", "create-queue", "--endpoint-url", shared.Endpoint, "--queue-name", name); err !=
		nil {
		t.Fatalf("%v: %s", err, output)
	}
	url = shared.Endpoint + "/" + a.ID + "/" + name
	return url, "arn:aws:sqs:" + shared.Region + ":" + a.ID + ":" + name
}

func TestAsynchronousRetries(t *testing.T) {
	a := account(t)
	if err := a.SetRetryDelays(t.Context(), 10*time.Millisecond, 20*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	url, arn := queue(t, a, "dead-letters")
	t.Run("two, then the dead-letter queue", func(t *testing.T) {
		f := function(t, a, local.FunctionSpec{Name: "failing", DeadLetterQueue: arn})
		if err := f.InvokeLater(t.Context(), map[string]any{"Do": "fail"}); err != nil {
			t.Fatal(err)
		}
		want(t, "attempts", attempts(t, f, 3), []string{"errorString", "errorString", "errorString"})
		eventually(t, "message", func() bool {
			output, err := cli(t, a, "sqs", "receive-message", "--endpoint-url", shared.Endpoint, "--queue-url", url,
				"--message-attribute-names", "All")
			if err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			return strings.Contains(output, "told to fail") && strings.Contains(output, `{\"Do\":\"fail\"}`)
		})
		invocations, err := f.Invocations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want(t, "number of the last attempt", invocations[2].Attempt, 3)
		want(t, "one request id", invocations[0].RequestID, invocations[2].RequestID)
	})
	t.Run("as many as the function's settings say", func(t *testing.T) {
		f := function(t, a, local.FunctionSpec{Name: "once"})
		if _, err := lambda.NewFromConfig(a.Config()).PutFunctionEventInvokeConfig(t.Context(),
			&lambda.PutFunctionEventInvokeConfigInput{
				FunctionName: &f.Name, MaximumRetryAttempts: aws.Int32(0),
			}); err != nil {
			t.Fatal(err)
		}
		if err := f.InvokeLater(t.Context(), map[string]any{"Do": "fail"}); err != nil {
			t.Fatal(err)
		}
		attempts(t, f, 1)
		// A second attempt would come right after the first.
		time.Sleep(200 * time.Millisecond)
		want(t, "attempts", len(attempts(t, f, 1)), 1)
	})
	t.Run("a timeout is a failure", func(t *testing.T) {
		f := function(t, a, local.FunctionSpec{Name: "slow", Timeout: time.Second})
		if err := f.InvokeLater(t.Context(), map[string]any{"Do": "sleep"}); err != nil {
			t.Fatal(err)
		}
		want(t, "attempts", attempts(t, f, 3)[0], "Sandbox.Timedout")
	})
}

func TestSend(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	event := local.Event{
		RequestType: "Create", ResourceProperties: props{"PhysicalId": "thing", "Data": props{"Name": "x"}},
	}
	response, err := f.Send(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "answer", []any{
		response.Status, response.PhysicalResourceID, response.Data["Name"],
	}, []any{"SUCCESS", "thing", any("x")})

	t.Run("the same event twice", func(t *testing.T) {
		receiver, err := shared.NewReceiver(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		event := f.Complete(event)
		event.ResponseURL = receiver.URL
		for range 2 {
			if err := f.InvokeLater(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "the second answer", func() bool {
			received, err := receiver.Received(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return received.Body != nil && len(received.Ignored) == 1
		})
	})
	t.Run("a response URL that fails at first", func(t *testing.T) {
		if err := a.SetRetryDelays(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
		receiver, err := shared.NewReceiver(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		event := f.Complete(event)
		event.ResponseURL = receiver.URL
		if err := f.InvokeLater(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		// This function does not try its PUT again; Lambda tries the function again.
		response, err := receiver.Wait(t.Context())
		if err != nil || response.Status != "SUCCESS" {
			t.Errorf("%+v %v", response, err)
		}
		received, err := receiver.Received(t.Context(), 0)
		if err != nil || len(received.Refused) != 1 {
			t.Errorf("%+v %v", received, err)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, err := f.Send(ctx, local.Event{
			RequestType: "Create", ResourceProperties: props{"Silent": "Create"},
		}); err == nil {
			t.Error("there was one")
		}
	})
}

func TestSDKFromTheEnvironment(t *testing.T) {
	a := account(t)
	createBucket(t, a, "called-"+a.ID)
	f := function(t, a, local.FunctionSpec{Environment: map[string]string{"ACCOUNT": a.ID}})
	if _, err := f.Invoke(t.Context(), map[string]any{"Do": "call"}); err != nil {
		t.Fatal(err)
	}
	session := "arn:aws:sts::" + a.ID + ":assumed-role/fn-role/fn"
	calls, err := shared.Calls(t.Context(), local.CallFilter{Principal: session})
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, call := range calls {
		short = append(short, call.Service+" "+call.Operation+" "+call.Account)
	}
	want(t, "calls", short, []string{"s3 HeadBucket " + a.ID, "s3control ListTagsForResource " + a.ID})
}

func TestEventDeliveredOnceMore(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{Name: "twice"})
	if err := f.InvokeLater(t.Context(), map[string]any{"Do": "echo"}); err != nil {
		t.Fatal(err)
	}
	attempts(t, f, 1)
	if err := f.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ends := attempts(t, f, 2); len(ends) != 2 || ends[0] != ends[1] {
		t.Errorf("the invocations ended %q", ends)
	}
}
