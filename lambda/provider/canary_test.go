package provider

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// accessFixture is a consumer's account that sees the owner's key.
func accessFixture(t *testing.T) *fixture {
	s := newFixture(t, consumerEnv)
	s.aws.foreignKey = &plan.Key{
		ARN:   ownerEnv.KeyARN("1234abcd-12ab-34cd-56ef-1234567890ab"),
		State: plan.KeyEnabled, Spec: plan.KeySymmetric, Usage: "ENCRYPT_DECRYPT",
	}
	return s
}

func (s *fixture) access(kind cfn.RequestType, id string, p, old map[string]any) answer {
	s.t.Helper()
	return s.send(s.event(kind, share.AccessType, id, p, old))
}

// A canary is sent with each Create and Update that sees the owner's key, and with nothing else.
func TestWhenACanaryIsSent(t *testing.T) {
	p := accessProperties()
	for _, c := range []struct {
		name string
		do   func(*fixture)
		want int
	}{
		{name: "Create", want: 1, do: func(s *fixture) { s.access(cfn.RequestCreate, "", p, nil) }},
		{
			name: "Create and Update", want: 2,
			do: func(s *fixture) {
				a := s.access(cfn.RequestCreate, "", p, nil)
				s.access(cfn.RequestUpdate, a.PhysicalResourceId, p, p)
			},
		},
		{
			name: "Create and Delete", want: 1,
			do: func(s *fixture) {
				a := s.access(cfn.RequestCreate, "", p, nil)
				s.access(cfn.RequestDelete, a.PhysicalResourceId, p, nil)
			},
		},
		{
			name: "the owner is not deployed yet", want: 0,
			do: func(s *fixture) {
				s.aws.foreignKey = nil
				a := s.access(cfn.RequestCreate, "", p, nil)
				if a.Status != "SUCCESS" || a.Data["Verified"] != "false" {
					t.Errorf("%s, verified %s", a.Reason, a.Data["Verified"])
				}
			},
		},
		{
			name: "not declared", want: 0,
			do: func(s *fixture) {
				without := accessProperties()
				without["Canary"] = false
				s.access(cfn.RequestCreate, "", without, nil)
			},
		},
		{
			name: "a forged event", want: 0,
			do: func(s *fixture) {
				s.aws.stack = "CREATE_COMPLETE"
				s.access(cfn.RequestCreate, "", p, nil)
			},
		},
		{
			name: "the stack rolls back", want: 0,
			do: func(s *fixture) {
				s.aws.stack = "UPDATE_ROLLBACK_IN_PROGRESS"
				s.access(cfn.RequestUpdate, "access-s3-account-a-bucket@account-a-bucket", p, p)
			},
		},
		{
			name: "an owner's share", want: 0,
			do: func(s *fixture) { s.create(properties()) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := accessFixture(t)
			c.do(s)
			if len(s.aws.canaries) != c.want {
				t.Errorf("%d canaries, want %d", len(s.aws.canaries), c.want)
			}
			for _, key := range s.aws.canaries {
				if !document.IsCanary(key) || !strings.Contains(key, "/"+consumerEnv.Account+"/") {
					t.Errorf("its key is %s", key)
				}
			}
		})
	}
}

// A canary that is refused fails the resource beside what the evaluator found; one that panics is answered.
func TestCanaryThatDoesNotComeBack(t *testing.T) {
	s := accessFixture(t)
	s.aws.failOn("Canary", "AccessDenied", 9)
	s.aws.boundary = &onlyListing
	a := s.access(cfn.RequestCreate, "", accessProperties(), nil)
	s.want(a, "FAILED", a.PhysicalResourceId, "does not work")
	if !strings.Contains(a.Reason, "user/dilip of 222222222222 cannot") || !strings.Contains(a.Reason, "AccessDenied") {
		t.Errorf("the Reason is %s", a.Reason)
	}
	s.want(s.access(cfn.RequestDelete, a.PhysicalResourceId, accessProperties(), nil), "SUCCESS", a.PhysicalResourceId, "")
	s.wantNothing()

	s.aws.boundary, s.aws.panics = nil, true
	a = s.access(cfn.RequestCreate, "", accessProperties(), nil)
	s.want(a, "FAILED", a.PhysicalResourceId, "internal error")
}
