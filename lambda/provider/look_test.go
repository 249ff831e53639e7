package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// deployedShare is a fixture in which account-a-bucket is deployed and its stack is at rest.
func deployedShare(t *testing.T, drift string) *fixture {
	t.Helper()
	s := newFixture(t, ownerEnv)
	s.want(s.create(properties("Drift", drift)), "SUCCESS", "account-a-bucket", "")
	s.aws.stack, s.aws.writes = "CREATE_COMPLETE", 0
	s.log.Reset()
	s.metrics.Reset()
	return s
}

// inFunction is a context of the function in the fixture's account.
func (s *fixture) inFunction(ctx context.Context) context.Context {
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		InvokedFunctionArn: s.aws.Env.ARN("lambda", s.aws.Env.Region, s.aws.Env.Account, "function:sharedbucket-provider"),
	})
}

// look has the schedule look, and returns its measurement.
func (s *fixture) look(ctx context.Context) map[string]any {
	s.t.Helper()
	before := len(s.answers)
	if err := s.provider.Handle(s.inFunction(ctx), Event{Look: &Look{}}); err != nil {
		s.t.Fatal(err)
	}
	if len(s.answers) != before {
		s.t.Error("a look answered an event")
	}
	lines := s.measured()
	if len(lines) != 1 {
		s.t.Fatalf("%d measurements", len(lines))
	}
	return lines[0]
}

func (s *fixture) wantLook(looked, drift, repaired, failed float64) {
	s.t.Helper()
	got := s.look(s.t.Context())
	want := map[string]any{"Looked": looked, "Drift": drift, "Repaired": repaired, "LookFailures": failed}
	for name, value := range want {
		if got[name] != value {
			s.t.Errorf("%s is %v, want %v\n%s", name, got[name], value, s.log.String())
		}
	}
}

