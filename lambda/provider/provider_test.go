package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

const unfinished = "unfinished-Share-" // and a digest of the stack

func properties(changes ...any) map[string]any {
	p := map[string]any{
		"ServiceToken": "arn:aws:lambda:ap-southeast-2:111111111111:function:sharedbucket-provider",
		"BucketName":   "account-a-bucket",
		"Consumers":    []any{map[string]any{"Account": "222222222222"}},
		"Delegates":    []any{map[string]any{"User": "ann"}},
	}
	for i := 0; i < len(changes); i += 2 {
		p[changes[i].(string)] = changes[i+1]
	}
	return p
}

func TestEachRequestAndOutcome(t *testing.T) {
	bad := properties("Consumers", []any{map[string]any{"Account": "1"}, map[string]any{}})
	for _, c := range []struct {
		name       string
		event      func(*fixture) cfn.Event
		there      bool // the share is deployed already
		fail, code string
		status     string
		id         string
		reason     string
	}{
		{
			name:   "Create",
			event:  func(s *fixture) cfn.Event { return s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil) },
			status: "SUCCESS",
			id:     "account-a-bucket",
		},
		{
			name:   "Create that is refused",
			event:  func(s *fixture) cfn.Event { return s.event(cfn.RequestCreate, share.BucketType, "", bad, nil) },
			status: "FAILED",
			id:     unfinished,
			reason: "(1) Consumers[0].Account",
		},
		{
			name:   "Create that AWS refuses",
			event:  func(s *fixture) cfn.Event { return s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil) },
			fail:   "PutBucketPolicy",
			code:   "AccessDenied",
			status: "FAILED",
			id:     unfinished,
			reason: "PutBucketPolicy account-a-bucket: AccessDenied (the provider's role",
		},
		{
			name:   "Create that cannot look",
			event:  func(s *fixture) cfn.Event { return s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil) },
			fail:   "Observe",
			code:   "AccessDenied",
			status: "FAILED",
			id:     unfinished,
			reason: "AccessDenied",
		},
		{
			name: "Update",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestUpdate, share.BucketType, "account-a-bucket", properties("Delegates", []any{}),
					properties())
			},
			there:  true,
			status: "SUCCESS",
			id:     "account-a-bucket",
		},
		{
			name: "Update that is refused",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestUpdate, share.BucketType, "account-a-bucket", bad, properties())
			},
			there:  true,
			status: "FAILED",
			id:     "account-a-bucket",
			reason: "Consumers[1]",
		},
		{
			name: "Update that AWS refuses",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestUpdate, share.BucketType, "account-a-bucket", properties("Delegates", []any{}),
					properties())
			},
			there:  true,
			fail:   "DeleteInlinePolicy",
			code:   "UnmodifiableEntity",
			status: "FAILED",
			id:     "account-a-bucket",
			reason: "UnmodifiableEntity",
		},
		{
			name: "Delete",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestDelete, share.BucketType, "account-a-bucket", properties(), nil)
			},
			there:  true,
			status: "SUCCESS",
			id:     "account-a-bucket",
		},
		{
			name: "Delete that AWS refuses",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestDelete, share.BucketType, "account-a-bucket", properties(), nil)
			},
			there:  true,
			fail:   "DeleteBucketPolicy",
			code:   "AccessDenied",
			status: "FAILED",
			id:     "account-a-bucket",
			reason: "removing the share of account-a-bucket: DeleteBucketPolicy",
		},
		{
			name: "Delete of nothing",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestDelete, share.BucketType, "account-a-bucket", properties(), nil)
			},
			status: "SUCCESS",
			id:     "account-a-bucket",
		},
		{
			name: "Delete of an invented id",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestDelete, share.BucketType, "shared-Share-ABC123", properties(), nil)
			},
			status: "SUCCESS",
			id:     "shared-Share-ABC123",
		},
		{
			name: "Delete of what was refused",
			event: func(s *fixture) cfn.Event {
				return s.event(cfn.RequestDelete, share.BucketType, unfinished,
					properties("BucketName", "No_Bucket", "Encryption", map[string]any{"Alias": "a b"}), nil)
			},
			fail:   "Observe",
			code:   "InvalidBucketName",
			status: "SUCCESS",
			id:     unfinished,
		},
		{
			name:   "an unknown resource type",
			event:  func(s *fixture) cfn.Event { return s.event(cfn.RequestCreate, "Custom::Other", "", properties(), nil) },
			status: "FAILED",
			id:     unfinished,
			reason: "unknown resource type \"Custom::Other\"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			if c.there {
				s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
			}
			s.aws.failOn(c.fail, c.code, 1000)
			a := s.send(c.event(s))
			if !strings.HasPrefix(a.PhysicalResourceId, c.id) {
				t.Errorf("id %q, want %q…", a.PhysicalResourceId, c.id)
			}
			s.want(a, c.status, a.PhysicalResourceId, c.reason)
		})
	}
}

