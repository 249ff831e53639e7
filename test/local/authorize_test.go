package local_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/test/local"
)

// statement is one of a policy.
type statement = map[string]any

// authorized starts a server that checks, with the project's evaluator.
func authorized(t *testing.T) *local.AWS {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	program, err := local.BuildAuthorizer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return local.StartForTest(t, local.Options{Authorizer: program})
}

func TestDataRequestsAreDecided(t *testing.T) {
	w := newSharedBucket(t)
	owner, dilip, mallory := w.as(w.a.Config()), w.user("dilip", w.full()), w.malloryWithABucket()
	keyless := w.user("keyless", local.Document(statement{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
	aliased, misnamed := w.user("aliased", w.byAlias(w.alias)), w.user("misnamed", w.byAlias("alias/other"))
	member, role, bounded, nobody := w.member(), w.role(), w.bounded(), w.as(w.Anonymous())
	aes := func(input *s3.PutObjectInput) { input.ServerSideEncryption = s3types.ServerSideEncryptionAes256 }
	new := func(input *s3.PutObjectInput) { input.IfNoneMatch = aws.String("*") }
	for _, test := range []struct {
		what   string
		err    error
		code   string
		reason string
	}{
		{what: "the owner's admin writes", err: owner.put("b/object")},
		{what: "the owner's admin reads", err: owner.get("b/object")},
		{what: "dilip writes", err: dilip.put("b/own")},
		{what: "dilip reads", err: dilip.get("b/object")},
		{what: "dilip looks", err: dilip.head("b/object")},
		{what: "dilip uploads in parts", err: dilip.multipart("b/parts")},
		{what: "dilip lists his prefix", err: dilip.list("b/")},
		{what: "dilip lists everything", err: dilip.list(""), code: "AccessDenied", reason: "s3:ListBucket"},
		{what: "dilip writes elsewhere", err: dilip.put("a/x"), code: "AccessDenied", reason: "s3:PutObject"},
		{
			what: "dilip writes with another cipher", err: dilip.put("b/aes", aes), code: "AccessDenied",
			reason: "OtherCipher",
		},
		{what: "dilip may overwrite", err: dilip.put("b/once/x"), code: "AccessDenied", reason: "NeverOverwrite"},
		{what: "dilip does not overwrite", err: dilip.put("b/once/x", new)},
		{what: "dilip would overwrite", err: dilip.put("b/once/x", new), code: "PreconditionFailed"},
		{
			what: "dilip reads what is not there and may list it", err: dilip.get("b/none"), code: "NoSuchKey",
		},
		{what: "a group's member reads", err: member.get("b/object")},
		{what: "a role reads", err: role.get("b/object")},
		{what: "with a right on the key by its alias", err: aliased.get("b/object")},
		{
			what: "with a right on the key by another alias", err: misnamed.get("b/object"),
			code: "AccessDenied", reason: "kms:Decrypt",
		},
		{
			what: "without rights on the key", err: keyless.get("b/object"), code: "AccessDenied",
			reason: "kms:Decrypt",
		},
		{
			what: "with a boundary that leaves the key out", err: bounded.get("b/object"),
			code: "AccessDenied", reason: "kms:Decrypt",
		},
		{what: "mallory reads", err: mallory.get("b/object"), code: "AccessDenied", reason: "s3:GetObject"},
		{what: "mallory looks", err: mallory.head("b/object"), code: "Forbidden"},
		{
			what: "nobody reads", err: nobody.get("b/object"),
			code: "AccessDenied", reason: "s3:GetObject",
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			wantCode(t, "", test.err, test.code)
			if test.err != nil && !strings.Contains(test.err.Error(), test.reason) {
				t.Errorf("%v does not name %s", test.err, test.reason)
			}
		})
	}
	w.presigned(dilip)
	w.withTheCLI()
	w.unknownAccessKey()
	w.copies(dilip)
	w.deletesOneByOne(dilip, owner)
}

// sharedBucket is a bucket of account a that account b may read and write below b/.
type sharedBucket struct {
	*local.AWS
	t                        *testing.T
	a, b                     *local.Account
	bucket, bucketARN, alias string
	keyARN                   string
}

func newSharedBucket(t *testing.T) *sharedBucket {
	t.Helper()
	w := &sharedBucket{
		AWS: authorized(t), t: t, bucket: "shared", bucketARN: "arn:aws:s3:::shared", alias: "alias/shared",
	}
	w.a, w.b = w.made(w.Account(t.Context(), "111111111111")), w.made(w.Account(t.Context(), "222222222222"))
	w.makeKey()
	w.makeBucket()
	return w
}

func (w *sharedBucket) made(a *local.Account, err error) *local.Account {
	w.t.Helper()
	w.must(err)
	return a
}

func (w *sharedBucket) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *sharedBucket) makeKey() {
	w.t.Helper()
	keys := kms.NewFromConfig(w.a.Config())
	key, err := keys.CreateKey(w.t.Context(), &kms.CreateKeyInput{Policy: aws.String(local.Document(
		statement{
			"Effect": "Allow", "Principal": statement{
				"AWS": "arn:aws:iam::111111111111:root",
			}, "Action": "kms:*", "Resource": "*",
		},
		statement{"Effect": "Allow", "Principal": statement{"AWS": "222222222222"},
			"Action": []string{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": "*",
			"Condition": statement{"StringEquals": statement{"kms:ViaService": "s3." + w.Region + ".amazonaws.com"}}},
	))})
	w.must(err)
	w.keyARN = *key.KeyMetadata.Arn
	w.must(second(keys.CreateAlias(w.t.Context(), &kms.CreateAliasInput{AliasName: &w.alias, TargetKeyId: &w.keyARN})))
}

func (w *sharedBucket) makeBucket() {
	w.t.Helper()
	owner := createBucket(w.t, w.a, w.bucket)
	w.must(second(owner.PutBucketEncryption(w.t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: &w.bucket,
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
					SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &w.keyARN,
				}, BucketKeyEnabled: aws.Bool(true),
			}},
		},
	})))
	policy := w.policy()
	w.must(second(owner.PutBucketPolicy(w.t.Context(), &s3.PutBucketPolicyInput{Bucket: &w.bucket, Policy: &policy})))
}

