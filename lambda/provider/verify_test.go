package provider

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// onlyListing is a boundary that somebody else has put on the identities of an account.
var onlyListing = proof.NewDocument("only-listing",
	`{"Version":"2012-10-17","Statement":[{"Sid":"List","Effect":"Allow","Action":"s3:List*","Resource":"*"}]}`,
	grammar.Boundary)

// matrices are those in the log, one line each.
func (s *fixture) matrices() []proof.Matrix {
	s.t.Helper()
	var all []proof.Matrix
	lines := bufio.NewScanner(bytes.NewReader(s.log.Bytes()))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Matrix *proof.Matrix }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			s.t.Fatalf("a line of the log is no JSON: %v: %s", err, lines.Text())
		}
		if line.Matrix != nil {
			all = append(all, *line.Matrix)
		}
	}
	return all
}

func TestShareIsVerified(t *testing.T) {
	s := newFixture(t, ownerEnv)
	a := s.create(properties())
	if a.Data["Verified"] != "true" || s.aws.looks != 1 {
		t.Errorf("Verified is %q after %d looks", a.Data["Verified"], s.aws.looks)
	}
	found := s.matrices()
	if len(found) != 1 || found[0].Bucket != "account-a-bucket" || found[0].Verified != proof.True {
		t.Fatalf("matrices in the log: %+v", found)
	}
	roles := map[proof.Role]bool{}
	for _, row := range found[0].Subjects {
		roles[row.Role] = roles[row.Role] || len(row.Cells) > 0
	}
	for _, role := range []proof.Role{proof.Delegate, proof.Consumer, proof.Stranger} {
		if !roles[role] {
			t.Errorf("no %s was asked about", role)
		}
	}
}

func TestShareThatIsNotVerified(t *testing.T) {
	s := newFixture(t, ownerEnv)
	a := s.create(properties("Verify", false))
	if a.Data["Verified"] != "false" || s.aws.looks > 0 {
		t.Errorf("Verified is %q after %d looks", a.Data["Verified"], s.aws.looks)
	}
}

// What could not be read is never counted as proven.
func TestWhatIsUnreadIsVerifiedPartly(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.unread = []proof.Unread{{Part: proof.SCPs, Account: ownerEnv.Account, Why: "AccessDenied"}}
	a := s.create(properties())
	s.want(a, "SUCCESS", "account-a-bucket", "")
	if a.Data["Verified"] != "partly" {
		t.Errorf("Verified is %q", a.Data["Verified"])
	}
}

// A share whose documents are all in place and that does not work fails, and says who cannot do what, and why.
func TestShareThatDoesNotWorkFails(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.aws.boundary = &onlyListing
	a := s.create(properties())
	s.want(a, "FAILED", a.PhysicalResourceId, "user/ann of 111111111111 cannot")
	for _, text := range []string{"GetObject", "boundary"} {
		if !strings.Contains(a.Reason, text) {
			t.Errorf("the Reason lacks %q: %s", text, a.Reason)
		}
	}
	if s.aws.looks != looks {
		t.Errorf("looked %d times, want %d", s.aws.looks, looks)
	}
	s.want(s.delete(a.PhysicalResourceId, properties()), "SUCCESS", a.PhysicalResourceId, "")
	s.wantNothing()
}

// An Update that fails for it is rolled back: what is in the way is there then too, and must not get the stack stuck.
func TestRollBackIsNotHeldUpByWhatIsInTheWay(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties())
	s.aws.boundary = &onlyListing
	next := properties("Versioning", "Suspended")
	s.want(s.update("account-a-bucket", next, properties()), "FAILED", "account-a-bucket", "boundary")
	s.aws.stack = "UPDATE_ROLLBACK_IN_PROGRESS"
	a := s.update("account-a-bucket", properties(), next)
	s.want(a, "SUCCESS", "account-a-bucket", "")
	if a.Data["Verified"] != "false" || !strings.Contains(s.log.String(), "the stack is rolling back") {
		t.Errorf("Verified is %q", a.Data["Verified"])
	}
}

// A difference that others made is found by an Update that has nothing to write: that is what Revision is for.
func TestRevisionVerifiesAgain(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties("Revision", "1"))
	writes := s.aws.writes
	s.aws.boundary = &onlyListing
	a := s.update("account-a-bucket", properties("Revision", "2"), properties("Revision", "1"))
	s.want(a, "FAILED", "account-a-bucket", "boundary")
	if s.aws.writes != writes {
		t.Errorf("%d writes", s.aws.writes-writes)
	}
}

// And what others took away is put back.
func TestRevisionMends(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.create(properties())
	b := s.aws.Buckets["account-a-bucket"]
	before := b.Policy
	b.Policy = policy.Stored{}
	a := s.update("account-a-bucket", properties("Revision", "again"), properties())
	s.want(a, "SUCCESS", "account-a-bucket", "")
	if !b.Policy.Equal(before) || a.Data["Verified"] != "true" {
		t.Errorf("bucket policy %s, verified %s", b.Policy.Text(), a.Data["Verified"])
	}
}

func TestAccessThatDoesNotWorkFails(t *testing.T) {
	s := newFixture(t, consumerEnv)
	s.aws.boundary = &onlyListing
	s.aws.foreignKey = &plan.Key{
		ARN:   ownerEnv.KeyARN("1234abcd-12ab-34cd-56ef-1234567890ab"),
		State: plan.KeyEnabled, Spec: plan.KeySymmetric, Usage: "ENCRYPT_DECRYPT",
	}
	a := s.send(s.event(cfn.RequestCreate, share.AccessType, "", accessProperties(), nil))
	s.want(a, "FAILED", a.PhysicalResourceId, "user/dilip of 222222222222 cannot")
	s.want(s.send(s.event(cfn.RequestDelete, share.AccessType, a.PhysicalResourceId, accessProperties(), nil)),
		"SUCCESS", a.PhysicalResourceId, "")
	s.wantNothing()
}