// openBucket lets somebody in by hand.
func openBucket(s *fixture) {
	b := s.aws.Buckets["account-a-bucket"]
	b.Policy = b.Policy.Merge([]policy.Statement{{
		Sid: "SharedBucketByHand", Effect: "Allow",
		Principal: &policy.Principal{AWS: []string{"arn:aws:iam::999999999999:root"}},
		Action:    []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::account-a-bucket/*"},
	}}, func(string) bool { return false })
}

func TestLookAtAShareAsDeclared(t *testing.T) {
	s := deployedShare(t, share.Repair)
	s.wantLook(1, 0, 0, 0)
	if s.aws.writes > 0 {
		t.Errorf("%d writes", s.aws.writes)
	}
}

func TestDriftIsReportedAndRepairedWhenDeclared(t *testing.T) {
	for _, drift := range []string{share.Report, share.Repair} {
		t.Run(drift, func(t *testing.T) {
			s := deployedShare(t, drift)
			openBucket(s)
			repaired := map[string]float64{share.Repair: 1}[drift]
			s.wantLook(1, 1, repaired, 0)
			log := s.log.String()
			for _, text := range []string{`"msg":"drift"`, "PutBucketPolicy", "999999999999", s.stackID} {
				if !strings.Contains(log, text) {
					t.Errorf("the log lacks %s: %s", text, log)
				}
			}
			stands := strings.Contains(s.aws.Buckets["account-a-bucket"].Policy.Text(), "999999999999")
			if stands == (drift == share.Repair) || (s.aws.writes > 0) != (drift == share.Repair) {
				t.Errorf("still there: %v, %d writes", stands, s.aws.writes)
			}
			s.wantLook(1, 1-repaired, 0, 0)
		})
	}
}

// What somebody who may write parameters, call the function or deploy stacks could try.
func TestWhatIsNeverRepaired(t *testing.T) {
	parameter := func(s *fixture) (name string) {
		for name = range s.aws.Parameters {
		}
		return name
	}
	for _, c := range []struct {
		name                string
		there               func(*fixture)
		looked, drift, fail float64
		says                string
	}{
		{
			name: "a declaration that somebody else wrote", looked: 1, drift: 1, fail: 1, says: "user/mallory",
			there: func(s *fixture) {
				name := parameter(s)
				s.aws.Parameters[name] = strings.Replace(s.aws.Parameters[name], "222222222222", "999999999999", 1)
				s.aws.writer = "arn:aws:iam::111111111111:user/mallory"
			},
		},
		{
			name: "a writer whose name begins like the provider's", looked: 1, drift: 1, fail: 1, says: "mallory",
			there: func(s *fixture) {
				openBucket(s)
				s.aws.writer = "arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2-mallory/x"
			},
		},
		{
			name: "a declaration beyond today's limits", looked: 1, drift: 1, fail: 1, says: "ConsumerAccounts",
			there: func(s *fixture) {
				openBucket(s)
				s.provider.Limits.ConsumerAccounts = []string{"333333333333"}
			},
		},
		{
			name: "a bucket that is gone", looked: 1, drift: 1, fail: 1, says: "is for a deployment",
			there: func(s *fixture) { clear(s.aws.Buckets) },
		},
		{
			name: "a key that somebody disabled", looked: 1, drift: 1, says: "is disabled",
			there: func(s *fixture) {
				for _, k := range s.aws.Keys {
					k.State = plan.KeyDisabled
				}
			},
		},
		{
			name: "a share whose stack is at work", says: "UPDATE_IN_PROGRESS",
			there: func(s *fixture) { openBucket(s); s.aws.stack = "UPDATE_IN_PROGRESS" },
		},
		{
			name: "a share whose update failed", says: "UPDATE_ROLLBACK_FAILED",
			there: func(s *fixture) { openBucket(s); s.aws.stack = "UPDATE_ROLLBACK_FAILED" },
		},
		{
			name: "a share whose stack is gone", says: "its stack is gone",
			there: func(s *fixture) { openBucket(s); s.aws.stack = noStack },
		},
		{
			name: "what nobody can look at", fail: 1, says: "AccessDenied",
			there: func(s *fixture) { openBucket(s); s.aws.failOn("Observe", "AccessDenied", 9) },
		},
		{
			name: "a share whose stack cannot be asked", fail: 1, says: "AccessDenied",
			there: func(s *fixture) { openBucket(s); s.aws.failOn("AwaitStack", "AccessDenied", 9) },
		},
		{
			name: "a declaration in another share's parameter", fail: 2, says: "not what a provider writes",
			there: func(s *fixture) {
				openBucket(s)
				name := parameter(s)
				s.aws.Parameters[name+"0"], s.aws.Parameters[name] = s.aws.Parameters[name], "garbage"
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := deployedShare(t, share.Repair)
			c.there(s)
			s.wantLook(c.looked, c.drift, 0, c.fail)
			if s.aws.writes > 0 {
				t.Errorf("%d writes", s.aws.writes)
			}
			if log := s.log.String(); !strings.Contains(log, c.says) {
				t.Errorf("the log lacks %q: %s", c.says, log)
			}
		})
	}
}

// An Update that begins while a share is mended is not worked against.
func TestRepairStopsWhenTheStackBegins(t *testing.T) {
	s := deployedShare(t, share.Repair)
	openBucket(s)
	s.aws.Buckets["account-a-bucket"].AccessBlocked = false
	s.aws.before = func(_ context.Context, what string) error {
		if what == setting.PutPublicAccessBlock || what == string(plan.PutBucketPolicy) {
			s.aws.stack = "UPDATE_IN_PROGRESS"
		}
		return nil
	}
	s.wantLook(1, 1, 0, 1)
	if s.aws.writes != 1 {
		t.Errorf("%d writes, want that of the round in which the stack began", s.aws.writes)
	}
}

func TestDriftThatNoPlanSees(t *testing.T) {
	s := deployedShare(t, share.Repair)
	s.aws.Identities[ann]["mine"] = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`
	s.wantLook(1, 1, 0, 0)
	if !strings.Contains(s.log.String(), "user/ann") || s.aws.writes > 0 {
		t.Errorf("%d writes: %s", s.aws.writes, s.log.String())
	}
}

func TestAccessIsLookedAt(t *testing.T) {
	s := newFixture(t, consumerEnv)
	s.aws.foreignKey = &plan.Key{
		ARN: "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab", State: plan.KeyEnabled,
	}
	p := map[string]any{
		"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", "Drift": share.Repair,
		"Grantees": []any{map[string]any{"User": "dilip"}},
	}
	s.want(s.send(s.event(cfn.RequestCreate, share.AccessType, "", p, nil)), "SUCCESS",
		"access-s3-account-a-bucket@account-a-bucket", "")
	s.aws.stack = "CREATE_COMPLETE"
	s.metrics.Reset()
	s.wantLook(1, 0, 0, 0)
	clear(s.aws.Identities[dilip])
	s.wantLook(1, 1, 1, 0)
	if len(s.aws.Identities[dilip]) != 1 {
		t.Error("dilip's inline policy did not come back")
	}
}

// One bad share is no matter of the others, and a panic none of anybody's.
func TestOneBadShareDoesNotEndTheLook(t *testing.T) {
	s := deployedShare(t, share.Report)
	for i := range 6 {
		s.aws.Parameters[fmt.Sprintf("/sharedbucket/shares/a/%d", i)] = "garbage"
	}
	n := 0
	s.aws.before = func(_ context.Context, what string) error {
		if what == "Memory" {
			if n++; n == 1 {
				panic("out of order")
			}
		}
		return nil
	}
	s.wantLook(1, 0, 0, 6)
	if !strings.Contains(s.log.String(), "out of order") {
		t.Error("the panic is not in the log")
	}
}

// With more shares than there is time for, another invocation goes on behind the last one.
func TestLookGoesOnElsewhere(t *testing.T) {
	s := deployedShare(t, share.Report)
	text := maps.Clone(s.aws.Parameters)
	for i := range 9 {
		for _, value := range text {
			s.aws.Parameters[fmt.Sprintf("/sharedbucket/shares/z/%d", i)] = value
		}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), timeForAShare+time.Second)
	defer cancel()
	s.look(ctx)
	if len(s.aws.again) != 1 {
		t.Fatalf("called again %d times", len(s.aws.again))
	}
	var next Event
	if err := json.Unmarshal(s.aws.again[0], &next); err != nil || next.Look == nil || next.Look.Hop != 1 ||
		next.Look.After != "/sharedbucket/shares/z/2" {
		t.Errorf("goes on with %s", s.aws.again[0])
	}
	// One that goes on and finds nothing says nothing: it might be made up, and end an alarm.
	s.metrics.Reset()
	if err := s.provider.Handle(s.inFunction(t.Context()), Event{Look: &Look{After: "~"}}); err != nil {
		t.Fatal(err)
	}
	if s.metrics.Len() > 0 {
		t.Errorf("measured %s", s.metrics.String())
	}
}

// An event that is a look as well is a look: what is forged into it is done for nobody.
func TestLookAnswersNobody(t *testing.T) {
	s := deployedShare(t, share.Repair)
	e := s.event(cfn.RequestDelete, share.BucketType, "account-a-bucket", properties("RemovalPolicy", "Delete"), nil)
	s.aws.stack = "DELETE_IN_PROGRESS"
	before := len(s.answers)
	if err := s.provider.Handle(s.inFunction(t.Context()), Event{Event: e, Look: &Look{}}); err != nil {
		t.Fatal(err)
	}
	if len(s.answers) != before || s.aws.writes > 0 {
		t.Errorf("%d answers, %d writes", len(s.answers)-before, s.aws.writes)
	}
}
