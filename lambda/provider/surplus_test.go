package provider

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// An event comes twice at once, both runs make a key, and the process of the one that lost dies before it gives its
// own up. What comes next gives it up.
func TestKeyOfADuplicateThatDied(t *testing.T) {
	next := map[string]func(*fixture){
		"an Update": func(s *fixture) {
			changed := properties("Revision", "2")
			s.want(s.update("account-a-bucket", changed, properties()), "SUCCESS", "account-a-bucket", "")
		},
		"the Create once more": func(s *fixture) {
			s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
		},
		"a Delete that retains": func(s *fixture) {
			s.want(s.delete("account-a-bucket", properties()), "SUCCESS", "account-a-bucket", "")
		},
		"a look that repairs": func(s *fixture) {
			s.want(s.update("account-a-bucket", properties("Drift", share.Repair), properties()), "SUCCESS",
				"account-a-bucket", "")
			s.leaveKey()
			s.aws.stack = "UPDATE_COMPLETE"
			s.metrics.Reset()
			s.wantLook(1, 1, 1, 0)
			s.metrics.Reset()
			s.wantLook(1, 0, 0, 0)
		},
	}
	for name, do := range next {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.createTwiceAndKillOne()
			used := s.aws.Buckets["account-a-bucket"].Encryption.KeyID
			do(s)
			for arn, k := range s.aws.Keys {
				if goes := k.State == plan.KeyPendingDeletion; goes != (arn != used) {
					t.Errorf("%s of %v is %s", arn, k.Tags, k.State)
				}
			}
		})
	}
}

// createTwiceAndKillOne leaves two keys, of which the bucket uses one.
func (s *fixture) createTwiceAndKillOne() {
	s.t.Helper()
	died := make(chan struct{})
	event := s.event(cfn.RequestCreate, share.BucketType, "", properties(), nil)
	s.aws.before = func(_ context.Context, what string) error {
		if what != "CreateAlias" {
			return nil
		}
		s.aws.works()
		close(died)
		select {} // its process is no more
	}
	go func() { _ = s.provider.Handle(context.Background(), Event{Event: event}) }()
	<-died
	s.aws.mu.Lock()
	made := slices.IndexFunc(s.aws.Steps, func(step plan.Step) bool { return step.Operation == plan.CreateKey })
	lost := s.aws.Steps[made]
	s.aws.mu.Unlock()
	for _, k := range s.aws.Keys {
		k.Tags = nil // the tagging API does not know the key yet
	}
	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	for _, k := range s.aws.Keys {
		if k.Tags == nil {
			k.Tags = lost.Tags
		}
	}
	if len(s.aws.Keys) != 2 {
		s.t.Fatalf("there are %d keys, want the share's and the one of the run that died", len(s.aws.Keys))
	}
}

// leaveKey leaves one more key as a run does that dies right after it made one.
func (s *fixture) leaveKey() {
	s.t.Helper()
	made := slices.IndexFunc(s.aws.Steps, func(step plan.Step) bool { return step.Operation == plan.CreateKey })
	if _, err := s.aws.Account.Apply(s.aws.Steps[made]); err != nil {
		s.t.Fatal(err)
	}
}
