package provider

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/share"
)

// outlived is a replacement that went through, and whose old resource could not be deleted: CloudFormation has
// forgotten it. Some of its steps were denied, or all that change anything but what is remembered.
func (c rolledBack) outlived(t *testing.T, denied ...string) (s *fixture, id string) {
	t.Helper()
	s, _, made, _ := c.begin(t, "")
	if len(denied) == 0 {
		denied = []string{
			"DeleteInlinePolicy", "PutBucketPolicy", "DeleteBucketPolicy", "PutKeyPolicy", "DeleteBucket",
			"ScheduleKeyDeletion", "DeleteParameter",
		}
	}
	id = made.PhysicalResourceID
	s.aws.has = id
	s.aws.stackIs(cleansUp)
	s.shutOut(denied...)
	for range 3 {
		s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "FAILED", c.id, "AccessDenied")
	}
	s.aws.works()
	s.aws.stackIs("UPDATE_COMPLETE")
	if len(s.aws.Parameters) != 2 {
		t.Fatalf("nobody knows of what is left: %v", s.aws.Parameters)
	}
	return s, id
}

// stepsOfRemoval are those that a Delete of the old resource may fail at.
func (c rolledBack) stepsOfRemoval() []string {
	if c.resource == share.AccessType {
		return []string{"DeleteInlinePolicy", "DeleteParameter", ""}
	}
	return []string{
		"DeleteInlinePolicy", "DeleteBucketPolicy", "PutKeyPolicy", "DeleteBucket", "ScheduleKeyDeletion", "DeleteParameter",
		"",
	}
}

// now is the resource that took the place.
func (c rolledBack) now(id string) rolledBack {
	return rolledBack{resource: c.resource, env: c.env, id: id, old: c.p, p: c.p}
}

func TestNextEventFinishesTheRemovalOfWhatWasReplaced(t *testing.T) {
	for _, c := range replacements() {
		for _, step := range c.stepsOfRemoval() {
			denied := strings.Fields(step)
			for name, next := range map[string]func(*fixture, string) rolledBack{
				"an Update": func(s *fixture, id string) rolledBack {
					c.now(id).updated(s)
					return c.now(id)
				},
				"an Update of its declaration": func(s *fixture, id string) rolledBack {
					s.aws.stackIs("UPDATE_IN_PROGRESS")
					changed := c.now(id)
					changed.old = c.with("Drift", "Repair")
					s.want(s.send(s.event(cfn.RequestUpdate, c.resource, id, changed.old, c.p)), "SUCCESS", id, "")
					return changed
				},
				"an Update that cannot, and another": func(s *fixture, id string) rolledBack {
					s.aws.stackIs("UPDATE_IN_PROGRESS")
					changed := c.now(id)
					changed.old = c.with("Drift", "Repair")
					s.shutOut("DeleteInlinePolicy", "DeleteBucket", "DeleteParameter")
					s.want(s.send(s.event(cfn.RequestUpdate, c.resource, id, changed.old, c.p)), "SUCCESS", id, "")
					s.aws.works()
					if len(s.aws.Parameters) != 2 {
						s.t.Errorf("it was not to be: %v", s.aws.Parameters)
					}
					changed.updated(s)
					return changed
				},
				"another replacement": func(s *fixture, id string) rolledBack {
					s.aws.stackIs("UPDATE_IN_PROGRESS")
					third := c.third()
					made := s.send(s.event(cfn.RequestUpdate, c.resource, id, third, c.p))
					s.want(made, "SUCCESS", made.PhysicalResourceId, "")
					s.aws.has = made.PhysicalResourceId
					s.aws.stackIs(cleansUp)
					s.want(s.send(s.event(cfn.RequestDelete, c.resource, id, c.p, nil)), "SUCCESS", id, "")
					changed := c.now(made.PhysicalResourceId)
					changed.old = third
					return changed
				},
			} {
				t.Run(c.name+", denied was "+step+", "+name, func(t *testing.T) {
					s, id := c.outlived(t, denied...)
					if c := next(s, id); name == "another replacement" {
						c.wantOnly(s)
					} else {
						c.wantAlone(s)
					}
				})
			}
			t.Run(c.name+", denied was "+step+", the Delete of the stack", func(t *testing.T) {
				s, id := c.outlived(t, denied...)
				s.aws.stackIs("DELETE_IN_PROGRESS")
				s.want(s.send(s.event(cfn.RequestDelete, c.resource, id, c.p, nil)), "SUCCESS", id, "")
				s.wantNothing()
				if len(s.aws.Parameters) > 0 {
					t.Errorf("remembered: %v", s.aws.Parameters)
				}
			})
		}
	}
}

