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
to replace another, or could not be removed, it asks CloudFormation which one the stack has
(cloudformation:DescribeStackResource).

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
	// RemovalFailed says that it was to be deleted, and is there still though CloudFormation has forgotten it.
	RemovalFailed bool `json:"removal_failed,omitempty"`
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
			one.leftOver(ctx, own, m)
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

// leftOver asks the stack of a share what it has in its place: it may never have taken the place that it was made for,
// or have been given up and not be gone. A stack that does not say leaves that open.
func (l *listed) leftOver(ctx context.Context, c *cloud.Cloud, m cloud.Memory) {
	d, _, err := declaration.In(m.Name, m.Value)
	if err != nil || d.Replaces == "" && !d.Going {
		return
	}
	has, err := c.StackResource(ctx, d.StackID, d.LogicalID)
	if err != nil {
		return
	}
	if l.RemovalFailed = d.Outlived(has); l.RemovalFailed || d.LeftOver(has) {
		l.LeftOver = has
	}
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

// writeLeftOver says what CloudFormation has forgotten, and how it goes.
func writeLeftOver(to io.Writer, shares []listed) error {
	for _, s := range shares {
		text := ""
		switch in := stackName(s.Stack) + "/" + s.LogicalID; {
		case s.RemovalFailed && s.LeftOver == "":
			text = fmt.Sprintf("%s is left over: it was to be deleted with %s, and that failed.\nNothing of its stack leads "+
				"here any more: take it away by hand, its parameter %s last.\n", s.Name, in, s.Parameter)
		case s.RemovalFailed:
			text = fmt.Sprintf("%s is left over: %s of %s took its place, and its own removal failed.\nDeploy that stack with "+
				"another Revision, and it is removed; a bucket that holds objects stays until it is empty.\n", s.Name, s.LeftOver,
				in)
		case s.LeftOver != "":
			text = fmt.Sprintf("%s is left over: an update of %s was to put it in the place of %s, and was rolled back.\n"+
				"Deploy that stack with another Revision, and it is given up; a bucket that holds objects stays.\n", s.Name, in,
				s.LeftOver)
		default:
			continue
		}
		if _, err := fmt.Fprint(to, "\n"+text); err != nil {
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
