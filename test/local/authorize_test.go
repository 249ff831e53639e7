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
	server := authorized(t)
	ctx := t.Context()
	a, err := server.Account(ctx, "111111111111")
	if err != nil {
		t.Fatal(err)
	}
	b, err := server.Account(ctx, "222222222222")
	if err != nil {
		t.Fatal(err)
	}
	bucket, bucketARN := "shared", "arn:aws:s3:::shared"
	key, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{Policy: aws.String(local.Document(
		statement{
			"Effect": "Allow", "Principal": statement{
				"AWS": "arn:aws:iam::111111111111:root",
			}, "Action": "kms:*", "Resource": "*",
		},
		statement{"Effect": "Allow", "Principal": statement{"AWS": "222222222222"},
			"Action": []string{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": "*",
			"Condition": statement{"StringEquals": statement{"kms:ViaService": "s3." + server.Region + ".amazonaws.com"}}},
	))})
	if err != nil {
		t.Fatal(err)
	}
	keyARN := *key.KeyMetadata.Arn
	owner := s3.NewFromConfig(a.Config())
	for _, err := range []error{
		second(owner.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
				LocationConstraint: s3types.BucketLocationConstraint(server.Region),
			},
		})),
		second(owner.PutBucketEncryption(ctx,
			&s3.PutBucketEncryptionInput{Bucket: &bucket,
				ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
					Rules: []s3types.ServerSideEncryptionRule{{
						ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
							SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &keyARN,
						}, BucketKeyEnabled: aws.Bool(true)}}}})),
		second(owner.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(local.Document(
			statement{
				"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
				"Resource": []string{bucketARN, bucketARN + "/*"}, "Condition": statement{
					"Bool": statement{"aws:SecureTransport": "false"},
				},
			},
			statement{"Sid": "OtherCipher", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
				"Resource": bucketARN + "/*", "Condition": statement{
					"Null": statement{
						"s3:x-amz-server-side-encryption": "false",
					}, "StringNotEquals": statement{"s3:x-amz-server-side-encryption": "aws:kms"}}},
			statement{"Sid": "NeverOverwrite", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
				"Resource": bucketARN + "/b/once/*", "Condition": statement{
					"Null": statement{"s3:if-none-match": "true"}, "Bool": statement{"s3:ObjectCreationOperation": "true"}}},
			statement{
				"Sid": "List", "Effect": "Allow", "Principal": statement{"AWS": "222222222222"}, "Action": "s3:ListBucket",
				"Resource": bucketARN, "Condition": statement{
					"StringLike": statement{"s3:prefix": "b/*"},
				},
			},
			statement{
				"Sid": "Objects", "Effect": "Allow", "Principal": statement{"AWS": "222222222222"},
				"Action": []string{"s3:GetObject", "s3:PutObject"}, "Resource": bucketARN + "/b/*",
			},
		))})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	user := func(name, policy string) *s3.Client {
		made, err := b.CreateUser(ctx, name, policy)
		if err != nil {
			t.Fatal(err)
		}
		return s3.NewFromConfig(made.Config())
	}
	full := local.Document(
		statement{"Effect": "Allow", "Action": "s3:*", "Resource": []string{bucketARN, bucketARN + "/*"}},
		statement{"Effect": "Allow", "Action": "kms:*", "Resource": keyARN},
	)
	dilip := user("dilip", full)
	keyless := user("keyless", local.Document(statement{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
	own := "mallorys-own"
	alias := aws.String("alias/shared")
	if _, err := kms.NewFromConfig(a.Config()).CreateAlias(ctx, &kms.CreateAliasInput{
		AliasName: alias, TargetKeyId: &keyARN,
	}); err != nil {
		t.Fatal(err)
	}
	byAlias := func(name string) string {
		return local.Document(
			statement{"Effect": "Allow", "Action": "s3:*", "Resource": []string{bucketARN, bucketARN + "/*"}},
			statement{
				"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:111111111111:key/*",
				"Condition": statement{"ForAnyValue:StringEquals": statement{"kms:ResourceAliases": name}},
			},
		)
	}
	aliased, misnamed := user("aliased", byAlias(*alias)), user("misnamed", byAlias("alias/other"))
	mallory := user("mallory", local.Document(statement{
		"Effect": "Allow", "Action": "s3:*", "Resource": []string{"arn:aws:s3:::" + own, "arn:aws:s3:::" + own + "/*"},
	}))
	if _, err := s3.NewFromConfig(b.Config()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &own,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(server.Region),
		},
	}); err != nil {
		t.Fatal(err)
	}
	member := user("member", "")
	if err := b.CreateGroup(ctx, "readers", full, "member"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateRole(ctx, "reader", full); err != nil {
		t.Fatal(err)
	}
	session, err := b.AssumeRole(ctx, "reader", "session")
	if err != nil {
		t.Fatal(err)
	}
	bounded := user("bounded", full)
	boundary, err := iam.NewFromConfig(b.Config()).CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("boundary"),
			PolicyDocument: aws.String(local.Document(statement{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := iam.NewFromConfig(b.Config()).PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
		UserName: aws.String("bounded"), PermissionsBoundary: boundary.Policy.Arn,
	}); err != nil {
		t.Fatal(err)
	}

	get := func(client *s3.Client, key string) error {
		_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		return err
	}
	put := func(client *s3.Client, key string, change ...func(*s3.PutObjectInput)) error {
		input := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")}
		for _, c := range change {
			c(input)
		}
		_, err := client.PutObject(ctx, input)
		return err
	}
	list := func(client *s3.Client, prefix string) error {
		_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
		return err
	}
	aes := func(input *s3.PutObjectInput) { input.ServerSideEncryption = s3types.ServerSideEncryptionAes256 }
	new := func(input *s3.PutObjectInput) { input.IfNoneMatch = aws.String("*") }
	head := func(client *s3.Client, key string) error {
		_, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		return err
	}
	multipart := func(client *s3.Client, key string) error {
		upload, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return err
		}
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &bucket, Key: &key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("part"),
		})
		if err != nil {
			return err
		}
		_, err = client.CompleteMultipartUpload(ctx,
			&s3.CompleteMultipartUploadInput{Bucket: &bucket, Key: &key, UploadId: upload.UploadId,
				MultipartUpload: &s3types.CompletedMultipartUpload{
					Parts: []s3types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}},
				}})
		return err
	}
	for _, test := range []struct {
		what   string
		err    error
		code   string
		reason string
	}{
		{what: "the owner's admin writes", err: put(owner, "b/object")},
		{what: "the owner's admin reads", err: get(owner, "b/object")},
		{what: "dilip writes", err: put(dilip, "b/own")},
		{what: "dilip reads", err: get(dilip, "b/object")},
		{what: "dilip looks", err: head(dilip, "b/object")},
		{what: "dilip uploads in parts", err: multipart(dilip, "b/parts")},
		{what: "dilip lists his prefix", err: list(dilip, "b/")},
		{what: "dilip lists everything", err: list(dilip, ""), code: "AccessDenied", reason: "s3:ListBucket"},
		{what: "dilip writes elsewhere", err: put(dilip, "a/x"), code: "AccessDenied", reason: "s3:PutObject"},
		{
			what: "dilip writes with another cipher", err: put(dilip, "b/aes", aes), code: "AccessDenied",
			reason: "OtherCipher",
		},
		{what: "dilip may overwrite", err: put(dilip, "b/once/x"), code: "AccessDenied", reason: "NeverOverwrite"},
		{what: "dilip does not overwrite", err: put(dilip, "b/once/x", new)},
		{what: "dilip would overwrite", err: put(dilip, "b/once/x", new), code: "PreconditionFailed"},
		{
			what: "dilip reads what is not there and may list it", err: get(dilip, "b/none"), code: "NoSuchKey",
		},
		{what: "a group's member reads", err: get(member, "b/object")},
		{what: "a role reads", err: get(s3.NewFromConfig(session.Config()), "b/object")},
		{what: "with a right on the key by its alias", err: get(aliased, "b/object")},
		{
			what: "with a right on the key by another alias", err: get(misnamed, "b/object"),
			code: "AccessDenied", reason: "kms:Decrypt",
		},
		{
			what: "without rights on the key", err: get(keyless, "b/object"), code: "AccessDenied",
			reason: "kms:Decrypt",
		},
		{
			what: "with a boundary that leaves the key out", err: get(bounded, "b/object"),
			code: "AccessDenied", reason: "kms:Decrypt",
		},
		{what: "mallory reads", err: get(mallory, "b/object"), code: "AccessDenied", reason: "s3:GetObject"},
		{what: "mallory looks", err: head(mallory, "b/object"), code: "Forbidden"},
		{
			what: "nobody reads", err: get(s3.NewFromConfig(server.Anonymous()), "b/object"),
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
	t.Run("a presigned URL speaks for who signed it", func(t *testing.T) {
		request, err := s3.NewPresignClient(dilip).PresignGetObject(ctx, &s3.GetObjectInput{
			Bucket: &bucket, Key: aws.String("b/object"),
		})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := dilip.Options().HTTPClient.Do(must(http.NewRequestWithContext(ctx, request.Method, request.URL, nil)))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		want(t, "status", answer.StatusCode, http.StatusOK)
	})
	t.Run("with the aws CLI", func(t *testing.T) {
		if output, err := cli(t, a, "s3", "ls", "s3://"+bucket+"/b/"); err != nil || !strings.Contains(output, "object") {
			t.Errorf("%v: %s", err, output)
		}
		if output, err := cli(t, b, "s3", "cp", "s3://"+bucket+"/a/x", "-"); err == nil {
			t.Errorf("copied: %s", output)
		}
	})
	t.Run("an access key that nobody made", func(t *testing.T) {
		wantCode(t, "",
			get(s3.NewFromConfig(server.Config(credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7UNKNOWN", "x", ""))),
				"b/object"), "InvalidAccessKeyId")
	})
	t.Run("two requests in one", func(t *testing.T) {
		source := bucket + "/b/object"
		_, err := dilip.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: aws.String("b/copy"), CopySource: &source})
		wantCode(t, "a copy", err, "AccessDenied")
	})
	t.Run("DeleteObjects decides every key by itself", func(t *testing.T) {
		deleted, err := dilip.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &bucket, Delete: &s3types.Delete{
				Objects: []s3types.ObjectIdentifier{{Key: aws.String("b/own")}, {Key: aws.String("b/object")}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(deleted.Errors) != 2 || *deleted.Errors[0].Code != "AccessDenied" {
			t.Errorf("%+v", deleted)
		}
		deleted, err = owner.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &bucket, Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("b/own")}}},
		})
		if err != nil || len(deleted.Errors) != 0 || len(deleted.Deleted) != 1 {
			t.Errorf("%+v %v", deleted, err)
		}
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// second is the error of a call whose answer does not matter.
func second[T any](_ T, err error) error { return err }
