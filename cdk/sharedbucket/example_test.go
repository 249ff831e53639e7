package sharedbucket_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
)

// A bucket of the owner account that a role of one account writes to, and everybody of an organization reads from.
func ExampleNewSharedBucket() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Reports"), nil)

	reports := sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("example-reports"),
		Consumers: []sharedbucket.Consumer{
			{
				Principal: jsii.Strings("arn:aws:iam::222222222222:role/report-writer"),
				Access:    sharedbucket.Write,
				Prefixes:  jsii.Strings("incoming"),
			},
			{
				Organization: jsii.String("o-a1b2c3d4e5"),
				Access:       sharedbucket.Read,
				Prefixes:     jsii.Strings("published"),
			},
		},
		Delegates: []sharedbucket.Grantee{
			{Role: jsii.Strings("publisher"), Access: sharedbucket.Full},
		},
	})

	importer := awsiam.Role_FromRoleName(stack, jsii.String("Importer"), jsii.String("importer"), nil)
	reports.GrantReadWrite(importer, jsii.String("incoming"))

	awscdk.NewCfnOutput(stack, jsii.String("KeyArn"), &awscdk.CfnOutputProps{Value: reports.KeyArn()})
	app.Synth(nil)
	// Output:
}

// The other end: the role in the account that consumes.
func ExampleNewSharedBucketAccess() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("ReportWriter"), nil)

	sharedbucket.NewSharedBucketAccess(stack, jsii.String("Reports"), &sharedbucket.SharedBucketAccessProps{
		BucketName:   jsii.String("example-reports"),
		OwnerAccount: jsii.String("111111111111"),
		Grantees: []sharedbucket.Grantee{
			{Role: jsii.Strings("report-writer"), Access: sharedbucket.Write, Prefixes: jsii.Strings("incoming")},
		},
	})

	app.Synth(nil)
	// Output:
}

// The function that both need, limited to the identities below one path.
func ExampleNewProvider() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("SharedBucketProvider"), nil)

	sharedbucket.NewProvider(stack, jsii.String("Provider"), &sharedbucket.ProviderProps{
		Code:   awslambda.Code_FromAsset(jsii.String("testdata/function"), nil),
		Limits: sharedbucket.Limits{GranteeArns: jsii.Strings("arn:aws:iam::222222222222:role/data/*")},
	})

	app.Synth(nil)
	// Output:
}
