// Package cloud makes every AWS call of the project: it reads what is there into the types of package plan
// (observe_*.go), carries out the steps of a plan (apply_*.go), waits until a change can be seen (wait.go), and names
// the error codes that matter (codes.go). What is looked at and what is done is decided in package plan; nothing here
// decides.
package cloud

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/wholebody"
)

// Cloud is the AWS of one account and region.
type Cloud struct {
	env            share.Env
	s3             *s3.Client
	s3control      *s3control.Client
	kms            *kms.Client
	iam            *iam.Client
	tagging        *resourcegroupstaggingapi.Client
	cloudformation *cloudformation.Client
	cloudtrail     *cloudtrail.Client
	lambda         *lambda.Client
	organizations  *organizations.Client
	ssm            *ssm.Client
	lookups        *lookups
	// emulated says that this is no AWS: what AWS sees late, an emulator sees at once.
	emulated bool
}

// attempts is how often the SDK tries one call. Its standard retryer knows throttling and transient errors.
const attempts = 5

// Config is the SDK's configuration for env, from the environment of the process.
func Config(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	options = append(options, config.WithHTTPClient(pooled()), config.WithRetryer(func() aws.Retryer {
		patient := retry.AddWithMaxAttempts(retry.NewStandard(), attempts)
		return retry.AddWithErrorCodes(patient, operationAborted, tooManyUpdates)
	}))
	return config.LoadDefaultConfig(ctx, options...)
}

// connections is how many idle ones to one host are kept: emptying makes that many calls at once.
const connections = 64

func pooled() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = 2*connections, connections
	})
}

// New is the AWS of env, which must be the account and region of the configuration's credentials.
func New(c aws.Config, env share.Env) *Cloud {
	emulator, err := url.Parse(aws.ToString(c.BaseEndpoint))
	emulated := err == nil && emulator.Host != ""
	distance := betweenLookups
	if emulated {
		distance = 0
	}
	c.APIOptions = append(slices.Clip(c.APIOptions), counted, wholebody.Add)
	return &Cloud{
		env: env,
		s3:  s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = emulated }),
		s3control: s3control.NewFromConfig(c, func(o *s3control.Options) {
			if emulated {
				o.EndpointResolverV2 = oneAddress(*emulator)
			}
		}),
		kms:            kms.NewFromConfig(c),
		iam:            iam.NewFromConfig(c),
		tagging:        resourcegroupstaggingapi.NewFromConfig(c),
		cloudformation: cloudformation.NewFromConfig(c),
		cloudtrail:     cloudtrail.NewFromConfig(c),
		lookups:        newLookups(distance),
		lambda:         lambda.NewFromConfig(c),
		organizations:  organizations.NewFromConfig(c),
		ssm:            ssm.NewFromConfig(c),
		emulated:       emulated,
	}
}

// oneAddress is the endpoint of an emulator, which has one address for all accounts: S3 Control would otherwise put the
// account's id before the host.
type oneAddress url.URL

func (a oneAddress) ResolveEndpoint(context.Context, s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{URI: url.URL(a)}, nil
}

// account is the ExpectedBucketOwner of every S3 call that takes one: a bucket that somebody else made in the meantime
// is then refused instead of changed.
func (c *Cloud) account() *string { return aws.String(c.env.Account) }
