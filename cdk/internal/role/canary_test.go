package role_test

import (
	"testing"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy/grammar"
)

// open lets everybody do everything, so that the role alone decides.
const open = `{"Version": "2012-10-17", "Statement": [
	{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
]}`

// provider is the role of an account's provider, with all of its statements.
func provider(t *testing.T, account *evaluator.Account) *evaluator.Requester {
	t.Helper()
	return evaluator.NewRequester(evaluator.Principal{
		ARN:  "arn:aws:iam::" + account.ID + ":role/sharedbucket-provider-ap-southeast-2",
		Type: evaluator.Role, Account: account,
		Identity: []*evaluator.Policy{
			evaluator.NewPolicy("provider", policyOf(t, role.Statements(limited, own)), grammar.Identity),
		},
	})
}

// sharedBucket is a bucket of an account, with its key.
func sharedBucket(owner *evaluator.Account, bucketPolicy string) *evaluator.Evaluator {
	b := evaluator.Bucket{
		Name: "shared-data", Region: "ap-southeast-2", Owner: owner, BucketKeyEnabled: true,
		Key: &evaluator.Key{
			ARN:    "arn:aws:kms:ap-southeast-2:" + owner.ID + ":key/12345678-12ab-34cd-56ef-1234567890ab",
			Owner:  owner,
			Policy: evaluator.NewPolicy("key policy", open, grammar.KeyPolicy),
		},
	}
	if bucketPolicy != "" {
		b.Policy = evaluator.NewPolicy("bucket policy", bucketPolicy, grammar.BucketPolicy)
	}
	return evaluator.NewEvaluator(b)
}

// However wide an account opens its bucket and key: a provider's role touches no object but canaries, those of its own
// account in other accounts' buckets, and in its own account's buckets it can only delete them. It uses no key by
// itself.
func TestRoleTouchesNoObjectButCanaries(t *testing.T) {
	home := &evaluator.Account{ID: "111111111111"}
	other := &evaluator.Account{ID: "222222222222"}
	mark := document.MarkOf("stack", "Access")
	keys := []string{
		document.CanaryKey(home.ID, mark), document.CanaryKey(other.ID, mark), document.CanaryFolder, "report.csv",
		".sharedbucket/canary", ".sharedbucket/canary-other/" + home.ID + "/object", "x/" + document.CanaryKey(home.ID, mark),
	}
	in := func(list ...string) map[string]bool {
		all := map[string]bool{}
		for _, one := range list {
			all[one] = true
		}
		return all
	}
	for _, c := range []struct {
		name       string
		owner      *evaluator.Account
		operations map[string]bool
		keys       map[string]bool
	}{
		{
			name: "another account's bucket", owner: other, keys: in(keys[0]),
			operations: in("PutObject", "MultipartUpload", "GetObject", "DeleteObjectVersion"),
		},
		{
			// A denial of folders above the canary's would also hold while a bucket is emptied.
			name: "a bucket of its own account", owner: home, keys: in(keys[0], keys[1], keys[2], keys[6]),
			operations: in("DeleteObjectVersion"),
		},
	} {
		// In its own account, the role's own policy is enough: a bucket policy that lets everybody in would hide it.
		policy := open
		if c.owner == home {
			policy = ""
		}
		bucket, r := sharedBucket(c.owner, policy), provider(t, home)
		for _, operation := range append(proof.OperationNames(), "s3:PutObjectAcl", "s3:GetObjectAcl", "s3:RestoreObject") {
			for _, key := range keys {
				if operation == "GetBucketLocation" || operation == "ListObjectsV2" || operation == "ListMultipartUploads" {
					continue // about the bucket: no object is touched
				}
				d := bucket.Decide(r, evaluator.Request{Operation: evaluator.Operation(operation), Key: key})
				want := c.operations[operation] && c.keys[key]
				if got := d.Overall == evaluator.Allow; got != want {
					t.Errorf("%s: %s of %q: allowed %v, want %v", c.name, operation, key, got, want)
				}
			}
		}
		for _, action := range []evaluator.Operation{"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"} {
			if d := bucket.Decide(r, evaluator.Request{Operation: action}); c.owner != home && d.Overall == evaluator.Allow {
				t.Errorf("%s: %s is allowed", c.name, action)
			}
		}
	}
}
