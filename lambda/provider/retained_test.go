package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

const (
	cleansUp           = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	rolledBackCleansUp = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
)

// picture is what an account has, in a form in which equal things are equal.
type picture struct {
	Buckets    map[string]pictured
	Keys       map[string]pictured // those that do not wait for their deletion
	Policies   map[string]string   // of identities, by identity and name
	Remembered map[string]map[string]any
}

// pictured is a bucket or a key.
type pictured struct {
	Tags    map[string]string
	Policy  string
	Bucket  setting.BucketSettings
	Key     setting.KeySettings
	Aliases []string
	Objects int
	State   string
}

func (s *fixture) picture() picture {
	s.t.Helper()
	p := picture{map[string]pictured{}, map[string]pictured{}, map[string]string{}, map[string]map[string]any{}}
	canonical := func(text string) string {
		if text == "" {
			return ""
		}
		return sharetest.Canonical(s.t, text)
	}
	for name, b := range s.aws.Buckets {
		p.Buckets[name] = pictured{
			Tags: maps.Clone(b.Tags), Policy: canonical(b.Policy.Text()), Bucket: b.BucketSettings, Objects: b.Objects,
		}
	}
	for arn, k := range s.aws.Keys {
		if k.State != plan.KeyPendingDeletion {
			p.Keys[arn] = pictured{
				Tags: maps.Clone(k.Tags), Policy: canonical(k.Policy.Text()), Key: k.KeySettings, State: k.State,
				Aliases: slices.Sorted(slices.Values(k.Aliases)),
			}
		}
	}
	for id, policies := range s.aws.Identities {
		for name, text := range policies {
			p.Policies[id.String()+" "+name] = canonical(text)
		}
	}
	for name, text := range s.aws.Parameters {
		d, err := declaration.Read(text)
		must(s.t, err)
		p.Remembered[name] = d.Properties
	}
	return p
}

func (s *fixture) wantPicture(want picture) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.picture()); diff != "" {
		s.t.Errorf("it is not as it was:\n%s", diff)
	}
}

// retained is a resource of which CloudFormation has retained what it was once (UpdateReplacePolicy), and that an
// Update is to lead back there.
type retained struct {
	name     string
	resource string
	env      share.Env
	// first is retained, second is what the stack has, and again leads back to first.
	first, second, again map[string]any
	is, was              string // physical ids: the stack's, and that of the retained one
}

func retainedOnes() []retained {
	more := []any{map[string]any{"User": "ann"}, map[string]any{"User": "dilip"}}
	third := []any{map[string]any{"Account": "333333333333"}}
	return []retained{
		{
			name: "share", resource: share.BucketType, env: ownerEnv, is: "second-bucket", was: "account-a-bucket",
			first:  properties("Tags", map[string]any{"team": "a"}),
			second: properties("BucketName", "second-bucket"),
			again: properties("Delegates", more, "Consumers", third, "Versioning", "Suspended", "RemovalPolicy", "Delete",
				"Tags", map[string]any{"team": "b", "more": "c"}),
		},
		{
			name: "share, as it was", resource: share.BucketType, env: ownerEnv, is: "second-bucket", was: "account-a-bucket",
			first: properties(), second: properties("BucketName", "second-bucket"), again: properties(),
		},
		{
			name: "access", resource: share.AccessType, env: consumerEnv,
			is: "access-s3-second-bucket@second-bucket", was: "access-s3-account-a-bucket@account-a-bucket",
			first: accessProperties(), second: accessProperties("BucketName", "second-bucket"),
			again: accessProperties("Grantees", more),
		},
		{
			name: "access, as it was", resource: share.AccessType, env: consumerEnv,
			is: "access-s3-second-bucket@second-bucket", was: "access-s3-account-a-bucket@account-a-bucket",
			first: accessProperties(), second: accessProperties("BucketName", "second-bucket"),
			again: accessProperties(),
		},
	}
}

