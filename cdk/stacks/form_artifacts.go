package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/policy"
)

// artifactsName is the stack with a region's bucket of zips.
const artifactsName = "SharedBucketArtifacts"

// ArtifactsForm is SharedBucketArtifacts for templates/artifacts.yaml: one region's bucket with the function's zips.
//
// It is no Custom::SharedBucket: that needs the provider, whose zip is in this bucket. And a key of its own would make
// every reader of public code need rights on the key, where S3's own encryption needs none.
func ArtifactsForm(app awscdk.App) awscdk.Stack {
	f := newForm(app, artifactsName,
		"SharedBucket: a bucket with the function's zips for one region, readable by the organization",
		group{"Bucket", []parameter{
			{name: "BucketPrefix", label: "Prefix", pattern: `^[a-z0-9][a-z0-9.-]{1,45}[a-z0-9]$`,
				constraint:  "a bucket's name without -<region>",
				description: "The bucket is <BucketPrefix>-<region>"},
			{name: "OrganizationId", label: "Organization", pattern: organizationPattern,
				constraint: "an organization's id, or nothing", defaultTo: "",
				description: "Id of the organization whose accounts may read the zips. Empty: only this account"},
		}})
	bucket := awss3.NewBucket(f.stack, jsii.String("Bucket"), &awss3.BucketProps{
		BucketName:        awscdk.Fn_Sub(jsii.String("${BucketPrefix}-${AWS::Region}"), nil),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:         jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("AbandonedUploads"),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		// Functions are made from it again whenever a StackSet is changed.
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	awss3.NewCfnBucketPolicy(f.stack, jsii.String("BucketPolicy"), &awss3.CfnBucketPolicyProps{
		Bucket: bucket.BucketName(),
		PolicyDocument: map[string]any{
			"Version": policy.Version,
			"Statement": []any{
				neverInClear, neverOverwrite, ifElse(f.given("OrganizationId"), readByOrganization, nil),
			},
		},
	})
	output(f.stack, "BucketName", "Name of the bucket", bucket.BucketName())
	readableIDs(f.stack)
	return f.stack
}

const itsObjects = "${Bucket.Arn}/*"

var neverInClear = map[string]any{
	"Effect":    "Deny",
	"Principal": map[string]any{"AWS": "*"},
	"Action":    "s3:*",
	"Resource":  []any{map[string]any{"Fn::GetAtt": []any{"Bucket", "Arn"}}, sub(itsObjects)},
	"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
}

var neverOverwrite = map[string]any{
	"Sid":       "NeverOverwrite",
	"Effect":    "Deny",
	"Principal": "*",
	"Action":    "s3:PutObject",
	"Resource":  sub(itsObjects),
	"Condition": map[string]any{"Null": map[string]any{"s3:if-none-match": "true"}},
}

var readByOrganization = map[string]any{
	"Sid":       "ReadByOrganization",
	"Effect":    "Allow",
	"Principal": "*",
	"Action":    "s3:GetObject",
	"Resource":  sub(itsObjects),
	"Condition": map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": ref("OrganizationId")}},
}
