package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// replacements are the Updates whose way back is to fail.
func replacements() []rolledBack {
	all := updatesToRollBack()
	return []rolledBack{all[1], all[3]}
}

// shutOut denies all that would write, or one step alone.
func (s *fixture) shutOut(alone ...string) {
	s.aws.before = func(_ context.Context, what string) error {
		switch what {
		case "AwaitStack", "StackSince", "StackResource", "Observe", "ReadBack", "Memory":
			return nil
		}
		if len(alone) > 0 && !slices.Contains(alone, what) {
			return nil
		}
		return awsError("AccessDenied")
	}
}

// forgotten is a replacement that came to its end, whose stack went back, and whose new resource could not be deleted.
func (c rolledBack) forgotten(t *testing.T, denied ...string) *fixture {
	t.Helper()
	s, _, back, _ := c.begin(t, "")
	s.want(s.send(back), "SUCCESS", c.id, "")
	s.aws.stackIs("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
	s.shutOut(denied...)
	for range 3 {
		gone := s.event(cfn.RequestDelete, c.resource, back.PhysicalResourceID, c.p, nil)
		s.want(s.send(gone), "FAILED", back.PhysicalResourceID, "AccessDenied")
	}
	s.aws.works()
	s.aws.has = c.id
	s.aws.stackIs("UPDATE_ROLLBACK_COMPLETE")
	if len(s.aws.Parameters) != 2 {
		t.Fatalf("there is nothing left over: %v", s.aws.Parameters)
	}
	return s
}

// updated is an Update that only has another Revision.
func (c rolledBack) updated(s *fixture) {
	s.t.Helper()
	s.aws.stackIs("UPDATE_IN_PROGRESS")
	revised := map[string]any{"Revision": fmt.Sprint(s.events)}
	for k, v := range c.old {
		revised[k] = v
	}
	s.want(s.send(s.event(cfn.RequestUpdate, c.resource, c.id, revised, c.old)), "SUCCESS", c.id, "")
}

// wantAlone asks that there is one resource, and that nothing is said to take its place.
func (c rolledBack) wantAlone(s *fixture) {
	s.t.Helper()
	buckets, policies := len(s.aws.Buckets), 0
	for _, p := range s.aws.Identities {
		policies += len(p)
	}
	if policies != 1 || c.resource == share.BucketType && (buckets != 1 || s.aws.Buckets[c.id] == nil) {
		s.t.Errorf("there are %d buckets, %d policies", buckets, policies)
	}
	if len(s.aws.Parameters) != 1 {
		s.t.Errorf("remembered: %v", s.aws.Parameters)
	}
	for _, text := range s.aws.Parameters {
		d, err := declaration.Read(text)
		if err != nil || len(d.ReplacedBy) > 0 || d.Replaces != "" || d.PhysicalID() != c.id {
			s.t.Errorf("remembered: %s", text)
		}
	}
	live := 0
	for _, k := range s.aws.Keys {
		if k.State != plan.KeyPendingDeletion {
			live++
		}
	}
	if live != buckets {
		s.t.Errorf("there are %d keys", live)
	}
	writes := len(s.aws.Steps)
	c.updated(s)
	s.wantWrites(writes)
}

// continue-update-rollback names no properties of the replacement any more: what is remembered leads to it.
func TestWayBackThatIsContinuedFindsTheReplacement(t *testing.T) {
	for _, c := range replacements() {
		for _, breaks := range []string{"PutPublicAccessBlock", "PutBucketPolicy", "PutInlinePolicy", "ReadBack"} {
			t.Run(c.name+", breaks at "+breaks, func(t *testing.T) {
				s, _, back, _ := c.begin(t, breaks)
				if back.PhysicalResourceID != c.id {
					t.Skip("an access does not come there")
				}
				s.shutOut()
				s.want(s.send(back), "FAILED", c.id, "AccessDenied")
				s.aws.works()
				continued := s.event(cfn.RequestUpdate, c.resource, c.id, c.old, c.old)
				s.want(s.send(continued), "SUCCESS", c.id, "")
				c.wantAlone(s)
			})
		}
	}
}

func TestNextEventGivesUpWhatIsLeftOver(t *testing.T) {
	for _, c := range replacements() {
		t.Run(c.name+", an Update", func(t *testing.T) {
			s := c.forgotten(t)
			c.updated(s)
			c.wantAlone(s)
		})
		for _, denied := range []string{"DeleteBucket", "ScheduleKeyDeletion", "DeleteInlinePolicy"} {
			if c.resource == share.AccessType && denied != "DeleteInlinePolicy" {
				continue
			}
			t.Run(c.name+", when the Delete failed at "+denied, func(t *testing.T) {
				s := c.forgotten(t, denied)
				c.updated(s)
				c.wantAlone(s)
			})
		}
		t.Run(c.name+", an Update that cannot", func(t *testing.T) {
			s := c.forgotten(t)
			s.shutOut()
			c.updated(s)
			s.aws.works()
			c.updated(s)
			c.wantAlone(s)
		})
		t.Run(c.name+", the same replacement again", func(t *testing.T) {
			s := c.forgotten(t)
			s.aws.stackIs("UPDATE_IN_PROGRESS")
			made := s.send(s.event(cfn.RequestUpdate, c.resource, c.id, c.p, c.old))
			s.want(made, "SUCCESS", made.PhysicalResourceId, "")
			s.aws.has = made.PhysicalResourceId
			s.aws.stackIs("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "SUCCESS", c.id, "")
			rolledBack{resource: c.resource, id: made.PhysicalResourceId, old: c.p}.wantOnly(s)
		})
		t.Run(c.name+", another replacement", func(t *testing.T) {
			s := c.forgotten(t)
			s.aws.stackIs("UPDATE_IN_PROGRESS")
			third := accessProperties("PolicyName", "third")
			if c.resource == share.BucketType {
				third = properties("BucketName", "third-bucket", "RemovalPolicy", "Delete", "Verify", "false")
			}
			made := s.send(s.event(cfn.RequestUpdate, c.resource, c.id, third, c.old))
			s.want(made, "SUCCESS", made.PhysicalResourceId, "")
			s.aws.has = made.PhysicalResourceId
			s.aws.stackIs("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "SUCCESS", c.id, "")
			rolledBack{resource: c.resource, id: made.PhysicalResourceId, old: third}.wantOnly(s)
		})
		t.Run(c.name+", the Delete of the stack", func(t *testing.T) {
			s := c.forgotten(t)
			s.aws.stackIs("DELETE_IN_PROGRESS")
			s.shutOut()
			gone := s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)
			s.want(s.send(gone), "FAILED", c.id, "AccessDenied")
			s.aws.works()
			s.want(s.send(gone), "SUCCESS", c.id, "")
			s.wantNothing()
			if len(s.aws.Parameters) > 0 {
				t.Errorf("remembered: %v", s.aws.Parameters)
			}
		})
	}
}

// wantOnly is wantAlone right after a replacement. A third inline policy does not fit, and becomes a managed one.
func (c rolledBack) wantOnly(s *fixture) {
	s.t.Helper()
	policies := len(s.aws.Policies)
	for _, p := range s.aws.Identities {
		policies += len(p)
	}
	if policies != 1 || len(s.aws.Parameters) != 1 || c.resource == share.BucketType && len(s.aws.Buckets) != 1 {
		s.t.Errorf("there are %d buckets, %d policies, %v", len(s.aws.Buckets), policies, s.aws.Parameters)
	}
}

// What UpdateReplacePolicy retains is in use, and stays whatever events come.
func TestWhatIsRetainedIsNotLeftOver(t *testing.T) {
	for _, c := range replacements() {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, c.env)
			s.want(s.send(s.event(cfn.RequestCreate, c.resource, "", c.old, nil)), "SUCCESS", c.id, "")
			first := s.send(s.event(cfn.RequestUpdate, c.resource, c.id, c.p, c.old)) // c.old is retained
			s.want(first, "SUCCESS", first.PhysicalResourceId, "")
			id := first.PhysicalResourceId
			wantBoth := func(what string) {
				t.Helper()
				n := 0
				for _, policies := range s.aws.Identities {
					n += len(policies)
				}
				if len(s.aws.Parameters) != 2 || n != 2 {
					t.Errorf("after %s there are %d policies, %v", what, n, s.aws.Parameters)
				}
			}
			wantBoth("the replacement")
			send := func(what, id string, p, old map[string]any) string {
				t.Helper()
				a := s.send(s.event(cfn.RequestUpdate, c.resource, id, p, old))
				if a.Status != "SUCCESS" {
					t.Errorf("%s: %s", what, a.Reason)
				}
				wantBoth(what)
				return a.PhysicalResourceId
			}
			id = send("an Update", id, c.p, c.p)
			back := send("the replacement by what was retained", id, c.old, c.p)
			send("an Update of that", back, c.old, c.old)
			id = send("the replacement once more", back, c.p, c.old)
			s.aws.has = id
			s.aws.stackIs("DELETE_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, id, c.p, nil)), "SUCCESS", id, "")
			if len(s.aws.Parameters) != 1 || s.aws.Buckets["account-a-bucket"] == nil && c.resource == share.BucketType {
				t.Errorf("what was retained is gone: %v", s.aws.Parameters)
			}
		})
	}
}

