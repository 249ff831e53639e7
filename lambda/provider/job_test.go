package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// StartJob makes one job of the same token, as S3 does.
func (f *fakeAWS) StartJob(ctx context.Context, job existing.Job) (string, error) {
	if err := f.before(ctx, "StartJob"); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.jobs, func(j existing.Job) bool { return j.Token == job.Token })
	if i < 0 {
		i = len(f.jobs)
		f.jobs = append(f.jobs, job)
	}
	return fmt.Sprintf("job-%d", i+1), nil
}

func (f *fakeAWS) Job(ctx context.Context, id string) (existing.Course, error) {
	err := f.before(ctx, "Job")
	f.mu.Lock()
	defer f.mu.Unlock()
	c, known := f.courses[id]
	if !known {
		c.Status = "Active"
	}
	c.ID = id
	return c, err
}

// bigAdopted is a fixture with a bucket that may be adopted and holds more than the function re-encrypts itself, and
// the properties of a share that wants all of it under its key.
func bigAdopted(t *testing.T) (*fixture, map[string]any) {
	t.Helper()
	s := newFixture(t, ownerEnv)
	s.provider.Limits = share.Limits{AdoptableBucketArns: []string{"arn:aws:s3:::*"}}
	s.aws.Buckets[bucket] = &sharetest.Bucket{}
	s.aws.lies, s.aws.courses = mostReEncrypted+1, map[string]existing.Course{}
	return s, properties("Adopt", "true", "Encryption", map[string]any{"ExistingObjects": "ReEncrypt"})
}

// remembered are the jobs that are written down.
func (s *fixture) remembered() (jobs []string) {
	s.t.Helper()
	for _, text := range s.aws.Parameters {
		d, err := declaration.Read(text)
		must(s.t, err)
		jobs = append(jobs, d.Jobs...)
	}
	return jobs
}

// goesOn is an Update of a share with another request, as each has one.
func (s *fixture) goesOn(request string, p map[string]any) answer {
	s.t.Helper()
	e := s.event(cfn.RequestUpdate, share.BucketType, bucket, p, p)
	e.RequestID = request
	return s.send(e)
}

func TestAJobIsStartedOnceAndFollowed(t *testing.T) {
	s, p := bigAdopted(t)
	created := s.create(p)
	s.want(created, "SUCCESS", bucket, "")
	s.want(s.create(p), "SUCCESS", bucket, "") // delivered twice
	if job := s.aws.jobs; len(job) != 1 || job[0].Bucket != bucket || job[0].KeyARN != created.Data["KeyArn"] ||
		job[0].From != "" || len(job[0].Token) != 64 {
		t.Errorf("jobs %+v", job)
	}
	if got := s.remembered(); !slices.Equal(got, []string{"job-1"}) {
		t.Errorf("remembered %v", got)
	}
	says := func(a answer, want string) {
		t.Helper()
		if got := a.Data["ExistingObjects"]; a.Status != "SUCCESS" || !strings.Contains(got, want) {
			t.Errorf("%s %s: it says %q, not %q", a.Status, a.Reason, got, want)
		}
	}
	s.aws.courses["job-1"] = existing.Course{Status: "Active", Total: 9, Succeeded: 4}
	writes := s.aws.writes
	says(s.goesOn("request-2", p), "job job-1 is Active: 4 of 9 done, 0 failed")
	s.aws.courses["job-1"] = existing.Course{Status: existing.Complete, Total: 9, Succeeded: 9}
	s.aws.lies = 0
	says(s.goesOn("request-3", p), "job job-1 is Complete: 9 of 9 done, 0 failed")
	if len(s.aws.jobs) != 1 || s.aws.writes != writes {
		t.Errorf("%d jobs, %d writes", len(s.aws.jobs), s.aws.writes-writes)
	}
	s.aws.lies = mostReEncrypted + 1
	s.aws.courses["job-1"] = existing.Course{
		Status: existing.Failed, Total: 9, Failed: 5, Bucket: bucket, Reasons: []string{"TooMany more than half"},
	}
	again := s.goesOn("request-4", p)
	says(again, "job job-1 is Failed: 0 of 9 done, 5 failed; TooMany more than half; which failed is said in "+
		"s3://account-a-bucket/.sharedbucket/jobs/job-job-1/")
	says(again, "job job-2 of S3 Batch Operations was started")
	if got := s.remembered(); !slices.Equal(got, []string{"job-2"}) {
		t.Errorf("remembered %v", got)
	}
}

