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

// signedIn are credentials by account, with the profiles that they are of ("" for the environment's), and where the
// first are.
type signedIn struct {
	configs  map[string]aws.Config
	profiles map[string]string
	first    share.Env
}

// signIn loads the credentials, in the given region. Without any --profile they are those of the environment.
func (p profiles) signIn(ctx context.Context, region string) (signedIn, error) {
	all := signedIn{configs: map[string]aws.Config{}, profiles: map[string]string{}}
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
			return all, fmt.Errorf("--profile %s: %q is no account id; write ACCOUNT=PROFILE", name, account)
		}
		c, env, err := credentials(ctx, profile, region)
		if err != nil {
			return all, fmt.Errorf("profile %s: %w", profile, err)
		}
		if account != "" && env.Account != account {
			return all, fmt.Errorf("profile %s has credentials of account %s, not of %s", profile, env.Account, account)
		}
		if all.first.Account == "" {
			all.first = env
		}
		all.configs[env.Account], all.profiles[env.Account] = c, profile
	}
	return all, nil
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