// The Delete of a resource whose stack has another one by now takes that one's place for nobody's.
func TestDeleteOfAReplacedResourceLeavesTheOther(t *testing.T) {
	const cleanup = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	for _, c := range replacements() {
		_, _, back, _ := c.begin(t, "")
		for _, at := range []struct{ status, has string }{
			{status: cleanup, has: back.PhysicalResourceID}, {status: cleanup, has: c.id},
			{status: "DELETE_IN_PROGRESS", has: back.PhysicalResourceID}, {status: "DELETE_IN_PROGRESS"},
		} {
			s, _, back, _ := c.begin(t, "")
			s.aws.stackIs(at.status)
			s.aws.has = at.has
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "SUCCESS", c.id, "")
			rolledBack{resource: c.resource, id: back.PhysicalResourceID}.wantOnly(s)
		}
	}
}

func TestWhatIsLeftOverKeepsItsObjects(t *testing.T) {
	c := replacements()[0]
	s := c.forgotten(t)
	s.aws.Buckets["another-bucket"].Objects = 1
	c.updated(s)
	if b := s.aws.Buckets["another-bucket"]; b == nil || b.Policy.Text() != "" || len(s.aws.Parameters) != 1 {
		t.Errorf("the bucket is %v, remembered %v", b, s.aws.Parameters)
	}
}

