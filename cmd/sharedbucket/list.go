package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

func listCommand() *cobra.Command {
	var l listing
	command := &cobra.Command{
		Use:   "list",
		Short: "List the shares of accounts, both ends",
		Long: `List shows what the providers of one or more accounts remember: every share of a bucket that the account owns, and
every access to a bucket of another account. It reads SSM parameters (ssm:GetParametersByPath); where one share was made
to replace another, it asks CloudFormation which of them the stack has (cloudformation:DescribeStackResource).

Exit code: 0; 1 when something could not be read.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			shares, err := l.read(command.Context())
			if err != nil {
				return err
			}
			return writeList(command.OutOrStdout(), shares, l.json)
		},
	}
	l.profiles.addTo(command)
	command.Flags().StringVar(&l.region, "region", "", "the region to look in; default: that of the profile")
	command.Flags().BoolVar(&l.json, "json", false, "write the list as JSON (docs/list.schema.json)")
	return command
}

// listing is what list is told.
type listing struct {
	profiles profiles
	region   string
	json     bool
}

// listed is a share or access of an account. With are the accounts, organizations and organizational units at the
// other end: everybody who is let in, or the owner.
type listed struct {
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	Type      string   `json:"type"`
	Name      string   `json:"name"`
	Bucket    string   `json:"bucket"`
	With      []string `json:"with"`
	Stack     string   `json:"stack"`
	LogicalID string   `json:"logical_id"`
	Drift     string   `json:"drift"`
	Parameter string   `json:"parameter"`
	// LeftOver is the physical id that the stack has all the same, of a resource that was to take its place in an update
	// that was rolled back.
	LeftOver string `json:"left_over_beside,omitempty"`
}

func (l listing) read(ctx context.Context) ([]listed, error) {
	in, err := l.profiles.signIn(ctx, l.region)
	if err != nil {
		return nil, err
	}
	all := []listed{}
	for account, c := range in.configs {
		env := share.Env{Partition: "aws", Region: c.Region, Account: account}
		own := cloud.New(c, env)
		found, err := own.Remembered(ctx)
		if err != nil {
			return nil, fmt.Errorf("account %s, region %s: %w", account, c.Region, err)
		}
		for _, m := range found {
			one, err := listedOf(m)
			if err != nil {
				return nil, fmt.Errorf("account %s, parameter %s: %w", account, m.Name, err)
			}
			one.LeftOver = leftOver(ctx, own, m)
			one.Account, one.Region, one.Parameter = account, c.Region, m.Name
			all = append(all, one)
		}
	}
	return sorted(all), nil
}

// listedOf says what a parameter holds. The other end of a share is everybody who is let in.
func listedOf(m cloud.Memory) (listed, error) {
	d, env, err := declaration.In(m.Name, m.Value)
	if err != nil {
		return listed{}, err
	}
	one := listed{Type: d.Type, Stack: d.StackID, LogicalID: d.LogicalID, With: []string{}}
	if d.Type == share.AccessType {
		a, _ := share.ParseAccess(d.Properties, env)
		one.Name, one.Bucket, one.With, one.Drift = a.PolicyName, a.Bucket, []string{a.Owner}, a.Drift
		return one, nil
	}
	s, _ := share.ParseShare(d.Properties, env)
	one.Name, one.Bucket, one.Drift = s.Bucket, s.Bucket, s.Drift
	for _, c := range s.Consumers {
		one.With = proof.AddOnce(one.With, cmp.Or(c.ID.Account, c.ID.Name))
	}
	return one, nil
}

// leftOver is what the stack of a share has in its place, when it never took the place that it was made for; "" also
// when the stack does not say, or is gone.
func leftOver(ctx context.Context, c *cloud.Cloud, m cloud.Memory) string {
	d, _, err := declaration.In(m.Name, m.Value)
	if err != nil || d.Replaces == "" {
		return ""
	}
	has, err := c.StackResource(ctx, d.StackID, d.LogicalID)
	if err != nil || !d.LeftOver(has) {
		return ""
	}
	return has
}

func sorted(all []listed) []listed {
	slices.SortFunc(all, func(a, b listed) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Parameter, b.Parameter))
	})
	return all
}

// list is what list --json writes.
type list struct {
	Version int      `json:"version"` // docs/list.schema.json
	Shares  []listed `json:"shares"`
}

func writeList(to io.Writer, shares []listed, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(to)
		e.SetIndent("", "  ")
		return e.Encode(list{Version: 1, Shares: shares})
	}
	if len(shares) == 0 {
		_, err := fmt.Fprintln(to, "No shares.")
		return err
	}
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACCOUNT\tBUCKET\tEND\tWITH\tDRIFT\tSTACK")
	for _, s := range shares {
		end, with := "owner", strings.Join(s.With, ", ")
		if s.Type == share.AccessType {
			end = "consumer (" + s.Name + ")"
		}
		if len(s.With) > mostShown {
			with = fmt.Sprintf("%s and %d more", strings.Join(s.With[:mostShown], ", "), len(s.With)-mostShown)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s/%s\n",
			s.Account, s.Bucket, end, with, s.Drift, stackName(s.Stack), s.LogicalID)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return writeLeftOver(to, shares)
}

// writeLeftOver says what a failed roll-back left, and how it goes.
func writeLeftOver(to io.Writer, shares []listed) error {
	for _, s := range shares {
		if s.LeftOver == "" {
			continue
		}
		_, err := fmt.Fprintf(to, "\n%s is left over: an update of %s/%s was to put it in the place of %s, and was rolled "+
			"back.\nDeploy that stack with another Revision, and it is given up; a bucket that holds objects stays.\n",
			s.Name, stackName(s.Stack), s.LogicalID, s.LeftOver)
		if err != nil {
			return err
		}
	}
	return nil
}

// mostShown is how many of those at the other end are named in a table.
const mostShown = 3

// stackName is the name in a stack's ARN.
func stackName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 2 {
		return arn
	}
	return parts[1]
}
