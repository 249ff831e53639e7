package cloud

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// through is an http.RoundTripper.
type through func(*http.Request) (*http.Response, error)

func (f through) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// S3 may write what it gives no answer to, because the time is over: a canary is deleted then, too.
func TestCanaryThatIsCutOff(t *testing.T) {
	answers := map[string][]recorded{
		"GET ?x-id=GetObject": {{status: 200, body: "there"}}, "DELETE ?versionId=null": {{status: 204}},
	}
	inBubble(t, answers, func(t *testing.T, _ *Cloud, r *replay) {
		ctx, cancel := context.WithCancel(t.Context())
		transport := through(func(request *http.Request) (*http.Response, error) {
			if request.Method == http.MethodPut {
				cancel()
				return nil, context.Canceled
			}
			return r.RoundTrip(request)
		})
		config := aws.Config{
			Region: "ap-southeast-2", HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		}
		a := share.Access{Env: sharetest.Sydney, Bucket: "account-a-bucket", Owner: "222222222222"}
		err := New(config, sharetest.Sydney).Canary(ctx, a, keyARN, ".sharedbucket/canary/111111111111/AAAAAAAAAAAAA")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if !slices.Contains(r.calls, "DELETE ?versionId=null") {
			t.Errorf("it is left: %v", r.calls)
		}
	})
}
