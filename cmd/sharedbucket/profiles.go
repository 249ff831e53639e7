package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/share"
)

// profiles are the values of --profile.
type profiles []string

func (p *profiles) addTo(command *cobra.Command) {
	command.Flags().StringArrayVar((*[]string)(p), "profile", nil,
		"credentials of an account, ACCOUNT=PROFILE or PROFILE; once for each account")
}

// configs are the credentials by account, in the given region, and where the first are. Without any --profile they are
// those of the environment.
func (p profiles) configs(ctx context.Context, region string) (map[string]aws.Config, share.Env, error) {
	all := map[string]aws.Config{}
	var first share.Env
	names := p
	if len(names) == 0 {
		names = profiles{""}
	}
	for _, name := range names {
		account, profile, found := strings.Cut(name, "=")
		if !found {
			account, profile = "", name
		}
		if found && !share.IsAccountID(account) {
			return nil, first, fmt.Errorf("--profile %s: %q is no account id; write ACCOUNT=PROFILE", name, account)
		}
		c, env, err := credentials(ctx, profile, region)
		if err != nil {
			return nil, first, fmt.Errorf("profile %s: %w", profile, err)
		}
		if account != "" && env.Account != account {
			return nil, first, fmt.Errorf("profile %s has credentials of account %s, not of %s", profile, env.Account, account)
		}
		if first.Account == "" {
			first = env
		}
		all[env.Account] = c
	}
	return all, first, nil
}

// credentials loads a profile and asks whose it is.
func credentials(ctx context.Context, profile, region string) (aws.Config, share.Env, error) {
	var options []func(*config.LoadOptions) error
	if profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	c, err := cloud.Config(ctx, options...)
	if err != nil {
		return c, share.Env{}, fmt.Errorf("loading credentials: %w", err)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // any will do to ask whose credentials these are and where a bucket is
	}
	env, err := cloud.Caller(ctx, c)
	return c, env, err
}
