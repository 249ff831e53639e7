package existing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Job is what S3 Batch Operations is to do: put every object version of a bucket that has one encryption under a key.
// Its list of objects can be made for one encryption at a time, so that a bucket may need several jobs. Not one for
// whatever there is: that would fail with what cannot be changed in place as soon as it is more than half.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html (Tracking job failures)
type Job struct {
	Bucket, KeyARN string
	// From is the KMS key that the objects are under, "" for those under SSE-S3.
	From string
	// Token makes the same request twice one job.
	Token string
}

// MostJobs bounds what one request starts. Who has more other keys than that gets on with the next one.
const MostJobs = 5

// Jobs are the jobs for what was found. There is always one for SSE-S3: what was not looked at is under that most
// likely, as everything is that was written without saying anything.
// request is what makes a token: whose job it is, and of which event.
func (f Found) Jobs(bucket, keyARN string, request ...string) []Job {
	keys := slices.SortedFunc(maps.Keys(f.Keys), func(a, b string) int {
		return cmp.Or(f.Keys[b]-f.Keys[a], strings.Compare(a, b))
	})
	var jobs []Job
	for _, from := range append([]string{""}, keys[:min(len(keys), MostJobs-1)]...) {
		jobs = append(jobs, Job{
			Bucket: bucket, KeyARN: keyARN, From: from, Token: token(append(request, bucket, keyARN, from)),
		})
	}
	return jobs
}

// token has the 64 characters that a ClientRequestToken may have.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
func token(of []string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\n")))
	return hex.EncodeToString(sum[:])
}

// ReportPrefix is where in the bucket the reports of jobs are, each in a folder job-<id>.
const ReportPrefix = ".sharedbucket/jobs"

// Statuses of a job.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
const (
	Complete  = "Complete"
	Cancelled = "Cancelled"
	Failed    = "Failed"
	// Gone is a job that S3 does not know any more.
	Gone = "gone"
)

// Course is how far a job has come.
type Course struct {
	ID, Status               string
	Total, Succeeded, Failed int64
	Reasons                  []string // of a job that failed
	Bucket                   string   // that its report goes to, "" for a job that makes none
	// RoleARN is the role that it works with, which tells a share's job from anybody else's.
	RoleARN string
}

// Ended says whether nothing more will come of the job.
func (c Course) Ended() bool {
	return slices.Contains([]string{Complete, Cancelled, Failed, Gone}, c.Status)
}

// Of says whether it is a job of a share's for a bucket: anybody's else works with another role.
func (c Course) Of(bucket, roleARN string) bool { return c.Bucket == bucket && c.RoleARN == roleARN }

// Well says whether the job has ended, and has done all of what it was to do.
func (c Course) Well() bool { return c.Status == Complete && c.Failed == 0 }

// longestReason bounds what S3 says of a failure.
const longestReason = 200

// Brief is what fits of a text into so many bytes.
func Brief(text string, most int) string { return strings.ToValidUTF8(text[:min(len(text), most)], "") }

// Text says how far the job has come, for people.
func (c Course) Text() string {
	text := fmt.Sprintf("job %s is %s", c.ID, c.Status)
	if c.Status == Gone {
		return text + ": S3 forgets a job some time after its end"
	}
	text += fmt.Sprintf(": %d of %d done, %d failed", c.Succeeded, c.Total, c.Failed)
	for _, reason := range c.Reasons {
		text += "; " + Brief(reason, longestReason)
	}
	if c.Bucket != "" && c.Failed > 0 {
		text += fmt.Sprintf("; which failed is said in s3://%s/%s/job-%s/", c.Bucket, ReportPrefix, c.ID)
	}
	return text
}