func TestAttributes(t *testing.T) {
	s := newFixture(t, ownerEnv)
	a := s.create(properties())
	var key string
	for arn := range s.aws.Keys {
		key = arn
	}
	want := map[string]string{
		"BucketName": "account-a-bucket", "BucketArn": "arn:aws:s3:::account-a-bucket", "KeyArn": key,
		"KeyId":     strings.TrimPrefix(key, "arn:aws:kms:ap-southeast-2:111111111111:key/"),
		"AliasName": "alias/s3-account-a-bucket-encryption",
		"AccountId": "111111111111", "Region": "ap-southeast-2", "PolicyName": "access-s3-account-a-bucket",
		"Verified": "true", "ExistingObjects": "",
	}
	if !maps.Equal(a.Data, want) {
		t.Errorf("got  %v\nwant %v", a.Data, want)
	}
	again := s.update("account-a-bucket", properties(), properties())
	if !maps.Equal(again.Data, want) {
		t.Errorf("after an Update: %v", again.Data)
	}
	if a := s.update("account-a-bucket", properties("Verify", false), properties()); a.Data["Verified"] != "false" {
		t.Errorf("without Verify: %v", a.Data)
	}
	if a := s.delete("account-a-bucket", properties()); a.Data != nil {
		t.Errorf("a Delete has attributes: %v", a.Data)
	}
}

func TestAnswerIsPutOnceAndPlain(t *testing.T) {
	s := newFixture(t, ownerEnv)
	a := s.create(properties())
	if _, there := a.header["Content-Type"]; there || a.length != len(a.body) {
		t.Errorf("header %v, length %d of %d", a.header, a.length, len(a.body))
	}
}

func TestAnswerIsSentAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		replies []int
		fails   bool
	}{
		{name: "after a server error", replies: []int{500, 200}},
		{name: "after a throttled answer", replies: []int{429, 503, 200}},
		{name: "after broken connections", replies: []int{0, 0, 200}},
		{name: "but not without end", replies: []int{500, 500, 500, 500, 500}, fails: true},
		{name: "but not when it is refused", replies: []int{403}, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.reply = func(try int) int { return c.replies[try-1] }
			err := s.provider.Handle(t.Context(),
				Event{Event: s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)})
			if (err != nil) != c.fails || len(s.answers) != len(c.replies) {
				t.Errorf("%d tries: %v", len(s.answers), err)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), s.server.URL)) {
				t.Errorf("the error has the response URL: %v", err)
			}
		})
	}
	t.Run("to an address that is none, the URL stays secret", func(t *testing.T) {
		s := newFixture(t, ownerEnv)
		for _, to := range []string{"http://127.0.0.1:1/?" + secret, "://" + secret, "",
			"http://host.invalid\x7f/?" + secret} {
			e := s.event(cfn.RequestDelete, share.BucketType, "x", properties(), nil)
			e.ResponseURL = to
			if err := s.provider.Handle(t.Context(), Event{Event: e}); err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("to %q: %v", to, err)
			}
		}
	})
}