func (w *sharedBucket) policy() string {
	return local.Document(
		statement{
			"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource": []string{w.bucketARN, w.bucketARN + "/*"}, "Condition": statement{
				"Bool": statement{"aws:SecureTransport": "false"},
			},
		},
		statement{"Sid": "OtherCipher", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
			"Resource": w.bucketARN + "/*", "Condition": statement{
				"Null": statement{
					"s3:x-amz-server-side-encryption": "false",
				}, "StringNotEquals": statement{"s3:x-amz-server-side-encryption": "aws:kms"}}},
		statement{"Sid": "NeverOverwrite", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
			"Resource": w.bucketARN + "/b/once/*", "Condition": statement{
				"Null": statement{"s3:if-none-match": "true"}, "Bool": statement{"s3:ObjectCreationOperation": "true"}}},
		statement{
			"Sid": "List", "Effect": "Allow", "Principal": statement{"AWS": "222222222222"}, "Action": "s3:ListBucket",
			"Resource": w.bucketARN, "Condition": statement{
				"StringLike": statement{"s3:prefix": "b/*"},
			},
		},
		statement{
			"Sid": "Objects", "Effect": "Allow", "Principal": statement{"AWS": "222222222222"},
			"Action": []string{"s3:GetObject", "s3:PutObject"}, "Resource": w.bucketARN + "/b/*",
		},
	)
}

func (w *sharedBucket) full() string {
	return local.Document(
		statement{"Effect": "Allow", "Action": "s3:*", "Resource": []string{w.bucketARN, w.bucketARN + "/*"}},
		statement{"Effect": "Allow", "Action": "kms:*", "Resource": w.keyARN},
	)
}

// byAlias allows the key by one of its names.
func (w *sharedBucket) byAlias(name string) string {
	return local.Document(
		statement{"Effect": "Allow", "Action": "s3:*", "Resource": []string{w.bucketARN, w.bucketARN + "/*"}},
		statement{
			"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:111111111111:key/*",
			"Condition": statement{"ForAnyValue:StringEquals": statement{"kms:ResourceAliases": name}},
		},
	)
}

// requester makes requests for objects of the shared bucket.
type requester struct {
	t      *testing.T
	client *s3.Client
	bucket string
}

func (w *sharedBucket) as(config aws.Config) requester {
	return requester{t: w.t, client: s3.NewFromConfig(config), bucket: w.bucket}
}

// user is one of account b.
func (w *sharedBucket) user(name, policy string) requester {
	w.t.Helper()
	made, err := w.b.CreateUser(w.t.Context(), name, policy)
	w.must(err)
	return w.as(made.Config())
}

// malloryWithABucket may do everything with a bucket of her own.
func (w *sharedBucket) malloryWithABucket() requester {
	w.t.Helper()
	own := "mallorys-own"
	createBucket(w.t, w.b, own)
	return w.user("mallory", local.Document(statement{
		"Effect": "Allow", "Action": "s3:*", "Resource": []string{"arn:aws:s3:::" + own, "arn:aws:s3:::" + own + "/*"},
	}))
}

// member has rights by a group only.
func (w *sharedBucket) member() requester {
	w.t.Helper()
	member := w.user("member", "")
	w.must(w.b.CreateGroup(w.t.Context(), "readers", w.full(), "member"))
	return member
}