func (c rolledBack) with(name string, value any) map[string]any {
	changed := map[string]any{name: value}
	for k, v := range c.p {
		if k != name {
			changed[k] = v
		}
	}
	return changed
}

// third is a replacement once more.
func (c rolledBack) third() map[string]any {
	if c.resource == share.BucketType {
		return properties("BucketName", "third-bucket", "RemovalPolicy", "Delete", "Verify", "false")
	}
	return accessProperties("PolicyName", "third")
}

// A bucket that holds objects is what a Delete fails for most often. Nobody has access to it, it stays, and is named.
func TestWhatWasReplacedKeepsItsObjects(t *testing.T) {
	for _, policy := range []string{share.Delete, share.Empty} {
		c := replacements()[0]
		c.old = properties("RemovalPolicy", policy)
		s, _, made, _ := c.begin(t, "")
		id := made.PhysicalResourceID
		old := s.aws.Buckets[c.id]
		old.Objects, s.aws.has = 2, id
		s.aws.stackIs(cleansUp)
		s.shutOut("DeleteBucket")
		if policy == share.Delete {
			s.aws.works()
		}
		s.shutOut("DeleteBucketPolicy")
		s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "FAILED", c.id, "")
		s.aws.works()
		c.now(id).updated(s)
		if s.aws.Buckets[c.id] != old || old.Objects != 2 || old.Policy.Text() != "" || len(s.aws.Parameters) != 2 {
			t.Errorf("%s: %v, remembered %v", policy, s.aws.Buckets[c.id], s.aws.Parameters)
		}
		s.aws.stackIs("UPDATE_COMPLETE")
		s.metrics.Reset()
		s.wantLook(2, 1, 0, 0)
		old.Objects = 0
		c.now(id).updated(s)
		c.now(id).wantAlone(s)
	}
}

func TestLookFindsWhatOutlivesItsDelete(t *testing.T) {
	for _, c := range replacements() {
		for has, want := range map[string]string{
			"": "its removal failed", "other": "took its place", c.id: "",
		} { // one that its stack has is none, but the other one then
			s, _ := c.outlived(t)
			s.aws.has = has
			s.metrics.Reset()
			s.log.Reset()
			s.wantLook(2, 1, 0, 0)
			said := strings.Contains(s.log.String(), `"difference":"`+c.id+" is left over: ")
			if said != (want != "") || !strings.Contains(s.log.String(), want) {
				t.Errorf("the stack has %q: %s", has, s.log.String())
			}
		}
	}
}

// Whoever may write parameters has nothing taken away by it, and nobody let in.
func TestForgedOutlived(t *testing.T) {
	for name, forged := range map[string]func(*fixture, *declaration.Declaration){
		"by another writer": func(s *fixture, _ *declaration.Declaration) {
			s.aws.writer = "arn:aws:iam::111111111111:user/mallory"
		},
		"of another stack":    func(_ *fixture, d *declaration.Declaration) { d.StackID += "x" },
		"of another resource": func(_ *fixture, d *declaration.Declaration) { d.LogicalID = "Other" },
		"that is not to go":   func(_ *fixture, d *declaration.Declaration) { d.Going = false },
		"that was taken up":   func(_ *fixture, d *declaration.Declaration) { d.Before = d.Properties },
		"of another bucket":   func(_ *fixture, d *declaration.Declaration) { d.Properties["BucketName"] = "x-bucket" },
		"of another type":     func(_ *fixture, d *declaration.Declaration) { d.Type = share.AccessType },
	} {
		t.Run(name, func(t *testing.T) {
			c := replacements()[0]
			s, id := c.outlived(t)
			for parameter, text := range s.aws.Parameters {
				if d, _ := declaration.Read(text); d.Going {
					forged(s, &d)
					s.aws.Parameters[parameter], _ = d.Text()
				}
			}
			c.now(id).updated(s)
			if b := s.aws.Buckets[c.id]; b == nil || b.Policy.Text() == "" {
				t.Error("its removal went on")
			}
		})
	}
}
