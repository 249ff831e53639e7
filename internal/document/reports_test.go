package document_test

import (
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// The report of a job, which S3 writes under SSE-S3, is let through for the role of jobs alone, and only where objects
// are re-encrypted.
func TestReportsOfJobsAreLetThrough(t *testing.T) {
	role := func(name string) string { return "arn:aws:iam::" + sharetest.Sydney.Account + ":role/" + name }
	const jobs = "sharedbucket-provider-ap-southeast-2-jobs"
	for _, c := range []struct {
		name, encryption, role string
		want                   evaluator.Verdict
	}{
		{name: "the role of jobs", encryption: "ReEncrypt", role: jobs, want: evaluator.Allow},
		{name: "where nothing is re-encrypted", encryption: "Report", role: jobs, want: evaluator.Deny},
		{name: "of another region", encryption: "ReEncrypt", role: "sharedbucket-provider-eu-west-1-jobs",
			want: evaluator.Deny},
		{name: "the provider", encryption: "ReEncrypt", role: "sharedbucket-provider-ap-southeast-2",
			want: evaluator.Deny},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "account-a-bucket", "Adopt": true,
				"Encryption": {"ExistingObjects": "`+c.encryption+`"}}`), sharetest.Sydney)
			text := policy.Document{
				Version: policy.Version, Statements: document.OfShare(s, sharetest.KeyOf(s.Env), "").Bucket.Statements,
			}.Text()
			account := &evaluator.Account{ID: s.Env.Account}
			e := evaluator.NewEvaluator(evaluator.Bucket{
				Name: s.Bucket, Region: s.Env.Region, Owner: account,
				Policy: evaluator.NewPolicy("bucket policy", text, grammar.BucketPolicy),
			})
			q := evaluator.Request{Operation: "PutObject", Key: ".sharedbucket/jobs/job-1/manifest.json"}
			q.Context.Set("s3:x-amz-server-side-encryption", evaluator.One("AES256"))
			decision := e.Decide(evaluator.NewRequester(evaluator.Principal{
				ARN: role(c.role), RoleARN: role(c.role), Account: account, Type: evaluator.Role,
				Identity: []*evaluator.Policy{evaluator.NewPolicy("its own", everythingOfAnIdentity, grammar.Identity)},
			}), q)
			if decision.S3 != c.want {
				t.Errorf("%s: %+v", decision.S3, decision.Reasons)
			}
		})
	}
}

const everythingOfAnIdentity = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*",
	"Resource": "*"}]}`
