package cloud

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// said is what CloudFormation answers: a status, or an error's code.
type said struct{ status, code string }

// cloudFormation is a CloudFormation that gives its answers one after the other, and the last one for ever.
type cloudFormation struct {
	answers []said
	calls   int
}

func (c *cloudFormation) Do(*http.Request) (*http.Response, error) {
	a := c.answers[min(c.calls, len(c.answers)-1)]
	c.calls++
	status, body := 200, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>`+a.status+
		`</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
	if a.code != "" {
		status, body = 400, `<ErrorResponse><Error><Code>`+a.code+`</Code><Message>said AWS</Message></Error></ErrorResponse>`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestAwaitStack(t *testing.T) {
	atWork, atRest := said{status: "UPDATE_IN_PROGRESS"}, said{status: "CREATE_COMPLETE"}
	none := said{code: "ValidationError"}
	denied, slow := said{code: "AccessDenied"}, said{code: "Throttling"}
	for _, c := range []struct {
		name    string
		answers []said
		status  string
		code    string
		atLeast time.Duration
		atMost  time.Duration
		oneCall bool
		here    bool // is an emulator
	}{
		{name: "as expected at once", answers: []said{atWork}, status: "UPDATE_IN_PROGRESS", oneCall: true},
		{
			name:    "an old answer first",
			answers: []said{atRest, none, atWork},
			status:  "UPDATE_IN_PROGRESS", atMost: 2 * time.Second,
		},
		{name: "at rest", answers: []said{atRest}, status: "CREATE_COMPLETE", atLeast: 3 * time.Second, atMost: stackLag},
		{name: "no such stack", answers: []said{none}, atLeast: 3 * time.Second, atMost: stackLag},
		{
			name: "a young role", answers: []said{denied, denied, denied, denied, denied, denied, denied, atWork},
			status: "UPDATE_IN_PROGRESS", atLeast: stackLag, atMost: roleLag,
		},
		{
			name:    "a role without the right",
			answers: []said{denied},
			code:    "AccessDenied", atLeast: 20 * time.Second, atMost: roleLag,
		},
		{
			name:    "throttled for long",
			answers: []said{slow},
			code:    "Throttling", atLeast: 10 * time.Second, atMost: roleLag,
		},
		{
			name:    "an emulator without the right",
			answers: []said{denied}, here: true,
			code: "AccessDenied", atMost: time.Second,
		},
		{name: "at rest in an emulator", answers: []said{atRest}, here: true, status: "CREATE_COMPLETE", atMost: time.Second},
		{name: "another error is final", answers: []said{{code: "OptInRequired"}}, code: "OptInRequired", oneCall: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &cloudFormation{answers: c.answers}
				stub := &Cloud{emulated: c.here, cloudformation: cloudformation.New(cloudformation.Options{
					Region: "ap-southeast-2", HTTPClient: fake, Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
				})}
				began := time.Now()
				atWork := func(status string) bool { return strings.HasSuffix(status, "_IN_PROGRESS") }
				status, err := stub.AwaitStack(t.Context(), "arn", atWork)
				took := time.Since(began)
				if (err == nil && status != c.status) || Code(err) != c.code {
					t.Errorf("status %q, error %v", status, err)
				}
				if took < c.atLeast || took > max(c.atMost, c.atLeast) || (c.oneCall && fake.calls != 1) {
					t.Errorf("%d calls took %s", fake.calls, took)
				}
			})
		})
	}
}

// cloudFormationSaying is a Cloud to which CloudFormation answers one thing.
func cloudFormationSaying(t *testing.T, answer recorded) *Cloud {
	fake := &replay{t: t, began: time.Now(), answers: map[string][]recorded{"POST ?": {answer}}}
	return &Cloud{cloudformation: cloudformation.New(cloudformation.Options{
		Region: "ap-southeast-2", HTTPClient: &http.Client{Transport: fake}, Credentials: aws.AnonymousCredentials{},
	})}
}

// The newest event of the stack itself counts, not one of a resource in it.
func TestStackSince(t *testing.T) {
	event := func(physicalID, status, at string) string {
		return "<member><PhysicalResourceId>" + physicalID + "</PhysicalResourceId><ResourceStatus>" + status +
			"</ResourceStatus><Timestamp>2026-11-26T10:00:" + at + "Z</Timestamp></member>"
	}
	answer := recorded{status: 200, body: "<R><DescribeStackEventsResult><StackEvents>" +
		event("other", "UPDATE_IN_PROGRESS", "50") + event("arn", "UPDATE_ROLLBACK_IN_PROGRESS", "40") +
		event("arn", "UPDATE_IN_PROGRESS", "30") + event("arn", "UPDATE_IN_PROGRESS", "20") +
		"</StackEvents></DescribeStackEventsResult></R>"}
	for status, want := range map[string]int{
		"UPDATE_IN_PROGRESS": 30, "UPDATE_ROLLBACK_IN_PROGRESS": 40, "DELETE_FAILED": 0,
	} {
		stub := cloudFormationSaying(t, answer)
		since, err := stub.StackSince(t.Context(), "arn", status)
		if since.Second() != want || (err == nil) != (want > 0) {
			t.Errorf("%s since %s, %v", status, since, err)
		}
	}
}

// What came last of a resource is the newest event of its name that is not the stack's, which may have that name.
func TestStackResourceEvent(t *testing.T) {
	event := func(logicalID, physicalID, status string) string {
		return "<member><LogicalResourceId>" + logicalID + "</LogicalResourceId><PhysicalResourceId>" + physicalID +
			"</PhysicalResourceId><ResourceStatus>" + status + "</ResourceStatus></member>"
	}
	answer := recorded{status: 200, body: "<R><DescribeStackEventsResult><StackEvents>" +
		event("share", "arn", "UPDATE_IN_PROGRESS") + event("New", "", "CREATE_IN_PROGRESS") +
		event("share", "bucket", "DELETE_COMPLETE") + event("share", "bucket", "CREATE_COMPLETE") +
		"</StackEvents></DescribeStackEventsResult></R>"}
	for logicalID, want := range map[string][2]string{
		"share": {"DELETE_COMPLETE", "bucket"}, "New": {"CREATE_IN_PROGRESS", ""}, "None": {},
	} {
		stub := cloudFormationSaying(t, answer)
		status, physicalID, err := stub.StackResourceEvent(t.Context(), "arn", logicalID)
		if err != nil || [2]string{status, physicalID} != want {
			t.Errorf("%s: %s %s, %v", logicalID, status, physicalID, err)
		}
	}
}

func TestStackResource(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer recorded
		want   string
		fails  bool
	}{
		{
			name: "there is one", want: "a-bucket",
			answer: recorded{status: 200, body: "<R><DescribeStackResourceResult><StackResourceDetail><PhysicalResourceId>" +
				"a-bucket</PhysicalResourceId></StackResourceDetail></DescribeStackResourceResult></R>"},
		},
		{
			name: "there is none",
			answer: recorded{status: 400, body: "<ErrorResponse><Error><Code>ValidationError</Code>" +
				"<Message>Resource Share does not exist for stack shared</Message></Error></ErrorResponse>"},
		},
		{
			name: "it does not say", fails: true,
			answer: recorded{status: 403, body: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &replay{t: t, began: time.Now(), answers: map[string][]recorded{"POST ?": {c.answer}}}
			stub := &Cloud{cloudformation: cloudformation.New(cloudformation.Options{
				Region: "ap-southeast-2", HTTPClient: &http.Client{Transport: fake}, Credentials: aws.AnonymousCredentials{},
			})}
			got, err := stub.StackResource(t.Context(), "arn", "Share")
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