func TestReasonIsCutToSize(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{name: "plain", text: strings.Repeat("x", 10000)},
		{name: "of two bytes a letter", text: strings.Repeat("é", 10000)},
		{name: "of four bytes a letter, shifted", text: "a" + strings.Repeat("🪣", 5000)},
		{name: "that JSON makes longer", text: strings.Repeat("\x01\"<&", 3000)},
		{name: "that is no text", text: strings.Repeat("\xff", 9000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := cfn.Event{RequestType: cfn.RequestCreate, StackID: "s", RequestID: "r", LogicalResourceID: "l"}
			body, err := answerBody(e, outcome{id: "id", err: errors.New(c.text)})
			if err != nil {
				t.Fatal(err)
			}
			var a answer
			if err := json.Unmarshal(body, &a); err != nil || len(body) > maxAnswer || len(body) < maxAnswer/3 {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			if !utf8.ValidString(a.Reason) || !strings.HasSuffix(a.Reason, cutNote) || strings.Count(a.Reason, cutNote) != 1 ||
				a.Status != "FAILED" {
				t.Errorf("cut to %q", a.Reason)
			}
			if strings.Contains(a.Reason, "�") && c.name != "that is no text" {
				t.Errorf("cut through a letter: %q", a.Reason)
			}
		})
	}
	t.Run("attributes cannot be cut", func(t *testing.T) {
		body, err := answerBody(cfn.Event{RequestType: cfn.RequestCreate},
			outcome{id: "id", data: map[string]any{"X": strings.Repeat("x", 5000)}})
		if err != nil || !strings.Contains(string(body), `"FAILED"`) || len(body) > maxAnswer {
			t.Errorf("%s, %v", body, err)
		}
	})
}

func TestPanicIsAnswered(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.before = func(context.Context, string) error { panic("nobody expects this") }
	a := s.create(properties())
	s.want(a, "FAILED", a.PhysicalResourceId, "internal error: nobody expects this")
	if !strings.Contains(s.log.String(), "provider_test.go") {
		t.Error("the log has no stack")
	}
}

func TestDeadlineIsAnswered(t *testing.T) {
	t.Run("work that stops in time", func(t *testing.T) {
		t.Parallel()
		s := newFixture(t, ownerEnv)
		s.aws.before = func(ctx context.Context, what string) error {
			if what == "CreateKey" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		a := s.sendWithin(within(t, 2*time.Second), s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil))
		s.want(a, "FAILED", a.PhysicalResourceId, "CreateKey")
	})
	t.Run("work that does not stop", func(t *testing.T) {
		t.Parallel()
		s := newFixture(t, ownerEnv)
		s.provider.reserve = 2 * time.Second // room for the answer on a busy machine
		release := make(chan struct{})
		defer close(release)
		s.aws.before = func(context.Context, string) error { <-release; return errors.New("late") }
		a := s.sendWithin(within(t, 4*time.Second), s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil))
		s.want(a, "FAILED", a.PhysicalResourceId, "out of time")
	})
}

func TestFunctionOfAnotherAccountOrRegion(t *testing.T) {
	for name, arn := range map[string]string{
		"another account": "arn:aws:lambda:ap-southeast-2:333333333333:function:sharedbucket-provider",
		"another region":  "arn:aws:lambda:us-east-1:111111111111:function:sharedbucket-provider",
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{InvokedFunctionArn: arn})
			a := s.sendWithin(ctx, s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil))
			s.want(a, "FAILED", a.PhysicalResourceId, "cannot serve a stack in account 111111111111")
			if s.aws.writes > 0 {
				t.Errorf("%d writes", s.aws.writes)
			}
		})
	}
}

// An event may be delivered more than once.
func TestDuplicates(t *testing.T) {
	s := newFixture(t, ownerEnv)
	e := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
	first := s.send(e)
	writes := s.aws.writes
	second := s.send(e)
	if s.aws.writes != writes || !maps.Equal(first.Data, second.Data) {
		t.Errorf("the second Create wrote %d times and answered %v", s.aws.writes-writes, second.Data)
	}
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "SUCCESS", "account-a-bucket", "")
	s.wantNothing()
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "SUCCESS", "account-a-bucket", "")
}

