package cloud

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// batch is S3 Batch Operations, as the API reference has its requests and answers. It takes calls at whatever host they
// are meant for, and keeps them.
type batch struct {
	mu     sync.Mutex
	asked  []string
	bodies []string
	wrong  []string
	// job is the answer about any job, "" for one that S3 does not know.
	job string
	// refuse is the code that a cancellation is refused with.
	refuse string
}

func (b *batch) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Result(), nil
}

func (b *batch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.URL.Host != "111111111111.s3-control.eu-west-1.amazonaws.com" || r.URL.Scheme != "https" ||
		r.Header.Get("X-Amz-Account-Id") != "111111111111" {
		b.wrong = append(b.wrong, r.URL.String()+" "+r.Header.Get("X-Amz-Account-Id"))
	}
	b.asked, b.bodies = append(b.asked, r.Method+" "+r.URL.RequestURI()), append(b.bodies, string(body))
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error></ErrorResponse>", code)
	}
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v20180820/jobs":
		fmt.Fprint(w, "<CreateJobResult><JobId>0aa1bb2c-job</JobId></CreateJobResult>")
	case r.Method == http.MethodGet && b.job == "":
		refuse("NotFoundException")
	case r.Method == http.MethodGet:
		fmt.Fprintf(w, "<DescribeJobResult><Job>%s</Job></DescribeJobResult>", b.job)
	case b.refuse != "":
		refuse(b.refuse)
	default:
		fmt.Fprint(w, "<UpdateJobStatusResult><Status>Cancelling</Status></UpdateJobStatusResult>")
	}
}

