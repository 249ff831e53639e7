package acceptance

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// account is one of the two, seen by its administrator.
type account struct {
	id     string
	config aws.Config
}

func newAccount(ctx context.Context, config aws.Config) (*account, error) {
	who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, err
	}
	return &account{id: *who.Account, config: config}, nil
}

// whole is for a call that makes something: cut off, it could have made what nobody knows of.
func whole(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
