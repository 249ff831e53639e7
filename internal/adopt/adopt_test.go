package adopt_test

import (
	"bytes"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

const (
	bucketARN = "arn:aws:s3:::account-a-bucket"
	keyARN    = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	root      = `{"Sid":"Enable IAM user permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},
		"Action":"kms:*","Resource":"*"}`
	useOfKey = `["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"]`
)

// inB is the walkthrough's statement of the key policy that lets account B in.
const inB = `{"Sid":"Allow use of the key","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},
	"Action":` + useOfKey + `,"Resource":"*"}`

func document(statements ...string) string {
	if len(statements) == 0 {
		return ""
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// allow is a statement of the bucket policy.
func allow(principal, actions, resources string, more ...string) string {
	text := `{"Effect":"Allow","Principal":` + principal + `,"Action":` + actions + `,"Resource":` + resources
	return text + strings.Join(more, "") + "}"
}

func aws(arn string) string { return `{"AWS":"` + arn + `"}` }

const (
	accountB    = `{"AWS":"arn:aws:iam::222222222222:root"}`
	wholeBucket = `["` + bucketARN + `","` + bucketARN + `/*"]`
	objects     = `"` + bucketARN + `/*"`
	listGetPut  = `["s3:ListBucket","s3:GetObject","s3:PutObject"]`
)

// world is a bucket as people make it by hand.
func world(bucketPolicy, keyPolicy string, principals ...proof.Principal) proof.World {
	return proof.World{
		Bucket: proof.Bucket{
			Name: "account-a-bucket", Region: "ap-southeast-2", Owner: sharetest.OwnerAccount,
			Policy:           proof.ResourcePolicy(bucketPolicy, grammar.BucketPolicy),
			Key:              &proof.Key{ARN: keyARN, Policy: proof.ResourcePolicy(keyPolicy, grammar.KeyPolicy)},
			BucketKeyEnabled: true, Protection: &proof.Protection{Algorithm: "aws:kms"},
		},
		Accounts: map[string]proof.Account{}, Principals: principals,
	}
}

// identity is a user, role or group with inline policies, by name.
func identity(arn string, policies ...string) proof.Principal {
	kind := evaluator.User
	switch {
	case strings.Contains(arn, ":role/"):
		kind = evaluator.Role
	case strings.Contains(arn, ":group/"):
		kind = proof.GroupType
	}
	p := proof.Principal{ARN: arn, Account: strings.Split(arn, ":")[4], Type: kind}
	for i := 0; i+1 < len(policies); i += 2 {
		p.Policies = append(p.Policies, proof.NewDocument("inline policy "+policies[i], policies[i+1], grammar.Identity))
	}
	return p
}

// byHand is the walkthrough's inline policy.
var byHand = document(
	`{"Sid":"ListBucketContents","Effect":"Allow","Action":["s3:ListBucket"],"Resource":["`+bucketARN+`"]}`,
	`{"Sid":"UploadDownloadBucketPermissions","Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],
		"Resource":["`+bucketARN+`/*"]}`,
	`{"Sid":"EncryptDecryptBucketContents","Effect":"Allow","Action":`+useOfKey+`,"Resource":["`+keyARN+`"]}`,
)

func walkthrough() proof.World {
	return world(document(
		allow(accountB, `"s3:ListBucket"`, `"`+bucketARN+`"`),
		allow(accountB, `"s3:GetObject"`, objects),
		allow(accountB, `"s3:PutObject"`, objects),
	), document(root, inB),
		identity("arn:aws:iam::111111111111:user/admin", "all", document(`{"Effect":"Allow","Action":"*","Resource":"*"}`)),
		identity("arn:aws:iam::111111111111:user/ann", "access-s3-account-a-bucket", byHand),
		identity("arn:aws:iam::222222222222:user/dilip", "access-s3-account-a-bucket", byHand),
	)
}

func show(t *testing.T, a adopt.Adoption) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(a.YAML() + "---\n")
	sharetest.Must(t, a.Report(&b))
	b.WriteString(a.Next("share.yaml", map[string]string{"111111111111": "a"}))
	return b.String()
}
