package provider

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/share"
)

// An event whose answer would go to a stranger is not looked at: no work, no request, an error for the log.
func TestEventWithAnotherResponseURLIsNotHandled(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.before = func(_ context.Context, what string) error {
		t.Errorf("%s", what)
		return nil
	}
	for _, to := range []string{
		"http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "", "::", "https://example.com/?" + secret,
	} {
		e := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
		e.ResponseURL = to
		err := s.provider.Handle(t.Context(), Event{Event: e})
		if err == nil || !strings.Contains(err.Error(), "nothing was done") || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if len(s.answers) > 0 {
		t.Error("answered all the same")
	}
}

// The region that counts is the function's own, not one that the event names.
func TestResponseURLIsCheckedForTheFunctionsOwnRegion(t *testing.T) {
	s := newFixture(t, ownerEnv)
	var asked share.Env
	s.provider.AnswersTo = func(env share.Env, _ *url.URL) bool {
		asked = env
		return true
	}
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{
		InvokedFunctionArn: "arn:aws:lambda:eu-west-1:111111111111:function:sharedbucket-provider",
	})
	a := s.sendWithin(ctx, s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil))
	s.want(a, "FAILED", a.PhysicalResourceId, "cannot serve a stack in account")
	if asked.Region != "eu-west-1" {
		t.Errorf("checked for %s", asked.Region)
	}
	e := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
	e.StackID = "stack"
	a = s.sendWithin(ctx, e)
	s.want(a, "FAILED", a.PhysicalResourceId, "reading StackId")
}

func TestAnswerFollowsNoRedirect(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newFixture(t, ownerEnv)
		s.redirect = s.server.URL + "/elsewhere?" + secret
		s.reply = func(int) int { return status }
		e := s.event(cfn.RequestDelete, share.BucketType, "account-a-bucket", properties(), nil)
		err := s.provider.Handle(t.Context(), Event{Event: e})
		if err == nil || len(s.answers) != 1 {
			t.Errorf("%d: %d requests, error %v", status, len(s.answers), err)
		}
	}
}

func TestUnknownRequestType(t *testing.T) {
	for _, kind := range []cfn.RequestType{"", "create", "Read", cfn.RequestType(strings.Repeat("x", 1<<20))} {
		s := newFixture(t, ownerEnv)
		a := s.send(s.event(kind, share.BucketType, "account-a-bucket", properties(), nil))
		s.want(a, "FAILED", "account-a-bucket", "unknown RequestType")
		if s.aws.writes > 0 || len(a.body) > 1000 {
			t.Errorf("%q: %d writes, an answer of %d bytes", kind[:min(9, len(kind))], s.aws.writes, len(a.body))
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	s := newFixture(t, ownerEnv)
	long := strings.Repeat("ä", 1<<19)
	e := s.event(cfn.RequestCreate, "Custom::"+long, "", properties(), nil)
	e.RequestID = "request-1"
	s.send(e)
	e = s.event(cfn.RequestCreate, share.BucketType, "", properties("BucketName", long, "Consumers", long), nil)
	s.send(e)
	if n := s.log.Len(); n > 200_000 {
		t.Errorf("two events wrote %d bytes to the log", n)
	}
}
