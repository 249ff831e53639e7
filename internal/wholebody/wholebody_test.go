package wholebody_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"

	"example.com/sharedbucket/internal/wholebody"
)

// client answers at once, and looks for more of the body only when the SDK has the answer: what net/http does on a busy
// machine.
type client struct {
	sent string
	late chan error
}

func (c *client) Do(r *http.Request) (*http.Response, error) {
	body := r.Body
	text := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(body, text); err != nil {
		return nil, err
	}
	c.sent = string(text)
	answer := `<CreateGroupResponse><CreateGroupResult/></CreateGroupResponse>`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: &answered{strings.NewReader(answer), func() {
			_, err := io.Copy(io.Discard, body)
			c.late <- err
		}},
	}, nil
}

// answered is an answer's body that tells when it is closed.
type answered struct {
	io.Reader
	closed func()
}

func (a *answered) Close() error {
	a.closed()
	return nil
}

func createGroup(t *testing.T, options ...func(*middleware.Stack) error) *client {
	t.Helper()
	c := &client{late: make(chan error, 1)}
	_, err := iam.NewFromConfig(aws.Config{
		Region: "eu-west-1", HTTPClient: c, APIOptions: options,
		Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
	}).CreateGroup(context.Background(), &iam.CreateGroupInput{GroupName: aws.String("analysts")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookingForMoreOfAClosedBodyIsNoFailure(t *testing.T) {
	c := createGroup(t, wholebody.Add)
	if err := <-c.late; err != nil {
		t.Errorf("looking for more of the body after the answer: %v", err)
	}
	if !strings.Contains(c.sent, "GroupName=analysts") {
		t.Errorf("sent was %q", c.sent)
	}
}

// TestTheSDKStillNeedsIt says when this package can go.
func TestTheSDKStillNeedsIt(t *testing.T) {
	if err := <-createGroup(t).late; err == nil {
		t.Error("the SDK's own body bears it now: take internal/wholebody out")
	}
}