func TestAJobEndsWithItsShare(t *testing.T) {
	report := properties("Adopt", "true")
	for _, c := range []struct {
		name string
		do   func(*fixture, map[string]any) answer
		left []string
	}{
		{name: "deleted", do: func(s *fixture, p map[string]any) answer { return s.delete(bucket, p) }},
		{name: "the bucket is gone", do: func(s *fixture, p map[string]any) answer {
			delete(s.aws.Buckets, bucket)
			return s.delete(bucket, p)
		}},
		{name: "the bucket is another share's by now", do: func(s *fixture, p map[string]any) answer {
			s.aws.Buckets[bucket].Tags["sharedbucket:stack-id"] = "another"
			return s.delete(bucket, p)
		}},
		{
			name: "not wanted any more",
			do:   func(s *fixture, p map[string]any) answer { return s.update(bucket, report, p) },
		},
		{name: "another bucket takes its place", do: func(s *fixture, p map[string]any) answer {
			other := properties("BucketName", "another-bucket")
			if a := s.update(bucket, other, p); a.Status != "SUCCESS" || len(s.aws.Cancelled) > 0 {
				s.t.Errorf("%s: %s, cancelled %v", a.Status, a.Reason, s.aws.Cancelled)
			}
			return s.delete(bucket, p)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, p := bigAdopted(t)
			s.create(p)
			if a := c.do(s, p); a.Status != "SUCCESS" {
				t.Fatal(a.Reason)
			}
			if !slices.Equal(s.aws.Cancelled, []string{"job-1"}) || len(s.remembered()) > 0 {
				t.Errorf("cancelled %v, remembered %v", s.aws.Cancelled, s.remembered())
			}
		})
	}
}

// What cannot be cancelled is not forgotten: the next event tries again.
func TestAJobThatCannotBeCancelledIsNotForgotten(t *testing.T) {
	s, p := bigAdopted(t)
	s.create(p)
	s.aws.failOn("CancelJob", "InternalServiceException", 1)
	s.want(s.update(bucket, properties("Adopt", "true"), p), "FAILED", bucket, "CancelJob account-a-bucket")
	if got := s.remembered(); !slices.Equal(got, []string{"job-1"}) {
		t.Errorf("remembered %v", got)
	}
	s.want(s.update(bucket, properties("Adopt", "true"), p), "SUCCESS", bucket, "")
	if !slices.Equal(s.aws.Cancelled, []string{"job-1"}) || len(s.remembered()) > 0 {
		t.Errorf("cancelled %v, remembered %v", s.aws.Cancelled, s.remembered())
	}
}

// An Update that finishes what a failed Create began hands the share over, with its jobs.
func TestJobsAreHandedOver(t *testing.T) {
	s, p := bigAdopted(t)
	s.aws.failOn("PutInlinePolicy", "ServiceFailure", 1)
	failed := s.create(p)
	s.want(failed, "FAILED", "unfinished-Share-7d4547fa", "PutInlinePolicy")
	s.aws.works()
	s.want(s.update(failed.PhysicalResourceId, p, p), "SUCCESS", bucket, "")
	if got := s.remembered(); !slices.Equal(got, []string{"job-1"}) {
		t.Errorf("remembered %v", got)
	}
}

// Nobody's job is started for a bucket that the administrator did not list, or under a key that is not the share's.
func TestNoJobBeyondTheLimits(t *testing.T) {
	for name, change := range map[string]func(*fixture, map[string]any){
		"a bucket that is not listed": func(s *fixture, _ map[string]any) {
			s.provider.Limits.AdoptableBucketArns = []string{"arn:aws:s3:::another"}
		},
		"a key that is not listed": func(_ *fixture, p map[string]any) {
			p["Encryption"].(map[string]any)["KeyArn"] = ownerEnv.KeyARN("11111111-1111-4111-8111-111111111111")
		},
		"not adopted": func(_ *fixture, p map[string]any) { delete(p, "Adopt") },
		"somebody else's": func(s *fixture, _ map[string]any) {
			s.aws.Buckets[bucket].Tags = map[string]string{"sharedbucket:stack-id": "another"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := bigAdopted(t)
			change(s, p)
			if a := s.create(p); a.Status != "FAILED" || len(s.aws.jobs) > 0 {
				t.Errorf("%s, jobs %+v", a.Status, s.aws.jobs)
			}
		})
	}
}

func TestTheScheduleSaysHowJobsEnded(t *testing.T) {
	for _, c := range []struct{ status, level, says string }{
		{status: "Active", level: "INFO", says: "job job-1 is Active: 0 of 0 done, 2 failed"},
		{status: existing.Complete, level: "WARN", says: "job job-1 is Complete: 0 of 0 done, 2 failed"},
		{status: existing.Failed, level: "WARN", says: "job job-1 is Failed"},
		{status: existing.Gone, level: "INFO", says: "job job-1 is gone"},
	} {
		t.Run(c.status, func(t *testing.T) {
			s, p := bigAdopted(t)
			s.create(p)
			s.aws.stack = "CREATE_COMPLETE"
			s.aws.courses["job-1"] = existing.Course{Status: c.status, Failed: 2}
			s.log.Reset()
			s.metrics.Reset()
			s.wantLook(1, 0, 0, 0)
			i := strings.Index(s.log.String(), c.says)
			line := s.log.String()[strings.LastIndex(s.log.String()[:max(i, 0)], "\n")+1:]
			if i < 0 || !strings.Contains(line[:min(len(line), 200)], `"level":"`+c.level+`"`) {
				t.Errorf("the log says %s", s.log.String())
			}
		})
	}
}