func TestConcurrentDuplicates(t *testing.T) {
	for round := range 20 {
		s := newFixture(t, ownerEnv)
		s.aws.before = func(context.Context, string) error {
			time.Sleep(time.Duration(round) * 10 * time.Microsecond)
			return nil
		}
		e := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if err := s.provider.Handle(t.Context(), Event{Event: e}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		s.wantLeft(1, 1, 1)
		for _, a := range s.answers {
			s.want(a, "SUCCESS", "account-a-bucket", "")
		}
		b := s.aws.Buckets["account-a-bucket"]
		if k := s.aws.Keys[b.Encryption.KeyID]; k == nil || k.State != plan.KeyEnabled ||
			!slices.Contains(k.Aliases, "alias/s3-account-a-bucket-encryption") {
			t.Errorf("the bucket uses %s: %v", b.Encryption.KeyID, k)
		}
	}
}

func TestProofFails(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.before = func(_ context.Context, what string) error {
		if what == "ReadBack" {
			s.aws.Buckets["account-a-bucket"].AccessBlocked = false
		}
		return nil
	}
	a := s.create(properties())
	s.want(a, "FAILED", a.PhysicalResourceId,
		"public access is not blocked entirely (PutPublicAccessBlock account-a-bucket")
	s.want(s.delete(a.PhysicalResourceId, properties()), "SUCCESS", a.PhysicalResourceId, "")
	s.wantNothing()
}

func TestFailedCreateThenDelete(t *testing.T) {
	probe := newFixture(t, ownerEnv)
	probe.create(properties())
	for _, step := range probe.aws.Steps {
		t.Run("failing at "+string(step.Operation), func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.aws.failOn(string(step.Operation), "InternalError", 1000)
			a := s.create(properties())
			s.want(a, "FAILED", a.PhysicalResourceId, string(step.Operation))
			s.aws.works()
			s.want(s.delete(a.PhysicalResourceId, properties()), "SUCCESS", a.PhysicalResourceId, "")
			s.wantNothing()
			s.wantNobody()
		})
	}
}

// A stack that is kept after a failed Create is updated: that finishes the share, and CloudFormation deletes the failed
// Create, whose id is another.
func TestUpdateFinishesAFailedCreate(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.failOn("PutInlinePolicy", "InternalError", 1)
	failed := s.create(properties())
	a := s.update(failed.PhysicalResourceId, properties(), properties())
	s.want(a, "SUCCESS", "account-a-bucket", "")
	s.want(s.delete(failed.PhysicalResourceId, properties()), "SUCCESS", failed.PhysicalResourceId, "")
	s.wantLeft(1, 1, 1)
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "SUCCESS", "account-a-bucket", "")
	s.wantNothing()
}

// As long as no Update has finished it, the Delete of a failed Create cleans up, however far Updates came.
func TestUpdateThatDoesNotFinishAFailedCreate(t *testing.T) {
	for _, what := range []string{"PutBucketPolicy", "PutInlinePolicy", "ReadBack", "TagBucket"} {
		t.Run("failing at "+what, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.aws.failOn("CreateKey", "InternalError", 1)
			failed := s.create(properties())
			s.aws.failOn(what, "InternalError", 1000)
			a := s.update(failed.PhysicalResourceId, properties(), properties())
			s.want(a, "FAILED", failed.PhysicalResourceId, "InternalError")
			s.aws.works()
			s.want(s.delete(failed.PhysicalResourceId, properties()), "SUCCESS", failed.PhysicalResourceId, "")
			s.wantNothing()
		})
	}
}

// CloudFormation rolls a failed Update back with the properties swapped.
func TestFailedUpdateThenRollback(t *testing.T) {
	next := properties("Consumers", []any{map[string]any{"Account": "333333333333"}}, "Delegates",
		[]any{map[string]any{"User": "dilip"}}, "Versioning", "Suspended")
	for _, what := range []string{"DeleteInlinePolicy", "PutBucketPolicy", "PutKeyPolicy", "PutBucketVersioning",
		"PutInlinePolicy", "ReadBack"} {
		t.Run("failing at "+what, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.create(properties())
			before := s.aws.Clone()
			s.aws.failOn(what, "InternalError", 1000)
			s.want(s.update("account-a-bucket", next, properties()), "FAILED", "account-a-bucket", "InternalError")
			s.aws.works()
			s.want(s.update("account-a-bucket", properties(), next), "SUCCESS", "account-a-bucket", "")
			got := s.aws.Buckets["account-a-bucket"].Policy.Text()
			if want := before.Buckets["account-a-bucket"].Policy.Text(); !same(t, got, want) {
				t.Errorf("bucket policy %s, want %s", got, want)
			}
			s.wantLeft(1, 1, 1)
			if len(s.aws.Identities[ann]) != 1 {
				t.Error("ann has lost her inline policy")
			}
		})
	}
	t.Run("refused before anything is done", func(t *testing.T) {
		s := newFixture(t, ownerEnv)
		s.create(properties())
		writes := s.aws.writes
		bad := properties("BucketName", "No_Bucket", "Delegates", []any{map[string]any{"User": "a b"}})
		s.want(s.update("account-a-bucket", bad, properties()), "FAILED", "account-a-bucket", "BucketName")
		s.want(s.update("account-a-bucket", properties(), bad), "SUCCESS", "account-a-bucket", "")
		s.wantWrites(writes, plan.PutParameter) // the way back is put down
	})
}