// begin makes the first one, and the second one in its place.
func (c retained) begin(t *testing.T) *fixture {
	t.Helper()
	s := newFixture(t, c.env)
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.want(s.send(s.event(cfn.RequestCreate, c.resource, "", c.first, nil)), "SUCCESS", c.was, "")
	s.aws.stackIs("UPDATE_IN_PROGRESS")
	s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.was, c.second, c.first)), "SUCCESS", c.is, "")
	s.aws.has = c.is
	if b := s.aws.Buckets["account-a-bucket"]; b != nil {
		b.Objects = 3
	}
	return s
}

// back is the Update to what was retained.
func (c retained) back(s *fixture) cfn.Event {
	return s.event(cfn.RequestUpdate, c.resource, c.is, c.again, c.second)
}

// A replacement by what was retained that came to its end, and whose stack goes back.
func TestRetainedIsAsItWasWhenItsStackGoesBack(t *testing.T) {
	for _, c := range retainedOnes() {
		t.Run(c.name, func(t *testing.T) {
			s := c.begin(t)
			before := s.picture()
			s.want(s.send(c.back(s)), "SUCCESS", c.was, "")
			s.aws.stackIs(rolledBackCleansUp)
			gone := s.event(cfn.RequestDelete, c.resource, c.was, c.again, nil)
			s.want(s.send(gone), "SUCCESS", c.was, "")
			s.wantPicture(before)
			s.want(s.send(gone), "SUCCESS", c.was, "") // delivered twice
			s.wantPicture(before)
		})
	}
}

// A replacement by what was retained that fails at any call.
func TestRetainedIsAsItWasWhenTheUpdateFails(t *testing.T) {
	for _, c := range retainedOnes() {
		for at := 1; c.failsAt(t, at); at++ {
		}
	}
}

func (c retained) failsAt(t *testing.T, at int) (came bool) {
	t.Run(c.name, func(t *testing.T) {
		s := c.begin(t)
		before := s.picture()
		s.failCall(at, &came)
		e := c.back(s)
		a := s.send(e)
		s.aws.works()
		if !came {
			return
		}
		s.aws.stackIs(rollingBack)
		if a.Status == "SUCCESS" {
			t.Skip("it does not depend on that call")
		}
		s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.is, c.second, c.again)), "SUCCESS", c.is, "")
		s.wantPicture(before)
	})
	return came
}

// failCall refuses one call of the next event, those apart that ask the stack.
func (s *fixture) failCall(at int, came *bool) {
	n := 0
	s.aws.before = func(_ context.Context, what string) error {
		if strings.Contains(what, "Stack") {
			return nil
		}
		if n++; n == at {
			*came = true
			return awsError("AccessDenied")
		}
		return nil
	}
}

// CloudFormation has forgotten what a Delete could not put back: the next event of what its stack has does.
func TestRetainedIsPutBackByTheNextEvent(t *testing.T) {
	for _, c := range retainedOnes() {
		forgotten := func(t *testing.T) (*fixture, picture) {
			s := c.begin(t)
			before := s.picture()
			s.want(s.send(c.back(s)), "SUCCESS", c.was, "")
			s.aws.stackIs(rolledBackCleansUp)
			s.shutOut()
			for range 3 {
				s.send(s.event(cfn.RequestDelete, c.resource, c.was, c.again, nil))
			}
			s.aws.works()
			s.aws.stackIs("UPDATE_ROLLBACK_COMPLETE")
			return s, before
		}
		t.Run(c.name+", an Update", func(t *testing.T) {
			s, before := forgotten(t)
			s.metrics.Reset()
			s.wantLook(2, 1, 0, 0)
			s.aws.stackIs("UPDATE_IN_PROGRESS")
			revised := maps.Clone(c.second)
			revised["Revision"] = "2"
			s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.is, revised, c.second)), "SUCCESS", c.is, "")
			s.wantPicture(before)
		})
		t.Run(c.name+", the Delete of the stack", func(t *testing.T) {
			s, before := forgotten(t)
			s.aws.stackIs("DELETE_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.is, c.second, nil)), "SUCCESS", c.is, "")
			for name, was := range before.Remembered {
				if is := s.picture().Remembered[name]; strings.Contains(name, "account-a-bucket") != (is != nil) ||
					is != nil && !cmp.Equal(is, was) {
					t.Errorf("%s is %v", name, is)
				}
			}
			if diff := cmp.Diff(before.Buckets["account-a-bucket"], s.picture().Buckets["account-a-bucket"]); diff != "" {
				t.Error(diff)
			}
		})
		t.Run(c.name+", continue-update-rollback", func(t *testing.T) {
			s := c.begin(t)
			before := s.picture()
			s.aws.failOn("PutInlinePolicy", "AccessDenied", 1000)
			a := s.send(c.back(s))
			s.aws.stackIs(rollingBack)
			s.shutOut()
			if a.Status == "SUCCESS" {
				t.Skip("it writes none")
			}
			s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.is, c.second, c.again)), "FAILED", c.is, "AccessDenied")
			s.aws.works()
			s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.is, c.second, c.second)), "SUCCESS", c.is, "")
			s.wantPicture(before)
		})
	}
}

