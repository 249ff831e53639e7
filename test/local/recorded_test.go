package local_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"example.com/sharedbucket/test/local"
)

// What real AWS was recorded to answer, where it is not what one would think.

func inVirginia(o *s3.Options) { o.Region = "us-east-1" }

func TestCreatingOnesOwnBucketInVirginia(t *testing.T) {
	a := account(t)
	client := s3.NewFromConfig(a.Config(), inVirginia)
	bucket := aws.String("virginia-" + a.ID)
	create := func(tags ...s3types.Tag) error {
		input := &s3.CreateBucketInput{Bucket: bucket}
		if tags != nil {
			input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{Tags: tags}
		}
		_, err := client.CreateBucket(t.Context(), input)
		return err
	}
	one := s3types.Tag{Key: aws.String("one"), Value: aws.String("1")}
	wantCode(t, "at first", create(one), "")
	wantCode(t, "with the same tags", create(one), "BucketAlreadyOwnedByYou")
	wantCode(t, "with other tags", create(s3types.Tag{
		Key: aws.String("two"), Value: aws.String(""),
	}), "BucketAlreadyOwnedByYou")
	wantCode(t, "without tags", create(), "")
	tags, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "one" {
		t.Errorf("tags %+v %v, want the first ones", tags, err)
	}
}

func TestCharactersOfTags(t *testing.T) {
	a := account(t)
	client := createBucket(t, a, "tagged-"+a.ID)
	control := s3control.NewFromConfig(a.Config())
	arn := aws.String("arn:aws:s3:::tagged-" + a.ID)
	for _, test := range []struct{ name, key, value, code string }{
		{name: "what is allowed", key: "Käse 1_.:/=+-@", value: "ü _.:/=+-@"},
		{name: "no value", key: "k"},
		{name: "a comma in the key", key: "a,b", code: "InvalidTag"},
		{name: "a comma in the value", key: "k", value: "a,b", code: "InvalidTag"},
		{name: "a line break", key: "k", value: "a\nb", code: "InvalidTag"},
		{name: "the prefix of AWS", key: "aws:k", code: "InvalidTag"},
		{name: "the prefix of AWS further on", key: "x:aws:k"},
		{name: "too long a key", key: strings.Repeat("k", 129), code: "InvalidTag"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: aws.String("tagged-" + a.ID),
				Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: &test.key, Value: &test.value}}}})
			wantCode(t, "PutBucketTagging", err, test.code)
			_, err = control.TagResource(t.Context(), &s3control.TagResourceInput{AccountId: &a.ID, ResourceArn: arn,
				Tags: []s3controltypes.Tag{{Key: &test.key, Value: &test.value}}})
			wantCode(t, "TagResource", err, test.code)
			if test.code == "" {
				return
			}
			_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("new-" + a.ID),
				CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
					LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
					Tags:               []s3types.Tag{{Key: &test.key, Value: &test.value}},
				}})
			wantCode(t, "CreateBucket", err, test.code)
			_, err = client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: aws.String("new-" + a.ID)})
			wantCode(t, "nothing was made", err, "NoSuchBucket")
		})
	}
}

// wantStatus checks an error's code and HTTP status.
func wantStatus(t *testing.T, what string, err error, code string, status int) {
	t.Helper()
	wantCode(t, what, err, code)
	if answer := (*awshttp.ResponseError)(nil); !errors.As(err, &answer) || answer.HTTPStatusCode() != status {
		t.Errorf("%s: %v, want status %d", what, err, status)
	}
}

func TestStatusOfErrors(t *testing.T) {
	a, b := account(t), account(t)
	name := "status-" + a.ID
	client := createBucket(t, a, name)
	ctx := t.Context()
	_, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name, ExpectedBucketOwner: &b.ID})
	wantStatus(t, "another owner", err, "AccessDenied", http.StatusForbidden)
	_, err = client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	wantStatus(t, "no policy", err, "NoSuchBucketPolicy", http.StatusNotFound)
	_, err = client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("none-" + a.ID)})
	wantStatus(t, "no bucket", err, "NoSuchBucket", http.StatusNotFound)

	control, arn := s3control.NewFromConfig(a.Config()), aws.String("arn:aws:s3:::none-"+a.ID)
	_, err = control.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: &a.ID, ResourceArn: arn})
	wantStatus(t, "tags of no bucket", err, "NoSuchResource", http.StatusNotFound)
	_, err = control.UntagResource(ctx, &s3control.UntagResourceInput{
		AccountId: &a.ID, ResourceArn: arn, TagKeys: []string{"x"},
	})
	wantStatus(t, "untagging no bucket", err, "NoSuchResource", http.StatusNotFound)
	_, err = control.TagResource(ctx, &s3control.TagResourceInput{AccountId: &a.ID, ResourceArn: arn,
		Tags: []s3controltypes.Tag{{Key: aws.String("x"), Value: aws.String("y")}}})
	wantStatus(t, "tagging no bucket", err, "NoSuchResource", http.StatusNotFound)
}

