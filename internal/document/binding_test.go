package document_test

import (
	"strconv"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// everything is a policy of a bucket or key that lets everybody in.
const everything = `{"Version": "2012-10-17", "Statement": [{"Sid": "Everything", "Effect": "Allow", "Principal": "*",
	"Action": "*", "Resource": "*"}]}`

var operations = []evaluator.Operation{
	"ListBucket", "GetBucketLocation", "GetObject", "GetObjectVersion", "GetObjectTagging", "PutObject", "MultipartUpload",
	"DeleteObject", "DeleteObjectVersion",
}

// ask is one user's answer for each operation on some bucket, with the object at key and listings below its folder.
func ask(bucketOwner, bucketPolicy, user, inline, key, listed string) map[evaluator.Operation]evaluator.Verdict {
	owner := &evaluator.Account{ID: bucketOwner}
	home := &evaluator.Account{ID: user[len("arn:aws:iam::"):][:12]}
	if home.ID == owner.ID {
		home = owner
	}
	b := evaluator.Bucket{Name: "payroll", Region: "ap-southeast-2", Owner: owner}
	if bucketPolicy != "" {
		b.Policy = evaluator.NewPolicy("bucket policy", bucketPolicy, grammar.BucketPolicy)
	}
	e := evaluator.NewEvaluator(b)
	r := evaluator.NewRequester(evaluator.Principal{
		ARN: user, Account: home, Type: evaluator.User,
		Identity: []*evaluator.Policy{evaluator.NewPolicy("inline", inline, grammar.Identity)},
	})
	verdicts := map[evaluator.Operation]evaluator.Verdict{}
	for _, o := range operations {
		q := evaluator.Request{Operation: o, Key: key}
		if o == "ListBucket" {
			q.Key = ""
			q.Context.Set("s3:prefix", evaluator.One(listed))
			q.Context.Set("s3:delimiter", evaluator.One("/"))
		}
		verdicts[o] = e.Decide(r, q).S3
	}
	return verdicts
}

// An access that names a bucket of its own account, with an owner that somebody made up, opens nothing there; nor does
// one whose bucket is gone and was made again by somebody else, who lets everybody in to collect what they write.
func TestInlinePoliciesAreBoundToTheOwner(t *testing.T) {
	const dilip, ann = "arn:aws:iam::222222222222:user/dilip", "arn:aws:iam::111111111111:user/ann"
	there := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	for _, prefixes := range []string{"", `, "Prefixes": ["in", "{account}"]`} {
		a, err := share.ParseAccess(sharetest.Object(t, `{"BucketName": "payroll", "OwnerAccount": "111111111111",
			"Grantees": [{"User": "dilip", "Access": "Full"`+prefixes+`}]}`), there)
		sharetest.Must(t, err)
		grantee := document.OfAccess(a, sharetest.KeyOf(sharetest.Sydney), "").Of(a.Grantees[0].Identity).Document.Text()
		s := sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "payroll", "Consumers": [{"Account": "222222222222",
			"Access": "Full"`+prefixes+`}], "Delegates": [{"User": "ann", "Access": "Full"`+prefixes+`}]}`), sharetest.Sydney)
		key := sharetest.KeyOf(sharetest.Sydney)
		delegate := document.OfShare(s, key, "").Of(s.Delegates[0].Identity).Document.Text()
		shared := policy.Document{Version: policy.Version, Statements: document.OfShare(s, key, "").Bucket.Statements}.Text()
		for _, c := range []struct {
			name                                    string
			bucketOwner, bucketPolicy, user, inline string
			want                                    evaluator.Verdict
		}{
			{name: "a bucket of the grantee's own account", bucketOwner: "222222222222", user: dilip, inline: grantee,
				want: evaluator.Deny},
			{
				name: "a bucket that somebody else made under the name", bucketOwner: "333333333333", bucketPolicy: everything,
				user: dilip, inline: grantee, want: evaluator.Deny,
			},
			{
				name: "the same for a delegate", bucketOwner: "333333333333", bucketPolicy: everything,
				user: ann, inline: delegate, want: evaluator.Deny,
			},
			{
				name: "the shared bucket", bucketOwner: "111111111111", bucketPolicy: shared,
				user: dilip, inline: grantee, want: evaluator.Allow,
			},
			{
				name: "the shared bucket, to a delegate", bucketOwner: "111111111111", bucketPolicy: shared,
				user: ann, inline: delegate, want: evaluator.Allow,
			},
		} {
			for operation, got := range ask(c.bucketOwner, c.bucketPolicy, c.user, c.inline, "in/object", "in/") {
				if got != c.want {
					t.Errorf("%s%s: %s is %s, want %s", c.name, prefixes, operation, got, c.want)
				}
			}
		}
	}
}

// Two stacks, or two buckets, whose digests are the same would take each other's statements for their own. Of so many
// names, some ten pairs would be the same in 32 bits.
func TestDigestsDoNotMeet(t *testing.T) {
	seen := map[document.Mark]int{}
	for i := range 300_000 {
		mark := document.MarkOf(strconv.Itoa(i), "Share")
		if other, found := seen[mark]; found {
			t.Fatalf("%d and %d have one mark, %s", other, i, mark)
		}
		seen[mark] = i
	}
}
