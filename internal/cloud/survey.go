package cloud

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// Survey reads what is in force in one account, for a proof. It never writes, and what it may not read is no error: a
// proof says what it lacks.
type Survey struct {
	env           share.Env
	s3            *s3.Client
	s3control     *s3control.Client
	kms           *kms.Client
	iam           *iam.Client
	organizations *organizations.Client
}

// NewSurvey is the survey of env, which must be the account of the configuration's credentials. Its region is the
// bucket's.
func NewSurvey(c aws.Config, env share.Env) *Survey {
	c.Region = env.Region
	return New(c, env).survey()
}

func (c *Cloud) survey() *Survey {
	return &Survey{
		env: c.env, s3: c.s3, s3control: c.s3control, kms: c.kms, iam: c.iam, organizations: c.organizations,
	}
}

// Caller is the account and partition that a configuration's credentials belong to.
func Caller(ctx context.Context, c aws.Config) (share.Env, error) {
	out, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return share.Env{}, failed(err, "asking whose credentials these are")
	}
	partition := "aws"
	if parts := strings.SplitN(aws.ToString(out.Arn), ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return share.Env{Partition: partition, Region: c.Region, Account: aws.ToString(out.Account)}, nil
}

// unread notes that a part of an account could not be read.
func unread(part proof.Part, account string, err error) proof.Unread {
	why := err.Error()
	if code := Code(err); code != "" {
		why = code
	}
	return proof.Unread{Part: part, Account: account, Why: why}
}

// decoded is a document of IAM, which IAM writes URL-encoded.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func decoded(document *string) string {
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		return aws.ToString(document) // not encoded after all
	}
	return text
}