func TestPublicPolicyIsABareAccessDenied(t *testing.T) {
	a := account(t)
	name := "public-" + a.ID
	_, err := createBucket(t, a, name).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: &name, Policy: aws.String(bucketPolicy(name, "*")),
	})
	wantStatus(t, "a public policy", err, "AccessDenied", http.StatusForbidden)
	if !strings.HasSuffix(err.Error(), "AccessDenied: Access Denied") {
		t.Errorf("%v says more than S3 does", err)
	}
}

func TestDefaultKeyComesBackAsItWasPut(t *testing.T) {
	a := account(t)
	ctx, name := t.Context(), "named-"+a.ID
	client, keys := createBucket(t, a, name), kms.NewFromConfig(a.Config())
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	id, arn, alias := *key.KeyMetadata.KeyId, *key.KeyMetadata.Arn, "alias/named-"+a.ID
	if _, err := keys.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: &id}); err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{id, arn, alias, strings.Replace(arn, "key/"+id, alias, 1)} {
		t.Run(named, func(t *testing.T) {
			rule := s3types.ServerSideEncryptionRule{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
				SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &named,
			}}
			if _, err := client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &name,
				ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
					Rules: []s3types.ServerSideEncryptionRule{rule},
				}}); err != nil {
				t.Fatal(err)
			}
			got, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name})
			if err != nil {
				t.Fatal(err)
			}
			rule = got.ServerSideEncryptionConfiguration.Rules[0]
			want(t, "the bucket's key", aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID), named)
			object, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("k")})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "the object's key", aws.ToString(object.SSEKMSKeyId), arn)
		})
	}
}

func TestMalformedKeyARNs(t *testing.T) {
	a := account(t)
	ctx, name := t.Context(), "malformed-"+a.ID
	client, keys := createBucket(t, a, name), kms.NewFromConfig(a.Config())
	for _, arn := range []string{
		"arn:aws:kms", "arn:aws:kms:" + shared.Region + ":1:key/x", "arn:aws:s3:::a-bucket", "arn:",
	} {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("k"),
			ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &arn})
		wantStatus(t, "PutObject under "+arn, err, "InvalidArgument", http.StatusBadRequest)
		_, err = keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		wantStatus(t, "DescribeKey of "+arn, err, "NotFoundException", http.StatusBadRequest)
	}
}

// pendingKey is a key with rotation that waits for deletion.
func pendingKey(t *testing.T, a *local.Account, tags ...kmstypes.Tag) (*kms.Client, *string) {
	t.Helper()
	client := kms.NewFromConfig(a.Config())
	key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	id := key.KeyMetadata.Arn
	if _, err := client.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{
		KeyId: id, RotationPeriodInDays: aws.Int32(180),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	return client, id
}

func TestRotationOfAPendingKey(t *testing.T) {
	client, key := pendingKey(t, account(t))
	rotation := func() (bool, int32) {
		status, err := client.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: key})
		if err != nil {
			t.Fatal(err)
		}
		return status.KeyRotationEnabled, aws.ToInt32(status.RotationPeriodInDays)
	}
	if on, days := rotation(); on || days != 0 {
		t.Errorf("while pending: %v %d", on, days)
	}
	if _, err := client.CancelKeyDeletion(t.Context(), &kms.CancelKeyDeletionInput{KeyId: key}); err != nil {
		t.Fatal(err)
	}
	if on, days := rotation(); !on || days != 180 {
		t.Errorf("after cancelling: %v %d", on, days)
	}
}

func TestNoRetryThatComesTooLate(t *testing.T) {
	a := account(t)
	// A minute before the first retry, and events that live for a minute: given up at once.
	if err := a.SetRetryDelays(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	url, arn := queue(t, a, "given-up")
	f := function(t, a, local.FunctionSpec{Name: "aged", DeadLetterQueue: arn})
	settings := &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: &f.Name, MaximumEventAgeInSeconds: aws.Int32(60),
	}
	if _, err := lambda.NewFromConfig(a.Config()).PutFunctionEventInvokeConfig(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	if err := f.InvokeLater(t.Context(), map[string]any{"Do": "fail"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "record", func() bool {
		output, err := cli(t, a, "sqs", "receive-message", "--endpoint-url", shared.Endpoint, "--queue-url", url)
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		return strings.Contains(output, `Do`)
	})
	want(t, "attempts", len(attempts(t, f, 1)), 1)
}

func TestMissingSSMParameter(t *testing.T) {
	a := account(t)
	client := cloudformation.NewFromConfig(a.Config())
	template := body(t, props{
		"Parameters": props{"Token": props{"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/none"}},
		"Resources":  props{"Handle": props{"Type": "AWS::CloudFormation::WaitConditionHandle"}},
	})
	_, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("s"), TemplateBody: template,
	})
	wantCode(t, "CreateStack", err, "ValidationError")
	_, err = client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("c"), ChangeSetType: cfntypes.ChangeSetTypeCreate,
		TemplateBody: template,
	})
	if wantCode(t, "CreateChangeSet", err, "ValidationError"); err != nil &&
		!strings.Contains(err.Error(), "Parameter Token should either have input value or default value") {
		t.Errorf("%v", err)
	}
}

