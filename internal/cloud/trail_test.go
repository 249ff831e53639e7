package cloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/internal/trail"
)

// trailService is CloudTrail with so many pages of one event for each call. Who asks more often than twice a second, of
// one region, is throttled.
type trailService struct {
	t     *testing.T
	pages int
	code  string               // of the error that it answers
	asked map[string]time.Time // by region, when it was last asked
	calls int
}

func (s *trailService) RoundTrip(r *http.Request) (*http.Response, error) {
	region := strings.Split(r.URL.Host, ".")[1]
	if last, before := s.asked[region]; before && time.Since(last) < time.Second/2 {
		s.t.Errorf("asked %s again after %s", region, time.Since(last))
	}
	s.asked[region] = time.Now()
	s.calls++
	var in struct {
		LookupAttributes []struct{ AttributeKey, AttributeValue string }
		NextToken        string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.LookupAttributes) != 1 ||
		in.LookupAttributes[0].AttributeKey != "EventName" {
		s.t.Errorf("%+v, %v", in, err)
	}
	w := httptest.NewRecorder()
	if s.code != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type": %q, "Message": "no"}`, s.code)
		return w.Result(), nil
	}
	token, page := "", len(in.NextToken)+1
	if page < s.pages {
		token = fmt.Sprintf(`, "NextToken": %q`, in.NextToken+"x")
	}
	record := fmt.Sprintf(`{"eventName": %q, "userIdentity": {"arn": %q}}`, in.LookupAttributes[0].AttributeValue, region)
	fmt.Fprintf(w, `{"Events": [{"CloudTrailEvent": %q}, {"CloudTrailEvent": "no record"}]%s}`, record, token)
	return w.Result(), nil
}

// lookedUp runs a test beside such a CloudTrail, with the time of a bubble.
func lookedUp(t *testing.T, s trailService, test func(*testing.T, *Cloud, *trailService)) {
	synctest.Test(t, func(t *testing.T) {
		s.t, s.asked = t, map[string]time.Time{}
		test(t, New(aws.Config{
			Region: "ap-southeast-2", HTTPClient: &http.Client{Transport: &s},
			Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		}, sharetest.Sydney), &s)
	})
}

// What IAM did is asked where its events are, and nobody is asked more than twice a second.
func TestEventsAreLookedUpWhereTheyAreAndSlowly(t *testing.T) {
	lookedUp(t, trailService{pages: 2}, func(t *testing.T, c *Cloud, s *trailService) {
		for source, region := range map[string]string{
			"s3.amazonaws.com": "ap-southeast-2", "kms.amazonaws.com": "ap-southeast-2", "iam.amazonaws.com": "us-east-1",
		} {
			events, older, err := c.Events(t.Context(), trail.Call{Source: source, Name: "Put"})
			if err != nil || older || len(events) != 2 || events[0].Name != "Put" || events[0].Principal != region {
				t.Errorf("%s: %+v, older %v, %v", source, events, older, err)
			}
		}
	})
}

func TestEventsEnd(t *testing.T) {
	lookedUp(t, trailService{pages: 100}, func(t *testing.T, c *Cloud, s *trailService) {
		events, older, err := c.Events(t.Context(), trail.Call{Source: "s3.amazonaws.com", Name: "Put"})
		if err != nil || !older || len(events) != lookupPages || s.calls != lookupPages {
			t.Errorf("%d events of %d calls, older %v, %v", len(events), s.calls, older, err)
		}
	})
}

func TestDeniedLookup(t *testing.T) {
	lookedUp(t, trailService{code: "AccessDeniedException"}, func(t *testing.T, c *Cloud, _ *trailService) {
		_, _, err := c.Events(t.Context(), trail.Call{Source: "s3.amazonaws.com", Name: "PutBucketPolicy"})
		if err == nil || Code(err) != "AccessDeniedException" || !strings.Contains(err.Error(), "WhoDrifted") ||
			!strings.Contains(err.Error(), "PutBucketPolicy") {
			t.Error(err)
		}
	})
}
