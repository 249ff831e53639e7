package cloud

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
)

// jobPriority leaves room for jobs that matter more, and for some that matter less.
const jobPriority = 10

// StartJob has S3 Batch Operations put a bucket's objects under its key, with a role that can do nothing else. The same
// job with the same token is one job. Nobody has to confirm it, and its report has what failed alone.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
func (c *Cloud) StartJob(ctx context.Context, job existing.Job) (id string, err error) {
	bucket := c.env.BucketARN(job.Bucket)
	out, err := c.s3control.CreateJob(ctx, &s3control.CreateJobInput{
		AccountId: c.account(), ClientRequestToken: &job.Token, ConfirmationRequired: aws.Bool(false),
		Description: aws.String("SharedBucket puts what is in " + job.Bucket + " under its key"),
		Priority:    aws.Int32(jobPriority), RoleArn: aws.String(c.env.JobRole()),
		Operation: &types.JobOperation{S3UpdateObjectEncryption: &types.S3UpdateObjectEncryptionOperation{
			ObjectEncryption: &types.ObjectEncryption{SSEKMS: &types.S3UpdateObjectEncryptionSSEKMS{
				KMSKeyArn: &job.KeyARN, BucketKeyEnabled: aws.Bool(true),
			}},
		}},
		ManifestGenerator: &types.JobManifestGeneratorMemberS3JobManifestGenerator{Value: types.S3JobManifestGenerator{
			SourceBucket: &bucket, ExpectedBucketOwner: c.account(),
			Filter: &types.JobManifestGeneratorFilter{MatchAnyObjectEncryption: []types.ObjectEncryptionFilter{under(job.From)}},
		}},
		Report: &types.JobReport{
			Enabled: true, Bucket: &bucket, ExpectedBucketOwner: c.account(), Prefix: aws.String(existing.ReportPrefix),
			Format: types.JobReportFormatReportCsv20180820, ReportScope: types.JobReportScopeFailedTasksOnly,
		},
	})
	if err != nil {
		return "", failed(err, "starting a job of S3 Batch Operations for %s", job.Bucket)
	}
	return aws.ToString(out.JobId), nil
}

// under is the filter for objects under a KMS key, or under SSE-S3.
func under(keyARN string) types.ObjectEncryptionFilter {
	if keyARN == "" {
		return &types.ObjectEncryptionFilterMemberSSES3{}
	}
	return &types.ObjectEncryptionFilterMemberSSEKMS{Value: types.SSEKMSFilter{KmsKeyArn: &keyARN}}
}

// Job is how far a job has come. One that S3 does not know is existing.Gone.
func (c *Cloud) Job(ctx context.Context, id string) (existing.Course, error) {
	out, err := c.s3control.DescribeJob(ctx, &s3control.DescribeJobInput{AccountId: c.account(), JobId: &id})
	if noSuchJob(err) {
		return existing.Course{ID: id, Status: existing.Gone}, nil
	}
	if err != nil {
		return existing.Course{}, failed(err, "asking about job %s of S3 Batch Operations", id)
	}
	course := existing.Course{ID: id, Status: string(out.Job.Status), RoleARN: aws.ToString(out.Job.RoleArn)}
	if p := out.Job.ProgressSummary; p != nil {
		course.Total, course.Succeeded = aws.ToInt64(p.TotalNumberOfTasks), aws.ToInt64(p.NumberOfTasksSucceeded)
		course.Failed = aws.ToInt64(p.NumberOfTasksFailed)
	}
	for _, f := range out.Job.FailureReasons {
		course.Reasons = append(course.Reasons, aws.ToString(f.FailureCode)+" "+aws.ToString(f.FailureReason))
	}
	if r := out.Job.Report; r != nil && r.Enabled {
		course.Bucket = strings.TrimPrefix(aws.ToString(r.Bucket), c.env.BucketARN(""))
	}
	return course, nil
}

// noSuchJob says whether there is no such job, or none any more. The API reference gives that a 400.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeJob.html
func noSuchJob(err error) bool {
	return has(err, jobNotFound) || status(err) == http.StatusNotFound
}

// cancelJob ends a job, and does not wait for its end. What is remembered may be anybody's: a job that does not work
// with the role of the share's jobs, or for another bucket, is left alone.
func (a *application) cancelJob(ctx context.Context, s plan.Step) error {
	course, err := a.Job(ctx, s.Value)
	if err != nil || course.Ended() || !course.Of(s.Resource, a.env.JobRole()) {
		return err
	}
	_, err = a.s3control.UpdateJobStatus(ctx, &s3control.UpdateJobStatusInput{
		AccountId: a.account(), JobId: &s.Value, RequestedJobStatus: types.RequestedJobStatusCancelled,
		StatusUpdateReason: aws.String(s.Reason),
	})
	if noSuchJob(err) || has(err, jobEnded) {
		return nil
	}
	return failed(err, "cancelling job %s of S3 Batch Operations", s.Value)
}