func same(t *testing.T, a, b string) bool {
	t.Helper()
	equal, err := policy.Equal(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return equal
}

func TestReplacement(t *testing.T) {
	old, next := properties("RemovalPolicy", "Delete"), properties("RemovalPolicy", "Delete", "BucketName",
		"account-a-next")
	t.Run("succeeds, and the old share is deleted", func(t *testing.T) {
		s := newFixture(t, ownerEnv)
		s.create(old)
		s.want(s.update("account-a-bucket", next, old), "SUCCESS", "account-a-next", "")
		s.want(s.delete("account-a-bucket", old), "SUCCESS", "account-a-bucket", "")
		s.wantLeft(1, 1, 1)
		if s.aws.Buckets["account-a-next"] == nil {
			t.Error("the new bucket is gone")
		}
	})
	t.Run("succeeds, but the stack rolls back", func(t *testing.T) {
		s := newFixture(t, ownerEnv)
		s.create(old)
		s.update("account-a-bucket", next, old)
		writes := s.aws.writes
		s.aws.stackIs(rollingBack)
		s.want(s.update("account-a-next", old, next), "SUCCESS", "account-a-bucket", "")
		s.aws.stack = ""
		s.wantWrites(writes, plan.PutParameter)
		s.want(s.delete("account-a-next", next), "SUCCESS", "account-a-next", "")
		s.wantLeft(1, 1, 1)
	})
	probe := newFixture(t, ownerEnv)
	probe.create(old)
	for _, step := range probe.aws.Steps {
		t.Run("fails at "+string(step.Operation)+", and what it left is cleaned up", func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.create(old)
			s.aws.failOn(string(step.Operation), "InternalError", 1000)
			s.want(s.update("account-a-bucket", next, old), "FAILED", "account-a-bucket", string(step.Operation))
			s.aws.works()
			s.want(s.update("account-a-bucket", old, next), "SUCCESS", "account-a-bucket", "")
			s.wantLeft(1, 1, 1)
			if s.aws.Buckets["account-a-bucket"] == nil {
				t.Error("the old bucket is gone")
			}
		})
	}
	t.Run("fails because the other bucket is somebody's, which stays", func(t *testing.T) {
		s := newFixture(t, ownerEnv)
		s.create(old)
		must(t, s.provider.Handle(t.Context(), Event{Event: otherStack(s, next)}))
		s.want(s.update("account-a-bucket", next, old), "FAILED", "account-a-bucket", "belongs to another share")
		s.want(s.update("account-a-bucket", old, next), "SUCCESS", "account-a-bucket", "")
		if b := s.aws.Buckets["account-a-next"]; b == nil || b.Policy.Text() == "" {
			t.Error("the other stack's share was touched")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// otherStack is a Create by another stack.
func otherStack(s *fixture, p map[string]any) cfn.Event {
	e := s.event(cfn.RequestCreate, share.BucketType, "", p, nil)
	e.StackID = strings.Replace(e.StackID, "stack/shared/", "stack/other/", 1)
	return e
}

func TestSomebodyElsesBucketStays(t *testing.T) {
	s := newFixture(t, ownerEnv)
	must(t, s.provider.Handle(t.Context(), Event{Event: otherStack(s, properties())}))
	a := s.create(properties("RemovalPolicy", "Delete"))
	s.want(a, "FAILED", a.PhysicalResourceId, "belongs to another share")
	for _, id := range []string{a.PhysicalResourceId, "account-a-bucket", "invented"} {
		s.want(s.delete(id, properties("RemovalPolicy", "Delete")), "SUCCESS", id, "")
	}
	s.wantLeft(1, 1, 1)
}

func TestDeleteThatIsRefusedChangesNothingButTheGrants(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties("RemovalPolicy", "Delete"))
	s.aws.Buckets["account-a-bucket"].Objects = 3
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "FAILED", "account-a-bucket",
		"BucketNotEmpty")
	s.wantLeft(1, 1, 0)
	s.wantNobody()
	s.aws.Buckets["account-a-bucket"].Objects = 0
	s.want(s.delete("account-a-bucket", properties("RemovalPolicy", "Delete")), "SUCCESS", "account-a-bucket", "")
	s.wantNothing()
}

// CloudFormation may stop waiting for a Create and send its Delete while the Create still runs.
func TestDeleteOvertakesCreate(t *testing.T) {
	probe := newFixture(t, ownerEnv)
	probe.create(properties())
	for i, step := range probe.aws.Steps {
		t.Run(fmt.Sprintf("before %s", step.Operation), func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			n, deleted := 0, false
			s.aws.before = func(_ context.Context, what string) error {
				if slices.Contains([]string{"AwaitStack", "StackResourceEvent", "Observe", "ReadBack"}, what) || deleted {
					return nil
				}
				if n++; n == i+1 {
					deleted = true
					s.want(s.delete("shared-Share-INVENTED", properties()), "SUCCESS", "shared-Share-INVENTED", "")
				}
				return nil
			}
			if err := s.provider.Handle(t.Context(),
				Event{Event: s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)}); err != nil {
				t.Fatal(err)
			}
			if i < 2 {
				// The Delete came before there was a bucket: only the stack's status tells the Create not to go on, which
				// TestLateRunTakesBackWhatItWrote is about.
				return
			}
			create := s.answers[len(s.answers)-1]
			if create.Status == "SUCCESS" {
				t.Fatalf("Create succeeded after its Delete")
			}
			s.want(s.delete(create.PhysicalResourceId, properties()), "SUCCESS", create.PhysicalResourceId, "")
			s.wantNothing()
		})
	}
}

