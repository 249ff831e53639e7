package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
	"example.com/sharedbucket/policy"
)

// called lets CloudTrail have an event by mallory, on a minute after the declaration was written.
func (s *fixture) called(source, name, parameters string, minute int) {
	s.t.Helper()
	e, err := trail.Parse(fmt.Sprintf(`{"userIdentity": {"arn": "arn:aws:iam::111111111111:user/mallory"},
		"eventTime": "2026-11-26T10:%02d:00Z", "eventSource": %q, "eventName": %q, "requestParameters": %s}`,
		minute, source, name, parameters))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.aws.events == nil {
		s.aws.events = map[string][]trail.Event{}
	}
	s.aws.events[name] = append(s.aws.events[name], e)
}

const byMallory = `"changedBy":[{"event":%q,"time":"2026-11-26T10:%02d:00Z",` +
	`"principal":"arn:aws:iam::111111111111:user/mallory"}]`

func TestDriftSaysWho(t *testing.T) {
	for _, c := range []struct {
		name  string
		there func(*fixture)
		says  string
	}{
		{
			name: "a step", says: fmt.Sprintf(byMallory, "PutBucketPolicy", 5),
			there: func(s *fixture) {
				openBucket(s)
				s.called("s3.amazonaws.com", "PutBucketPolicy", `{"bucketName": "account-a-bucket"}`, 5)
			},
		},
		{
			name: "something in the way", says: fmt.Sprintf(byMallory, "DisableKey", 6),
			there: func(s *fixture) {
				for _, k := range s.aws.Keys {
					k.State = "Disabled"
					s.called("kms.amazonaws.com", "DisableKey", fmt.Sprintf(`{"keyId": %q}`, k.ARN), 6)
				}
			},
		},
		{
			name: "what no plan sees", says: fmt.Sprintf(byMallory, "PutUserPolicy", 7),
			there: func(s *fixture) {
				s.aws.Identities[ann]["mine"] = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`
				s.called("iam.amazonaws.com", "PutUserPolicy", `{"userName": "ann", "policyName": "mine"}`, 7)
			},
		},
		{
			name: "a statement of somebody else lets an account in", says: fmt.Sprintf(byMallory, "PutBucketPolicy", 8),
			there: func(s *fixture) {
				openBucket(s)
				b := s.aws.Buckets["account-a-bucket"]
				text := strings.ReplaceAll(b.Policy.Text(), "SharedBucketByHand", "ByHand")
				at := strings.LastIndex(text, "GetObject")
				text = text[:at] + "DeleteObject" + text[at+len("GetObject"):]
				var err error
				b.Policy, err = policy.ReadStored(text)
				must(s.t, err)
				s.called("s3.amazonaws.com", "PutBucketPolicy", `{"bucketName": "account-a-bucket"}`, 8)
			},
		},
		{
			name: "nobody whom CloudTrail knows", says: `"changedBy":[],"changedByNote":"CloudTrail has no such call`,
			there: openBucket,
		},
		{
			name: "more calls than are looked at", says: "only the newest 0 calls of PutBucketPolicy were looked at",
			there: func(s *fixture) { openBucket(s); s.aws.older = true },
		},
		{
			name: "CloudTrail does not answer", says: "CloudTrail does not tell: ",
			there: func(s *fixture) { openBucket(s); s.aws.failOn("Events", "AccessDeniedException", 9) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := deployedShare(t, share.Report)
			s.provider.WhoDrifted = true
			c.there(s)
			s.wantLook(1, 1, 0, 0)
			if log := s.log.String(); !strings.Contains(log, c.says) {
				t.Errorf("the log lacks %s: %s", c.says, log)
			}
		})
	}
}

// Nobody is asked where nothing drifted, nor where nobody is to be named.
func TestCloudTrailIsAskedAboutDriftAlone(t *testing.T) {
	s := deployedShare(t, share.Report)
	s.provider.WhoDrifted = true
	s.wantLook(1, 0, 0, 0)
	s.provider.WhoDrifted = false
	openBucket(s)
	s.wantLook(1, 1, 0, 0)
	if len(s.aws.lookedUp) > 0 || strings.Contains(s.log.String(), "changedBy") {
		t.Errorf("asked for %v: %s", s.aws.lookedUp, s.log.String())
	}
}

// CloudTrail takes two look-ups a second, so what was asked for one share is known for the others; a look that ran out
// of time for one has not been asked for them.
func TestEachCallIsLookedUpOnce(t *testing.T) {
	s := deployedShare(t, share.Report)
	h := (&Provider{Settings: Settings{WhoDrifted: true}}).newHistory(s.aws, ownerEnv)
	other := h.of("")
	q := trail.OfLayer(ownerEnv, "bucket policy", "", "account-a-bucket", "")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s.aws.before = func(ctx context.Context, _ string) error { return ctx.Err() }
	if got := fmt.Sprint(other.changedBy(gone, q)...); !strings.Contains(got, "canceled") {
		t.Error(got)
	}
	for range 3 {
		h.of("").changedBy(t.Context(), q)
	}
	if want := []string{"PutBucketPolicy", "DeleteBucketPolicy"}; !slices.Equal(s.aws.lookedUp, want) {
		t.Errorf("looked up %v, want %v", s.aws.lookedUp, want)
	}
}

// CloudTrail may take long for an answer, and for every one. What is to be mended does not wait for that.
func TestSlowHistoryDoesNotKeepFromRepairing(t *testing.T) {
	s := deployedShare(t, share.Repair)
	s.provider.WhoDrifted = true
	openBucket(s)
	s.aws.Buckets["account-a-bucket"].AccessBlocked = false
	clear(s.aws.Identities[ann])
	s.aws.before = func(ctx context.Context, what string) error {
		if what != "Events" {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		must(t, s.provider.Handle(s.inFunction(t.Context()), Event{Look: &Look{}}))
		if took := time.Since(began); took < timeForHistory || took > timeForHistory+time.Second {
			t.Errorf("it took %s", took)
		}
	})
	if log := s.log.String(); !strings.Contains(log, "drift is repaired") || !strings.Contains(log, "deadline exceeded") {
		t.Error(log)
	}
}

// A repair is made whatever CloudTrail says.
func TestRepairDoesNotDependOnCloudTrail(t *testing.T) {
	s := deployedShare(t, share.Repair)
	s.provider.WhoDrifted = true
	openBucket(s)
	s.aws.failOn("Events", "ThrottlingException", 9)
	s.wantLook(1, 1, 1, 0)
}
