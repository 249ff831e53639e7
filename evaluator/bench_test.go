package evaluator_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// The policies of two accounts that share a bucket and its key: a user in each has the same identity policy.
var (
	shareIdentity = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "ListBucketContents", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b"]},
		{
			"Sid": "UploadDownload", "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"],
			"Resource": ["arn:aws:s3:::b/*"]
		},
		{"Sid": "EncryptDecrypt", "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": ["` + keyARN + `"]}]}`
	shareBucket = `{"Version": "2012-10-17", "Statement": [
		{
			"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "s3:ListBucket",
			"Resource": "arn:aws:s3:::b"
		},
		{
			"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::b/*"
		},
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}]}`
	shareKey = `{"Version": "2012-10-17", "Id": "key-policy", "Statement": [
		{
			"Sid": "Enable IAM user permissions", "Effect": "Allow",
			"Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*", "Resource": "*"
		},
		{"Sid": "Allow use of the key", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]}`
)

// share is a bucket with these policies and a user in each account.
func share(b testing.TB, bucket, key, identity string) (*evaluator.Evaluator, map[string]*evaluator.Requester) {
	b.Helper()
	load := func(text string, kind grammar.Kind) *evaluator.Policy {
		p := evaluator.NewPolicy("", text, kind)
		if len(p.Problems) > 0 {
			b.Fatal(p.Problems)
		}
		return p
	}
	owners := &evaluator.Account{ID: owner}
	e := evaluator.NewEvaluator(evaluator.Bucket{Name: "b", Region: "eu-west-1", Owner: owners, BucketKeyEnabled: true,
		Policy: load(bucket, grammar.BucketPolicy),
		Key:    &evaluator.Key{ARN: keyARN, Owner: owners, Policy: load(key, grammar.KeyPolicy)}})
	id := []*evaluator.Policy{load(identity, grammar.Identity)}
	return e, map[string]*evaluator.Requester{
		"same account": evaluator.NewRequester(evaluator.Principal{ARN: ann, Account: owners, Type: evaluator.User,
			Identity: id}),
		"other account": evaluator.NewRequester(evaluator.Principal{ARN: dilip, Account: &evaluator.Account{ID: other},
			Type: evaluator.User, Identity: id}),
	}
}

// decide measures decisions of an operation; a decision is an S3 check with the KMS checks it needs.
func decide(b *testing.B, e *evaluator.Evaluator, r *evaluator.Requester, operation evaluator.Operation,
	want evaluator.Verdict) {
	q := evaluator.Request{Operation: operation, Key: "reports/2026/report.csv"}
	if got := e.Decide(r, q).Overall; got != want {
		b.Fatalf("%s, want %s", got, want)
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Decide(r, q)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkWalkthrough(b *testing.B) {
	e, requesters := share(b, shareBucket, shareKey, shareIdentity)
	for _, who := range []string{"same account", "other account"} {
		for _, c := range []struct {
			operation evaluator.Operation
			want      evaluator.Verdict
		}{
			{operation: "GetObject", want: evaluator.Allow},
			{operation: "PutObject", want: evaluator.Allow},
			{operation: "MultipartUpload", want: evaluator.Allow},
			{operation: "ListBucket", want: evaluator.Allow}, {operation: "DeleteObject", want: evaluator.Deny},
		} {
			b.Run(fmt.Sprintf("%s/%s/%s", who, c.operation, c.want), func(b *testing.B) {
				decide(b, e, requesters[who], c.operation, c.want)
			})
		}
	}
}

// BenchmarkStatements: the bucket policy has n statements, of which the last lets the other account read.
func BenchmarkStatements(b *testing.B) {
	for _, n := range []int{1, 10, 100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var statements []string
			for i := range n - 1 {
				statements = append(statements,
					fmt.Sprintf(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::3333333%05d:root"},
					"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/prefix-%d/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}`, i, i))
			}
			statements = append(statements,
				`{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "s3:GetObject", "Resource": `+
					`"arn:aws:s3:::b/*"}`)
			bucket := `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + `]}`
			e, requesters := share(b, bucket, shareKey, shareIdentity)
			decide(b, e, requesters["other account"], "GetObject", evaluator.Allow)
		})
	}
}

// BenchmarkPrincipals: one statement of the bucket policy names n accounts, the one that asks last, and a condition has
// as many ARNs.
func BenchmarkPrincipals(b *testing.B) {
	for _, n := range []int{1, 100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var accounts, arns []string
			for i := range n - 1 {
				accounts = append(accounts, fmt.Sprintf(`"3333333%05d"`, i))
				arns = append(arns, fmt.Sprintf(`"arn:aws:iam::3333333%05d:user/ann"`, i))
			}
			accounts, arns = append(accounts, `"222222222222"`), append(arns, `"`+dilip+`"`)
			bucket := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
				"Principal": {"AWS": [` + strings.Join(accounts, ", ") + `]}, "Condition": {"ArnEquals": {"aws:PrincipalArn": [` +
				strings.Join(arns, ", ") + `]}}}}`
			e, requesters := share(b, bucket, shareKey, shareIdentity)
			decide(b, e, requesters["other account"], "GetObject", evaluator.Allow)
		})
	}
}

// BenchmarkParse: reading a document, which happens once for any number of decisions.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		evaluator.NewPolicy("", shareIdentity, grammar.Identity)
	}
}