func accessProperties(changes ...any) map[string]any {
	p := map[string]any{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111",
		"Grantees": []any{map[string]any{"User": "dilip"}}}
	for i := 0; i < len(changes); i += 2 {
		p[changes[i].(string)] = changes[i+1]
	}
	return p
}

func TestAccessLife(t *testing.T) {
	s := newFixture(t, consumerEnv)
	send := func(kind cfn.RequestType, id string, p, old map[string]any) answer {
		t.Helper()
		return s.send(s.event(kind, share.AccessType, id, p, old))
	}
	const id = "access-s3-account-a-bucket@account-a-bucket"

	a := send(cfn.RequestCreate, "", accessProperties(), nil)
	s.want(a, "SUCCESS", id, "")
	if a.Data["Verified"] != "false" || a.Data["KeyArn"] != "" {
		t.Errorf("before the owner's side is there: %v", a.Data)
	}
	key := ownerEnv.KeyARN("1234abcd-12ab-34cd-56ef-1234567890ab")
	s.aws.foreignKey = &plan.Key{ARN: key, State: plan.KeyEnabled, Spec: plan.KeySymmetric, Usage: "ENCRYPT_DECRYPT"}
	a = send(cfn.RequestUpdate, id, accessProperties(), accessProperties())
	s.want(a, "SUCCESS", id, "")
	want := map[string]string{"BucketArn": "arn:aws:s3:::account-a-bucket", "KeyArn": key,
		"PolicyName": "access-s3-account-a-bucket", "Verified": "partly"}
	if !maps.Equal(a.Data, want) {
		t.Errorf("got %v, want %v", a.Data, want)
	}
	writes := s.aws.writes
	send(cfn.RequestUpdate, id, accessProperties(), accessProperties())
	if s.aws.writes != writes {
		t.Errorf("an Update that changes nothing wrote %d times", s.aws.writes-writes)
	}

	renamed := accessProperties("PolicyName", "other")
	s.want(send(cfn.RequestUpdate, id, renamed, accessProperties()), "SUCCESS", "other@account-a-bucket", "")
	s.want(send(cfn.RequestDelete, id, accessProperties(), nil), "SUCCESS", id, "")
	s.wantLeft(0, 0, 1)
	s.want(send(cfn.RequestDelete, "other@account-a-bucket", renamed, nil), "SUCCESS", "other@account-a-bucket", "")
	s.want(send(cfn.RequestDelete, "other@account-a-bucket", renamed, nil), "SUCCESS", "other@account-a-bucket", "")
	s.wantNothing()
}

