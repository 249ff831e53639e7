package evaluator_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// asked is what an operation asks for, as "action on resource" in order, with the key of the bucket as "key".
func asked(t *testing.T, q evaluator.Request) string {
	t.Helper()
	account := &evaluator.Account{ID: owner}
	newBucket := func(name, key string) *evaluator.Evaluator {
		return evaluator.NewEvaluator(evaluator.Bucket{
			Name: name, Region: "eu-west-1", Owner: account, Key: &evaluator.Key{ARN: key, Owner: account},
		})
	}
	if q.Source.Key != "" {
		q.Source.Bucket = newBucket("source", "source key")
	}
	everything := evaluator.NewPolicy("",
		`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}`, grammar.Identity)
	r := evaluator.NewRequester(evaluator.Principal{
		ARN: ann, Type: evaluator.User, Account: account, Identity: []*evaluator.Policy{everything},
	})
	var all []string
	for _, reason := range newBucket("b", "key").Decide(r, q).Reasons {
		all = append(all, reason.Action+" "+strings.TrimPrefix(reason.Resource, "arn:aws:s3:::"))
	}
	return strings.Join(all, ", ")
}

// TestOperations: using-with-s3-policy-actions.html, UsingKMSEncryption.html and mpuoverview.html#mpuAndPermissions in
// the S3 guide say which actions an operation needs, and on what.
func TestOperations(t *testing.T) {
	want := map[evaluator.Operation]string{
		"GetObject":                  "s3:GetObject b/k, kms:Decrypt key",
		"HeadObject":                 "s3:GetObject b/k, kms:Decrypt key",
		"GetObjectVersion":           "s3:GetObjectVersion b/k, kms:Decrypt key",
		"GetObjectAttributes":        "s3:GetObject b/k, s3:GetObjectAttributes b/k, kms:Decrypt key",
		"GetObjectVersionAttributes": "s3:GetObjectVersion b/k, s3:GetObjectVersionAttributes b/k, kms:Decrypt key",
		"ListParts":                  "s3:ListMultipartUploadParts b/k, kms:Decrypt key",
		"PutObject":                  "s3:PutObject b/k, kms:GenerateDataKey key",
		"MultipartUpload":            "s3:PutObject b/k, kms:GenerateDataKey key, kms:Decrypt key",
		"CreateMultipartUpload":      "s3:PutObject b/k, kms:GenerateDataKey key",
		"UploadPart":                 "s3:PutObject b/k, kms:GenerateDataKey key, kms:Decrypt key",
		"CompleteMultipartUpload":    "s3:PutObject b/k, kms:GenerateDataKey key, kms:Decrypt key",
		"AbortMultipartUpload":       "s3:AbortMultipartUpload b/k",
		"CopyObject": "s3:GetObject source/from, kms:Decrypt source key, s3:PutObject b/k, " +
			"kms:GenerateDataKey key",
		"CopyObjectVersion": "s3:GetObjectVersion source/from, kms:Decrypt source key, s3:PutObject b/k, " +
			"kms:GenerateDataKey key",
		"UploadPartCopy": "s3:GetObject source/from, kms:Decrypt source key, s3:PutObject b/k, " +
			"kms:GenerateDataKey key, kms:Decrypt key",
		"UploadPartCopyVersion": "s3:GetObjectVersion source/from, kms:Decrypt source key, s3:PutObject b/k, " +
			"kms:GenerateDataKey key, kms:Decrypt key",
		"DeleteObject":               "s3:DeleteObject b/k",
		"DeleteObjects":              "s3:DeleteObject b/k",
		"DeleteObjectVersion":        "s3:DeleteObjectVersion b/k",
		"GetObjectTagging":           "s3:GetObjectTagging b/k",
		"GetObjectVersionTagging":    "s3:GetObjectVersionTagging b/k",
		"PutObjectTagging":           "s3:PutObjectTagging b/k",
		"PutObjectVersionTagging":    "s3:PutObjectVersionTagging b/k",
		"DeleteObjectTagging":        "s3:DeleteObjectTagging b/k",
		"DeleteObjectVersionTagging": "s3:DeleteObjectVersionTagging b/k",
		"ListBucket":                 "s3:ListBucket b",
		"ListObjects":                "s3:ListBucket b",
		"ListObjectsV2":              "s3:ListBucket b",
		"HeadBucket":                 "s3:ListBucket b",
		"ListObjectVersions":         "s3:ListBucketVersions b",
		"ListMultipartUploads":       "s3:ListBucketMultipartUploads b",
		"GetBucketLocation":          "s3:GetBucketLocation b",
	}
	for _, o := range evaluator.Operations() {
		q := evaluator.Request{Operation: o, Key: "k"}
		if strings.Contains(string(o), "Copy") {
			q.Source.Key = "from"
		}
		if got := asked(t, q); got != want[o] {
			t.Errorf("%s asks for %q, want %q", o, got, want[o])
		}
		delete(want, o)
	}
	for o := range want {
		t.Errorf("%s is not known", o)
	}
}