// Whoever may write parameters has nothing given up that the provider itself did not write down.
func TestForgedLeftOvers(t *testing.T) {
	forge := func(change func(*declaration.Declaration)) func(*fixture) {
		return func(s *fixture) {
			for name, text := range s.aws.Parameters {
				if d, _ := declaration.Read(text); d.Replaces != "" {
					change(&d)
					s.aws.Parameters[name], _ = d.Text()
				}
			}
		}
	}
	for name, forged := range map[string]func(*fixture){
		"by another writer":      func(s *fixture) { s.aws.writer = "arn:aws:iam::111111111111:user/mallory" },
		"of another stack":       forge(func(d *declaration.Declaration) { d.StackID += "x" }),
		"of another resource":    forge(func(d *declaration.Declaration) { d.LogicalID = "Other" }),
		"that replaces nothing":  forge(func(d *declaration.Declaration) { d.Replaces = "" }),
		"that replaces another":  forge(func(d *declaration.Declaration) { d.Replaces += "0" }),
		"of another bucket":      forge(func(d *declaration.Declaration) { d.Properties["BucketName"] = "x-bucket" }),
		"that cannot be read":    func(s *fixture) { s.aws.Parameters[nameOfReplacement(s)] = "garbage" },
		"of another type":        forge(func(d *declaration.Declaration) { d.Type = share.AccessType }),
		"that is the share's":    func(s *fixture) { s.pointTo(func(own string) string { return own }) },
		"of some other resource": func(s *fixture) { s.pointTo(func(string) string { return "/somewhere/else" }) },
	} {
		t.Run(name, func(t *testing.T) {
			c := replacements()[0]
			s := c.forgotten(t)
			forged(s)
			c.updated(s)
			if len(s.aws.Buckets) != 2 || s.aws.Buckets["another-bucket"].Policy.Text() == "" {
				t.Errorf("the bucket was given up: %v", s.aws.Parameters)
			}
		})
	}
}

func nameOfReplacement(s *fixture) string {
	for name, text := range s.aws.Parameters {
		if d, _ := declaration.Read(text); d.Replaces != "" {
			return name
		}
	}
	s.t.Fatal("there is no replacement")
	return ""
}

// pointTo has the share's own parameter name something else as its replacement.
func (s *fixture) pointTo(to func(own string) string) {
	for name, text := range s.aws.Parameters {
		if d, _ := declaration.Read(text); len(d.ReplacedBy) > 0 {
			d.ReplacedBy = []string{to(name)}
			s.aws.Parameters[name], _ = d.Text()
		}
	}
}

// The schedule says of a share that is left over that it is, and of one that took its place that all is well. It mends
// neither.
func TestLookFindsWhatIsLeftOver(t *testing.T) {
	c := replacements()[0]
	for has, drift := range map[string]float64{c.id: 1, "another-bucket": 0, "": 0} {
		s := c.forgotten(t)
		s.aws.has = has
		s.metrics.Reset()
		s.log.Reset()
		writes := len(s.aws.Steps)
		s.wantLook(2, drift, 0, 0)
		if said := strings.Contains(s.log.String(), "another-bucket is left over"); said != (drift > 0) {
			t.Errorf("the stack has %q: %s", has, s.log.String())
		}
		s.wantWrites(writes)
	}
}
