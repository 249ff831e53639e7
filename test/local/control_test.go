package local_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"example.com/sharedbucket/test/local"
)

// A right is what a call needs, and a condition that must hold.
type right struct {
	actions   []string
	resource  string
	condition statement
	elsewhere string // a resource of the same kind for which the right does not help
}

func (r right) document(resource string) string {
	s := statement{"Sid": "Right", "Effect": "Allow", "Action": r.actions, "Resource": resource}
	if r.condition != nil {
		s["Condition"] = r.condition
	}
	return local.Document(s)
}

// TestControlPlaneIsAuthorized: each call fails without its right, with it elsewhere, and succeeds with it.
func TestControlPlaneIsAuthorized(t *testing.T) {
	server := authorized(t)
	ctx := t.Context()
	a, err := server.Account(ctx, "111111111111")
	if err != nil {
		t.Fatal(err)
	}
	key, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{
		Tags: []kmstypes.Tag{{TagKey: aws.String("of"), TagValue: aws.String("share")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s3.NewFromConfig(a.Config()).CreateBucket(ctx, inRegion(server, "there")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateRole(ctx, "reader", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := ssm.NewFromConfig(a.Config()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/a/b"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := cloudformation.NewFromConfig(a.Config()).CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName:    aws.String("stack"),
		TemplateBody: body(t, resources(props{"H": props{"Type": "AWS::CloudFormation::WaitConditionHandle"}})),
	}); err != nil {
		t.Fatal(err)
	}
	here := server.Region + ":111111111111:"
	there := "arn:aws:s3:::there"
	for _, test := range []struct {
		name string
		call func(context.Context, aws.Config) error
		right
	}{
		{
			name: "PutBucketPolicy",
			call: func(ctx context.Context, c aws.Config) error {
				return second(s3.NewFromConfig(c).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("there"),
					Policy: aws.String(bucketPolicy("there", "111111111111"))}))
			},
			right: right{actions: []string{"s3:PutBucketPolicy"}, resource: there, elsewhere: "arn:aws:s3:::other",
				condition: statement{"StringEquals": statement{"aws:ResourceAccount": "111111111111"}}},
		},
		{
			name: "GetBucketEncryption, whose action has another name",
			call: func(ctx context.Context, c aws.Config) error {
				return second(s3.NewFromConfig(c).GetBucketEncryption(ctx,
					&s3.GetBucketEncryptionInput{Bucket: aws.String("there")}))
			},
			right: right{actions: []string{"s3:GetEncryptionConfiguration"}, resource: there, elsewhere: "arn:aws:s3:::other"},
		},
		{
			name: "DeletePublicAccessBlock, which is the right to put one",
			call: func(ctx context.Context, c aws.Config) error {
				return second(s3.NewFromConfig(c).DeletePublicAccessBlock(ctx,
					&s3.DeletePublicAccessBlockInput{Bucket: aws.String("there")}))
			},
			right: right{actions: []string{"s3:PutBucketPublicAccessBlock"}, resource: there, elsewhere: "arn:aws:s3:::other"},
		},
		{
			name: "CreateBucket with tags and ownership",
			call: func(ctx context.Context, c aws.Config) error {
				input := inRegion(server, "new")
				input.CreateBucketConfiguration.Tags = []s3types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
				input.ObjectOwnership = s3types.ObjectOwnershipBucketOwnerEnforced
				return second(s3.NewFromConfig(c).CreateBucket(ctx, input))
			},
			right: right{actions: []string{"s3:CreateBucket", "s3:TagResource", "s3:PutBucketOwnershipControls"},
				resource: "arn:aws:s3:::new", elsewhere: "arn:aws:s3:::new-*"},
		},
		{
			name: "S3 Control's TagResource",
			call: func(ctx context.Context, c aws.Config) error {
				return second(s3control.NewFromConfig(c).TagResource(ctx, &s3control.TagResourceInput{
					AccountId: aws.String("111111111111"), ResourceArn: &there,
					Tags: []s3controltypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
				}))
			},
			right: right{actions: []string{"s3:TagResource"}, resource: there, elsewhere: "arn:aws:s3:::other",
				condition: statement{"StringEquals": statement{"aws:RequestTag/k": "v"}}},
		},
		{
			name: "CreateKey",
			call: func(ctx context.Context, c aws.Config) error {
				return second(kms.NewFromConfig(c).CreateKey(ctx, &kms.CreateKeyInput{}))
			},
			right: right{actions: []string{"kms:CreateKey"}, resource: "*", elsewhere: "arn:aws:kms:" + here + "key/*",
				condition: statement{
					"StringEquals": statement{"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"},
				}},
		},
		{
			name: "EnableKeyRotation of a key with a tag",
			call: func(ctx context.Context, c aws.Config) error {
				return second(kms.NewFromConfig(c).EnableKeyRotation(ctx,
					&kms.EnableKeyRotationInput{KeyId: key.KeyMetadata.KeyId}))
			},
			right: right{actions: []string{"kms:EnableKeyRotation"}, resource: *key.KeyMetadata.Arn,
				elsewhere: "arn:aws:kms:" + here + "key/other",
				condition: statement{"StringEquals": statement{"aws:ResourceTag/of": "share"}}},
		},
		{
			name: "ListAliases",
			call: func(ctx context.Context, c aws.Config) error {
				return second(kms.NewFromConfig(c).ListAliases(ctx, &kms.ListAliasesInput{}))
			},
			right: right{actions: []string{"kms:ListAliases"}, resource: "*", elsewhere: *key.KeyMetadata.Arn},
		},
		{
			name: "PutRolePolicy",
			call: func(ctx context.Context, c aws.Config) error {
				return second(iam.NewFromConfig(c).PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("reader"),
					PolicyName: aws.String("p"), PolicyDocument: aws.String(local.AllowAll)}))
			},
			right: right{actions: []string{"iam:PutRolePolicy"}, resource: "arn:aws:iam::111111111111:role/reader",
				elsewhere: "arn:aws:iam::111111111111:user/reader"},
		},
		{
			name: "AttachRolePolicy",
			call: func(ctx context.Context, c aws.Config) error {
				return second(iam.NewFromConfig(c).AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
					RoleName: aws.String("reader"), PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}))
			},
			right: right{actions: []string{"iam:AttachRolePolicy"}, resource: "arn:aws:iam::111111111111:role/reader",
				condition: statement{"ArnLike": statement{"iam:PolicyARN": "arn:aws:iam::aws:policy/Read*"}},
				elsewhere: "arn:aws:iam::111111111111:role/other"},
		},
		{
			name: "CreatePolicy",
			call: func(ctx context.Context, c aws.Config) error {
				return second(iam.NewFromConfig(c).CreatePolicy(ctx, &iam.CreatePolicyInput{
					PolicyName: aws.String("p"), Path: aws.String("/a/"), PolicyDocument: aws.String(local.AllowAll),
					Tags: []iamtypes.Tag{{Key: aws.String("of"), Value: aws.String("share")}},
				}))
			},
			right: right{actions: []string{"iam:CreatePolicy", "iam:TagPolicy"},
				resource: "arn:aws:iam::111111111111:policy/a/*", elsewhere: "arn:aws:iam::111111111111:policy/b/*",
				condition: statement{"StringEquals": statement{"aws:RequestTag/of": "share"}}},
		},
		{
			name: "GetParameter",
			call: func(ctx context.Context, c aws.Config) error {
				return second(ssm.NewFromConfig(c).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/a/b")}))
			},
			right: right{actions: []string{"ssm:GetParameter"}, resource: "arn:aws:ssm:" + here + "parameter/a/b",
				elsewhere: "arn:aws:ssm:" + here + "parameter/a/c"},
		},
		{
			name: "DescribeStacks",
			call: func(ctx context.Context, c aws.Config) error {
				return second(cloudformation.NewFromConfig(c).DescribeStacks(ctx,
					&cloudformation.DescribeStacksInput{StackName: aws.String("stack")}))
			},
			right: right{actions: []string{"cloudformation:DescribeStacks"},
				resource:  "arn:aws:cloudformation:" + here + "stack/stack/*",
				elsewhere: "arn:aws:cloudformation:" + here + "stack/other/*"},
		},
		{
			name: "AssumeRole",
			call: func(ctx context.Context, c aws.Config) error {
				return second(sts.NewFromConfig(c).AssumeRole(ctx, &sts.AssumeRoleInput{
					RoleArn: aws.String("arn:aws:iam::111111111111:role/reader"), RoleSessionName: aws.String("s"),
				}))
			},
			right: right{actions: []string{"sts:AssumeRole"}, resource: "arn:aws:iam::111111111111:role/reader",
				elsewhere: "arn:aws:iam::111111111111:role/other"},
		},
		{
			name: "GetResources",
			call: func(ctx context.Context, c aws.Config) error {
				return second(tagging.NewFromConfig(c).GetResources(ctx, &tagging.GetResourcesInput{}))
			},
			right: right{actions: []string{"tag:GetResources"}, resource: "*", elsewhere: "arn:aws:tag:" + here + "x"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, _, _ := strings.Cut(test.name, ",")
			name = strings.Map(func(letter rune) rune {
				if letter == ' ' || letter == '\'' {
					return '-'
				}
				return letter
			}, name)
			user, err := a.CreateUser(ctx, name, "")
			if err != nil {
				t.Fatal(err)
			}
			may := func(document string) {
				if _, err := iam.NewFromConfig(a.Config()).PutUserPolicy(ctx, &iam.PutUserPolicyInput{
					UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &document,
				}); err != nil {
					t.Fatal(err)
				}
			}
			refused := func(what string) {
				err := test.call(ctx, user.Config())
				if code := errorCode(err); code != "AccessDenied" && code != "AccessDeniedException" {
					t.Errorf("%s: %v, want access denied", what, err)
				} else if !strings.Contains(err.Error(), test.actions[0]) {
					t.Errorf("%s: %v does not name %s", what, err, test.actions[0])
				}
			}
			refused("without any right")
			may(test.document(test.elsewhere))
			refused("with a right on " + test.elsewhere)
			may(test.document(test.resource))
			if err := test.call(ctx, user.Config()); err != nil {
				t.Errorf("with its right: %v", err)
			}
			for i, action := range test.actions[1:] {
				without := test.right
				without.actions = slices.Delete(slices.Clone(test.actions), i+1, i+2)
				may(without.document(test.resource))
				if err := test.call(ctx, user.Config()); err == nil || !strings.Contains(err.Error(), action) {
					t.Errorf("without %s: %v", action, err)
				}
			}
		})
	}
	t.Run("who needs no right", func(t *testing.T) {
		nobody, err := a.CreateUser(ctx, "nobody", "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = sts.NewFromConfig(nobody.Config()).GetCallerIdentity(ctx, nil)
		wantCode(t, "GetCallerIdentity", err, "")
	})
	t.Run("which statements were needed", func(t *testing.T) {
		needed, err := server.NeededStatements(ctx)
		if err != nil {
			t.Fatal(err)
		}
		requests := 0
		for _, one := range needed {
			if one.Principal == "arn:aws:iam::111111111111:user/PutBucketPolicy" && one.Statement == "Right" {
				requests += one.Requests
			}
		}
		want(t, "requests that needed the right", requests, 1)
	})
}

func inRegion(server *local.AWS, bucket string) *s3.CreateBucketInput {
	return &s3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
		LocationConstraint: s3types.BucketLocationConstraint(server.Region),
	}}
}