// role is a session of one.
func (w *sharedBucket) role() requester {
	w.t.Helper()
	w.must(second(w.b.CreateRole(w.t.Context(), "reader", w.full())))
	session, err := w.b.AssumeRole(w.t.Context(), "reader", "session")
	w.must(err)
	return w.as(session.Config())
}

// bounded has every right, and a permissions boundary that leaves the key out.
func (w *sharedBucket) bounded() requester {
	w.t.Helper()
	bounded := w.user("bounded", w.full())
	identities := iam.NewFromConfig(w.b.Config())
	boundary, err := identities.CreatePolicy(w.t.Context(), &iam.CreatePolicyInput{
		PolicyName:     aws.String("boundary"),
		PolicyDocument: aws.String(local.Document(statement{"Effect": "Allow", "Action": "s3:*", "Resource": "*"})),
	})
	w.must(err)
	w.must(second(identities.PutUserPermissionsBoundary(w.t.Context(), &iam.PutUserPermissionsBoundaryInput{
		UserName: aws.String("bounded"), PermissionsBoundary: boundary.Policy.Arn,
	})))
	return bounded
}

func (r requester) get(key string) error {
	return second(r.client.GetObject(r.t.Context(), &s3.GetObjectInput{Bucket: &r.bucket, Key: &key}))
}

func (r requester) head(key string) error {
	return second(r.client.HeadObject(r.t.Context(), &s3.HeadObjectInput{Bucket: &r.bucket, Key: &key}))
}

func (r requester) list(prefix string) error {
	return second(r.client.ListObjectsV2(r.t.Context(), &s3.ListObjectsV2Input{Bucket: &r.bucket, Prefix: &prefix}))
}

func (r requester) put(key string, change ...func(*s3.PutObjectInput)) error {
	input := &s3.PutObjectInput{Bucket: &r.bucket, Key: &key, Body: strings.NewReader("x")}
	for _, c := range change {
		c(input)
	}
	return second(r.client.PutObject(r.t.Context(), input))
}

func (r requester) multipart(key string) error {
	ctx := r.t.Context()
	upload, err := r.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &r.bucket, Key: &key})
	if err != nil {
		return err
	}
	part, err := r.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &r.bucket, Key: &key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("part"),
	})
	if err != nil {
		return err
	}
	return second(r.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &r.bucket, Key: &key, UploadId: upload.UploadId, MultipartUpload: &s3types.CompletedMultipartUpload{
			Parts: []s3types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}},
		},
	}))
}

// presigned: a presigned URL speaks for who signed it.
func (w *sharedBucket) presigned(dilip requester) {
	t := w.t
	request, err := s3.NewPresignClient(dilip.client).PresignGetObject(t.Context(), &s3.GetObjectInput{
		Bucket: &w.bucket, Key: aws.String("b/object"),
	})
	if err != nil {
		t.Fatal(err)
	}
	signed := must(http.NewRequestWithContext(t.Context(), request.Method, request.URL, nil))
	answer, err := dilip.client.Options().HTTPClient.Do(signed)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	want(t, "status", answer.StatusCode, http.StatusOK)
}

func (w *sharedBucket) withTheCLI() {
	t := w.t
	if output, err := cli(t, w.a, "s3", "ls", "s3://"+w.bucket+"/b/"); err != nil || !strings.Contains(output, "object") {
		t.Errorf("%v: %s", err, output)
	}
	if output, err := cli(t, w.b, "s3", "cp", "s3://"+w.bucket+"/a/x", "-"); err == nil {
		t.Errorf("copied: %s", output)
	}
}

func (w *sharedBucket) unknownAccessKey() {
	unknown := w.Config(credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7UNKNOWN", "x", ""))
	wantCode(w.t, "an access key that nobody made", w.as(unknown).get("b/object"), "InvalidAccessKeyId")
}

// copies: a copy is two requests in one.
func (w *sharedBucket) copies(dilip requester) {
	t := w.t
	source := w.bucket + "/b/object"
	_, err := dilip.client.CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: &w.bucket, Key: aws.String("b/copy"), CopySource: &source,
	})
	wantCode(t, "a copy", err, "AccessDenied")
}

// deletesOneByOne: DeleteObjects decides every key by itself.
func (w *sharedBucket) deletesOneByOne(dilip, owner requester) {
	t := w.t
	deleted, err := dilip.client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: &w.bucket, Delete: &s3types.Delete{
			Objects: []s3types.ObjectIdentifier{{Key: aws.String("b/own")}, {Key: aws.String("b/object")}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(deleted.Errors) != 2 || *deleted.Errors[0].Code != "AccessDenied" {
		t.Errorf("%+v", deleted)
	}
	deleted, err = owner.client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: &w.bucket, Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("b/own")}}},
	})
	if err != nil || len(deleted.Errors) != 0 || len(deleted.Deleted) != 1 {
		t.Errorf("%+v %v", deleted, err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// second is the error of a call whose answer does not matter.
func second[T any](_ T, err error) error { return err }