func TestAccessFailures(t *testing.T) {
	const id = "access-s3-account-a-bucket@account-a-bucket"
	two := accessProperties("Grantees", []any{map[string]any{"User": []any{"ann", "dilip"}}})
	t.Run("a failed Create, then its Delete", func(t *testing.T) {
		s := newFixture(t, consumerEnv)
		n := 0
		s.aws.before = func(_ context.Context, what string) error {
			if what == "PutInlinePolicy" {
				if n++; n == 2 {
					return awsError("LimitExceeded")
				}
			}
			return nil
		}
		a := s.send(s.event(cfn.RequestCreate, share.AccessType, "", two, nil))
		s.want(a, "FAILED", a.PhysicalResourceId, "LimitExceeded")
		s.wantLeft(0, 0, 1)
		s.want(s.send(s.event(cfn.RequestDelete, share.AccessType, a.PhysicalResourceId, two, nil)), "SUCCESS",
			a.PhysicalResourceId, "")
		s.wantNothing()
	})
	t.Run("an Update that finishes a failed Create keeps its id", func(t *testing.T) {
		s := newFixture(t, consumerEnv)
		s.aws.failOn("PutInlinePolicy", "InternalError", 1)
		failed := s.send(s.event(cfn.RequestCreate, share.AccessType, "", two, nil))
		s.want(s.send(s.event(cfn.RequestUpdate, share.AccessType, failed.PhysicalResourceId, two, two)), "SUCCESS",
			failed.PhysicalResourceId, "")
		s.wantLeft(0, 0, 2)
	})
	t.Run("a failed rename, then its rollback", func(t *testing.T) {
		s := newFixture(t, consumerEnv)
		s.send(s.event(cfn.RequestCreate, share.AccessType, "", two, nil))
		renamed := accessProperties("Grantees", two["Grantees"], "PolicyName", "other")
		n := 0
		s.aws.before = func(_ context.Context, what string) error {
			if what == "PutInlinePolicy" {
				if n++; n == 2 {
					return awsError("LimitExceeded")
				}
			}
			return nil
		}
		s.want(s.send(s.event(cfn.RequestUpdate, share.AccessType, id, renamed, two)), "FAILED", id, "LimitExceeded")
		s.want(s.send(s.event(cfn.RequestUpdate, share.AccessType, id, two, renamed)), "SUCCESS", id, "")
		s.wantLeft(0, 0, 2)
	})
	t.Run("a Delete of what was refused", func(t *testing.T) {
		s := newFixture(t, consumerEnv)
		bad := accessProperties("OwnerAccount", "1", "Alias", "a b", "Grantees",
			[]any{map[string]any{"User": []any{"dilip", "a b"}}})
		a := s.send(s.event(cfn.RequestCreate, share.AccessType, "", bad, nil))
		s.want(a, "FAILED", a.PhysicalResourceId, "OwnerAccount")
		s.want(s.send(s.event(cfn.RequestDelete, share.AccessType, a.PhysicalResourceId, bad, nil)), "SUCCESS",
			a.PhysicalResourceId, "")
	})
	t.Run("a grantee that does not exist", func(t *testing.T) {
		s := newFixture(t, consumerEnv)
		a := s.send(s.event(cfn.RequestCreate, share.AccessType, "",
			accessProperties("Grantees", []any{map[string]any{"Role": "nobody"}}), nil))
		s.want(a, "FAILED", a.PhysicalResourceId, "role/nobody does not exist in this account")
	})
}