func TestMissingAttributeOfACustomResource(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "attribute")
	template := resources(props{
		"Thing": custom(f, props{}), "Other": custom(f, props{"X": props{"Fn::GetAtt": []string{"Thing", "None"}}}),
	})
	want(t, "create", s.create(template), "ROLLBACK_COMPLETE")
	reason := s.reason("Other", "CREATE_FAILED")
	fields := strings.Split(reason, "|")
	if len(fields) != 3 || fields[1] != "Thing" || !strings.HasPrefix(reason,
		"CustomResource attribute error: Vendor response doesn't contain None attribute in object arn:aws:cloudformation:") {
		t.Errorf("reason %q", reason)
	}
}

func TestStatementsThatCanNeverApply(t *testing.T) {
	a := account(t)
	ctx, name := t.Context(), "never-"+a.ID
	client := createBucket(t, a, name)
	bucket, objects := "arn:aws:s3:::"+name, "arn:aws:s3:::"+name+"/*"
	prefix := statement{"StringLike": statement{"s3:prefix": "a/*"}}
	for _, test := range []struct {
		name      string
		actions   []string
		resources []string
		condition statement
		refused   string
		onlyByS3  bool
	}{
		{name: "a prefix for listing", actions: []string{"s3:ListBucket"}, resources: []string{bucket}, condition: prefix},
		{
			name: "a prefix for every action that lists", actions: []string{"s3:List*"}, resources: []string{bucket},
			condition: prefix,
		},
		{
			name: "a prefix for uploads", actions: []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"},
			resources: []string{bucket}, condition: prefix,
			refused: "Conditions do not apply to combination of actions and resources in statement",
		},
		{
			name: "a prefix for objects", actions: []string{"s3:GetObject"}, resources: []string{objects}, condition: prefix,
			refused: "Conditions do not apply to combination of actions and resources in statement",
		},
		{
			name: "an action of objects on the bucket", actions: []string{"s3:ListBucket", "s3:GetObject"},
			resources: []string{bucket},
			onlyByS3:  true, refused: "Action does not apply to any resource(s) in statement",
		},
		{
			name: "an action of buckets on objects", actions: []string{"s3:ListBucket"}, resources: []string{objects},
			onlyByS3: true, refused: "Action does not apply to any resource(s) in statement",
		},
		{
			name: "no such action", actions: []string{"s3:ReadObject"}, resources: []string{objects},
			refused: "Policy has invalid action",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := func(refusal string, applies bool) string {
				if test.refused == "" || !applies {
					return ""
				}
				return refusal
			}
			one := statement{"Effect": "Allow", "Action": test.actions, "Resource": test.resources, "Condition": test.condition}
			if test.condition == nil {
				delete(one, "Condition")
			}
			_, err := iam.NewFromConfig(a.Config()).PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: aws.String("admin"), PolicyName: aws.String("p"), PolicyDocument: aws.String(local.Document(one)),
			})
			wantCode(t, "an inline policy", err, code("MalformedPolicyDocument", !test.onlyByS3))
			one["Principal"] = statement{"AWS": a.ID}
			_, err = client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{
				Bucket: &name, Policy: aws.String(local.Document(one)),
			})
			wantCode(t, "a bucket policy", err, code("MalformedPolicy", true))
			if err != nil && !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%v, want %q", err, test.refused)
			}
		})
	}
	_, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{Policy: aws.String(local.Document(
		statement{"Effect": "Allow", "Principal": statement{"AWS": a.ID}, "Action": "kms:*", "Resource": "*"},
		statement{"Effect": "Allow", "Principal": statement{"AWS": a.ID}, "Action": "kms:DescribeKey", "Resource": "*",
			"Condition": statement{"StringEquals": statement{"kms:EncryptionContext:aws:s3:arn": bucket}}},
	))})
	wantCode(t, "a key policy", err, "MalformedPolicyDocumentException")
}
