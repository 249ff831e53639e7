package local_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"example.com/sharedbucket/test/local"
)

const batchTrust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
	"Principal": {"Service": "SERVICE"}}]}`

// roleFor makes a role that a service may assume.
func roleFor(t *testing.T, a *local.Account, name, service string) *string {
	t.Helper()
	trust := strings.ReplaceAll(batchTrust, "SERVICE", service)
	out, err := iam.NewFromConfig(a.Config()).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: &trust,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Role.Arn
}

// reEncryption is a job for a bucket.
func reEncryption(a *local.Account, bucket string, role *string) *s3control.CreateJobInput {
	arn := aws.String("arn:aws:s3:::" + bucket)
	return &s3control.CreateJobInput{
		AccountId: &a.ID, ClientRequestToken: aws.String("token"), Priority: aws.Int32(1), RoleArn: role,
		Operation: &s3controltypes.JobOperation{S3UpdateObjectEncryption: &s3controltypes.S3UpdateObjectEncryptionOperation{
			ObjectEncryption: &s3controltypes.ObjectEncryption{SSEKMS: &s3controltypes.S3UpdateObjectEncryptionSSEKMS{
				KMSKeyArn: aws.String("arn:aws:kms:" + shared.Region + ":" + a.ID + ":key/k"), BucketKeyEnabled: aws.Bool(true),
			}},
		}},
		ManifestGenerator: &s3controltypes.JobManifestGeneratorMemberS3JobManifestGenerator{
			Value: s3controltypes.S3JobManifestGenerator{SourceBucket: arn},
		},
		Report: &s3controltypes.JobReport{Enabled: true, Bucket: arn},
	}
}

func TestJobsOfS3BatchOperations(t *testing.T) {
	a, b := account(t), account(t)
	bucket := "jobs-" + a.ID
	_, err := s3.NewFromConfig(a.Config()).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	role := roleFor(t, a, "jobs", "batchoperations.s3.amazonaws.com")
	api := s3control.NewFromConfig(a.Config())
	in := reEncryption(a, bucket, role)
	job, err := api.CreateJob(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := api.CreateJob(t.Context(), in); err != nil || *again.JobId != *job.JobId {
		t.Errorf("the same token: %v, %v", again, err)
	}
	in.Priority = aws.Int32(2)
	_, err = api.CreateJob(t.Context(), in)
	wantCode(t, "the same token for another job", err, "IdempotencyException")
	for name, change := range map[string]func(*s3control.CreateJobInput){
		"with a role that S3 cannot assume": func(in *s3control.CreateJobInput) {
			in.RoleArn = roleFor(t, a, "function", "lambda.amazonaws.com")
		},
		"for another account's bucket": func(in *s3control.CreateJobInput) {
			in.Report.Bucket = aws.String("arn:aws:s3:::none-" + b.ID)
		},
	} {
		in := reEncryption(a, bucket, role)
		in.ClientRequestToken = aws.String(name)
		change(in)
		_, err := api.CreateJob(t.Context(), in)
		wantCode(t, name, err, "BadRequestException")
	}
	describe := &s3control.DescribeJobInput{AccountId: &a.ID, JobId: job.JobId}
	for _, status := range []s3controltypes.JobStatus{"New", "Preparing", "Ready", "Active"} {
		out, err := api.DescribeJob(t.Context(), describe)
		if err != nil || out.Job.Status != status || *out.Job.RoleArn != *role ||
			*out.Job.Report.Bucket != "arn:aws:s3:::"+bucket {
			t.Fatalf("%s: %+v, %v", status, out, err)
		}
	}
	_, err = s3control.NewFromConfig(b.Config()).DescribeJob(t.Context(), &s3control.DescribeJobInput{
		AccountId: &b.ID, JobId: job.JobId,
	})
	wantCode(t, "another account", err, "NotFoundException")
	cancel := &s3control.UpdateJobStatusInput{
		AccountId: &a.ID, JobId: job.JobId, RequestedJobStatus: s3controltypes.RequestedJobStatusCancelled,
	}
	_, err = api.UpdateJobStatus(t.Context(), cancel)
	wantCode(t, "after its end", err, "JobStatusException")
	in = reEncryption(a, bucket, role)
	in.ClientRequestToken = aws.String("another")
	if job, err = api.CreateJob(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	cancel.JobId, describe.JobId = job.JobId, job.JobId
	_, err = api.UpdateJobStatus(t.Context(), cancel)
	wantCode(t, "cancelled", err, "")
	if out, err := api.DescribeJob(t.Context(), describe); err != nil || out.Job.Status != "Cancelled" {
		t.Errorf("cancelled: %+v, %v", out, err)
	}
}