// Once it came to have its place, it goes as anything does.
func TestRetainedThatHasItsPlaceGoes(t *testing.T) {
	for _, c := range retainedOnes() {
		for name, status := range map[string]string{"with its stack": "DELETE_IN_PROGRESS", "by itself": cleansUp} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				s := c.begin(t)
				s.want(s.send(c.back(s)), "SUCCESS", c.was, "")
				s.aws.has = c.was
				s.aws.stackIs(status)
				if b := s.aws.Buckets["account-a-bucket"]; b != nil {
					b.Objects = 0
				}
				s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.was, c.again, nil)), "SUCCESS", c.was, "")
				for what := range s.picture().Remembered {
					if strings.Contains(what, "account-a-bucket") {
						t.Errorf("it is remembered: %v", s.aws.Parameters)
					}
				}
			})
		}
	}
}

// A run of the Update that goes on while its stack goes back takes back what it writes after that.
func TestLateRunToWhatWasRetained(t *testing.T) {
	for _, c := range retainedOnes() {
		for at := 1; c.isLate(t, at); at++ {
		}
	}
}

func (c retained) isLate(t *testing.T, at int) (came bool) {
	t.Run(c.name, func(t *testing.T) {
		s := c.begin(t)
		before := s.picture()
		e := c.back(s)
		n := 0
		s.aws.before = func(_ context.Context, what string) error {
			if slices.Contains([]string{"AwaitStack", "StackSince", "Observe", "ReadBack", "Canary", "Memory"}, what) {
				return nil
			}
			if n++; n == at {
				came = true
				s.aws.stackIs(rollingBack)
				s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.is, c.second, c.again)), "SUCCESS", c.is, "")
				s.aws.stackIs("UPDATE_ROLLBACK_COMPLETE")
			}
			return nil
		}
		must(t, s.provider.Handle(t.Context(), Event{Event: e}))
		if came {
			s.wantPicture(before)
		}
	})
	return came
}

// Whoever may write parameters lets nobody in by that, and keeps nobody's access from going.
func TestForgedRetained(t *testing.T) {
	for name, forge := range map[string]func(*declaration.Declaration){
		"what it was": func(d *declaration.Declaration) {
			d.Before = declaration.Lasting(properties("Consumers", []any{map[string]any{"Account": "666666666666"}}))
		},
		"that it stays": func(d *declaration.Declaration) { d.Retained = true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.aws.stackIs("UPDATE_IN_PROGRESS")
			s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
			for name, text := range s.aws.Parameters {
				d, _ := declaration.Read(text)
				forge(&d)
				s.aws.Parameters[name], _ = d.Text()
			}
			s.aws.writer = "arn:aws:iam::111111111111:user/mallory"
			s.aws.stackIs(rolledBackCleansUp)
			s.want(s.delete("account-a-bucket", properties()), "SUCCESS", "account-a-bucket", "")
			s.wantNobody()
			if len(s.aws.Parameters) > 0 || len(s.aws.Identities[ann]) > 0 {
				t.Errorf("it is there still: %v", s.aws.Parameters)
			}
		})
	}
}