// TestSingleActions: an action that stands for itself, on the bucket, the object, the key, or what is named.
func TestSingleActions(t *testing.T) {
	for _, c := range []struct {
		name    string
		request evaluator.Request
		want    string
	}{
		{
			name:    "of the bucket",
			request: evaluator.Request{Operation: "s3:GetBucketPolicy"},
			want:    "s3:GetBucketPolicy b",
		},
		{
			name:    "of an object",
			request: evaluator.Request{Operation: "s3:GetObjectAcl", Key: "k"},
			want:    "s3:GetObjectAcl b/k",
		},
		{
			name:    "of the key",
			request: evaluator.Request{Operation: "kms:DescribeKey"},
			want:    "kms:DescribeKey key",
		},
		{
			name:    "of another service",
			request: evaluator.Request{Operation: "iam:GetUser", Resource: "arn:aws:iam::111111111111:user/ann"},
			want:    "iam:GetUser arn:aws:iam::111111111111:user/ann",
		},
		{
			name:    "several objects",
			request: evaluator.Request{Operation: "DeleteObjects", Keys: []string{"x", "y"}},
			want:    "s3:DeleteObject b/x, s3:DeleteObject b/y",
		},
	} {
		if got := asked(t, c.request); got != c.want {
			t.Errorf("%s: asks for %q, want %q", c.name, got, c.want)
		}
	}
}

// TestUnknownOperation: the error names the known ones.
func TestUnknownOperation(t *testing.T) {
	for _, name := range []string{"", "getobject", "GetObjekt", "s3:", ":GetObject", "s3:Get*", "S3:GetObject",
		"s3 :GetObject"} {
		_, err := evaluator.ParseOperation(name)
		if err == nil {
			t.Errorf("%q is known", name)
			continue
		}
		for _, part := range []string{`"` + name + `"`, "CopyObject", "ListObjectVersions", "kms:DescribeKey"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: no %s in %v", name, part, err)
			}
		}
	}
	if !slices.IsSorted(evaluator.Operations()) {
		t.Error("operations are not in order")
	}
}

// TestDirectKMS: who calls KMS himself comes without kms:ViaService and encryption context.
func TestDirectKMS(t *testing.T) {
	viaS3 := toIf(other, `"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`)
	describe := `{"Effect": "Allow", "Principal": {"AWS": "` + other + `"}, "Action": "kms:DescribeKey", "Resource": "*"}`
	everything := []string{allowAll}
	run(t, []rule{
		{
			name:    "only through S3",
			request: request{who: dilip, operation: "kms:Decrypt", identity: everything, keyPolicy: []string{viaS3}},
			want:    "none deny(key policy)",
		},
		{
			name: "through S3",
			request: request{who: dilip, operation: "GetObject", identity: everything, bucket: []string{to(other)},
				keyPolicy: []string{viaS3}},
			want: "allow allow",
		},
		{
			name: "what is for everybody",
			request: request{who: dilip, operation: "kms:DescribeKey", identity: everything,
				keyPolicy: []string{viaS3, describe}},
			want: "none allow",
		},
		{
			name: "an encryption context of one's own",
			request: request{
				who: ann, operation: "kms:Decrypt", identity: everything,
				context:   given{"kms:EncryptionContext:team": "a"},
				keyPolicy: []string{toIf(owner, `"StringEquals": {"kms:EncryptionContext:team": "a"}`)},
			},
			want: "none allow",
		},
	})
}