func (b *batch) cloud() *Cloud {
	env := share.Env{Partition: "aws", Region: "eu-west-1", Account: "111111111111"}
	return New(aws.Config{
		Region: env.Region, HTTPClient: &http.Client{Transport: b},
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, env)
}

const jobRole = "arn:aws:iam::111111111111:role/sharedbucket-provider-eu-west-1-jobs"

// createJob is the whole request, element by element in the order of the SDK.
const createJob = `<CreateJobRequest xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">` +
	`<ClientRequestToken>token-1</ClientRequestToken><ConfirmationRequired>false</ConfirmationRequired>` +
	`<Description>SharedBucket puts what is in a-bucket under its key</Description>` +
	`<ManifestGenerator><S3JobManifestGenerator><EnableManifestOutput>false</EnableManifestOutput>` +
	`<ExpectedBucketOwner>111111111111</ExpectedBucketOwner>` +
	`<Filter><MatchAnyObjectEncryption><ObjectEncryption>FILTER</ObjectEncryption></MatchAnyObjectEncryption></Filter>` +
	`<SourceBucket>arn:aws:s3:::a-bucket</SourceBucket></S3JobManifestGenerator></ManifestGenerator>` +
	`<Operation><S3UpdateObjectEncryption><ObjectEncryption><SSE-KMS><BucketKeyEnabled>true</BucketKeyEnabled>` +
	`<KMSKeyArn>` + bucketKey + `</KMSKeyArn></SSE-KMS></ObjectEncryption></S3UpdateObjectEncryption></Operation>` +
	`<Priority>10</Priority><Report><Bucket>arn:aws:s3:::a-bucket</Bucket><Enabled>true</Enabled>` +
	`<ExpectedBucketOwner>111111111111</ExpectedBucketOwner><Format>Report_CSV_20180820</Format>` +
	`<Prefix>.sharedbucket/jobs</Prefix><ReportScope>FailedTasksOnly</ReportScope></Report>` +
	`<RoleArn>` + jobRole + `</RoleArn></CreateJobRequest>`

func TestAJobIsStartedAsTheReferenceSays(t *testing.T) {
	for from, filter := range map[string]string{
		"":              "<SSE-S3></SSE-S3>",
		bucketKey + "2": "<SSE-KMS><KmsKeyArn>" + bucketKey + "2</KmsKeyArn></SSE-KMS>",
	} {
		b := &batch{}
		id, err := b.cloud().StartJob(t.Context(), existing.Job{
			Bucket: "a-bucket", KeyARN: bucketKey, From: from, Token: "token-1",
		})
		if err != nil || id != "0aa1bb2c-job" || len(b.asked) != 1 || b.asked[0] != "POST /v20180820/jobs" || b.wrong != nil {
			t.Fatalf("%q, %v: asked %q, at %q", id, err, b.asked, b.wrong)
		}
		if diff := cmp.Diff(strings.ReplaceAll(createJob, "FILTER", filter), b.bodies[0]); diff != "" {
			t.Error(diff)
		}
	}
}

const described = `<JobId>j-1</JobId><Status>Failed</Status><RoleArn>` + jobRole + `</RoleArn>` +
	`<ProgressSummary><TotalNumberOfTasks>2000</TotalNumberOfTasks><NumberOfTasksSucceeded>900</NumberOfTasksSucceeded>` +
	`<NumberOfTasksFailed>1100</NumberOfTasksFailed></ProgressSummary>` +
	`<FailureReasons><member><FailureCode>JobFailureRate</FailureCode><FailureReason>too many</FailureReason></member>` +
	`</FailureReasons><Report><Bucket>arn:aws:s3:::a-bucket</Bucket><Enabled>true</Enabled></Report>`

func TestAJobIsDescribed(t *testing.T) {
	b := &batch{job: described}
	course, err := b.cloud().Job(t.Context(), "j-1")
	if err != nil || len(b.asked) != 1 || b.asked[0] != "GET /v20180820/jobs/j-1" || b.wrong != nil {
		t.Fatalf("%v: asked %q, at %q", err, b.asked, b.wrong)
	}
	want := "job j-1 is Failed: 900 of 2000 done, 1100 failed; JobFailureRate too many; " +
		"which failed is said in s3://a-bucket/.sharedbucket/jobs/job-j-1/"
	if got := course.Text(); got != want || !course.Ended() {
		t.Errorf("it says %q, not %q", got, want)
	}
	gone, err := (&batch{}).cloud().Job(t.Context(), "j-1")
	if err != nil || gone.Status != existing.Gone || !gone.Ended() {
		t.Errorf("a job that S3 does not know: %+v, %v", gone, err)
	}
}

func TestOnlyAShareSJobIsCancelled(t *testing.T) {
	active := strings.Replace(described, "Failed<", "Active<", 1)
	for _, c := range []struct {
		name, job, refuse string
		cancelled, fails  bool
	}{
		{name: "at work", job: active, cancelled: true},
		{name: "ended just now", job: active, refuse: "JobStatusException", cancelled: true},
		{name: "gone just now", job: active, refuse: "NotFoundException", cancelled: true},
		{name: "refused", job: active, refuse: "AccessDenied", cancelled: true, fails: true},
		{name: "ended", job: described},
		{name: "unknown"},
		{name: "with another role", job: strings.Replace(active, jobRole, jobRole+"2", 1)},
		{name: "for another bucket", job: strings.Replace(active, ":::a-bucket", ":::another", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &batch{job: c.job, refuse: c.refuse}
			_, err := b.cloud().Apply(t.Context(), plan.Plan{{
				Round: 1, Operation: plan.CancelJob, Resource: "a-bucket", Value: "j-1", Reason: "it goes",
			}}, func(plan.Step) func(error) { return func(error) {} })
			if (err != nil) != c.fails {
				t.Error(err)
			}
			want := []string{"GET /v20180820/jobs/j-1"}
			if c.cancelled {
				want = append(want,
					"POST /v20180820/jobs/j-1/status?requestedJobStatus=Cancelled&statusUpdateReason=it%20goes")
			}
			if diff := cmp.Diff(want, b.asked); diff != "" || b.wrong != nil {
				t.Error(diff, b.wrong)
			}
		})
	}
}