// TestCopy: both objects and both keys count, whoever lacks one is told which.
func TestCopy(t *testing.T) {
	account := &evaluator.Account{ID: owner}
	policyOf := func(kind grammar.Kind, statements ...string) *evaluator.Policy {
		return evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": [`+strings.Join(statements, ", ")+`]}`, kind)
	}
	far := evaluator.NewRequester(evaluator.Principal{
		ARN: dilip, Type: evaluator.User, Account: &evaluator.Account{ID: other},
		Identity: []*evaluator.Policy{policyOf(grammar.Identity, allowAll)},
	})
	newBucket := func(name, statement, key string) *evaluator.Evaluator {
		return evaluator.NewEvaluator(evaluator.Bucket{
			Name: name, Region: "eu-west-1", Owner: account, Policy: policyOf(grammar.BucketPolicy, statement),
			Key: &evaluator.Key{ARN: keyARN, Owner: account, Policy: policyOf(grammar.KeyPolicy, key)},
		})
	}
	for _, c := range []struct {
		name, source, sourceKey, target, targetKey, want string
	}{
		{
			name:      "everything",
			source:    to(other),
			sourceKey: to(other),
			target:    to(other),
			targetKey: to(other),
			want:      "allow allow",
		},
		{
			name:      "no source",
			source:    to(third),
			sourceKey: to(other),
			target:    to(other),
			targetKey: to(other),
			want:      "deny(bucket policy) allow",
		},
		{
			name:      "no key of the source",
			source:    to(other),
			sourceKey: to(third),
			target:    to(other),
			targetKey: to(other),
			want:      "allow deny(key policy)",
		},
		{
			name:      "no target",
			source:    to(other),
			sourceKey: to(other),
			target:    to(third),
			targetKey: to(other),
			want:      "deny(bucket policy) allow",
		},
		{
			name:      "no key of the target",
			source:    to(other),
			sourceKey: to(other),
			target:    to(other),
			targetKey: to(third),
			want:      "allow deny(key policy)",
		},
	} {
		d := newBucket("b", c.target, c.targetKey).Decide(far, evaluator.Request{
			Operation: "CopyObject", Key: "k",
			Source: evaluator.Source{Bucket: newBucket("source", c.source, c.sourceKey), Key: "from"},
		})
		if got := verdicts(d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	same := newBucket("b", to(other), to(other)).Decide(far, evaluator.Request{
		Operation: "CopyObject", Key: "k", Source: evaluator.Source{Key: "from"},
	})
	if resource := same.Reasons[0].Resource; resource != "arn:aws:s3:::b/from" || same.Overall != evaluator.Allow {
		t.Errorf("within one bucket: %s from %s", same.Overall, resource)
	}
}

// TestConditionsOfOperations: the keys that versions, tags and conditional writes bring are taken from the request.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
func TestConditionsOfOperations(t *testing.T) {
	for _, c := range []struct {
		name, operation, condition string
		holding, failing           given
	}{
		{
			name: "a version", operation: "GetObjectVersion", condition: `"StringEquals": {"s3:VersionId": "v1"}`,
			holding: given{"s3:VersionId": "v1"}, failing: given{"s3:VersionId": "v2"},
		},
		{
			name: "a tag to be set", operation: "PutObjectTagging",
			condition: `"StringEquals": {"s3:RequestObjectTag/Team": "a"}`,
			holding:   given{"s3:RequestObjectTag/team": "a"}, failing: given{"s3:RequestObjectTag/team": "b"},
		},
		{
			name: "a tag that is there", operation: "GetObject",
			condition: `"StringLike": {"s3:ExistingObjectTag/class": "pub*"}`,
			holding:   given{"s3:ExistingObjectTag/class": "public"}, failing: given{},
		},
		{
			name: "a write that must not replace", operation: "PutObject", condition: `"Null": {"s3:if-none-match": "false"}`,
			holding: given{"s3:if-none-match": "*"}, failing: given{},
		},
	} {
		for want, context := range map[string]given{"allow none": c.holding, "deny(identity) none": c.failing} {
			run(t, []rule{{name: c.name, request: request{
				who: ann, operation: c.operation, key: "k", noKey: true, context: context, identity: identityIf(c.condition),
			}, want: want}})
		}
	}
}
