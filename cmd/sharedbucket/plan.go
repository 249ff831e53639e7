package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/matrix"
	"example.com/sharedbucket/internal/outlook"
	"example.com/sharedbucket/internal/proof"
)

func planCommand() *cobra.Command {
	var p planning
	command := &cobra.Command{
		Use:   "plan SHARE",
		Short: "Show who will be able to do what, and the steps to get there",
		Long: `Plan shows who can do what when the share file is deployed, and calls nobody for that.

With credentials (--profile) it also reads what is there, and shows the steps from there to the share file, and whose
access is lost or gained. Nothing is written: cdk deploy, or the templates, do that.

Exit code: 0 nothing to do, or no credentials; 1 an error, or what is there is in the way; 2 there is something to do.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			prospect, err := p.look(command.Context(), args[0], command.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := prospect.write(command.OutOrStdout(), p.json); err != nil {
				return fmt.Errorf("writing the plan: %w", err)
			}
			if prospect.ToDo {
				return exitError{2, "there is something to do"}
			}
			return nil
		},
	}
	p.profiles.addTo(command)
	command.Flags().BoolVar(&p.json, "json", false, "write the plan as JSON (docs/plan.schema.json)")
	return command
}

// planning is what plan is told.
type planning struct {
	profiles profiles
	json     bool
}

// prospect is what a share file would come to.
type prospect struct {
	Version  int            `json:"version"` // proof.SchemaVersion, docs/plan.schema.json
	Matrix   proof.Matrix   `json:"matrix"`  // when everything is deployed
	Observed bool           `json:"observed"`
	ToDo     bool           `json:"to_do"`
	Accounts []accountSteps `json:"accounts"`
	Loses    []proof.Change `json:"loses"`
	Gains    []proof.Change `json:"gains"`
	Refused  []proof.Change `json:"refused"` // ways of asking that end while the access stays
	Unread   []proof.Unread `json:"unread"`
	Existing string         `json:"existing,omitempty"` // what lies in a bucket that is adopted

	report proof.Report // behind Matrix
	there  bool         // the bucket is there, so that somebody may have lost or gained
}

// accountSteps are the steps in one account.
type accountSteps struct {
	Account string     `json:"account"`
	Steps   []planStep `json:"steps"`
}

// planStep is a step as people and programs read it. Before and After are documents.
type planStep struct {
	Round     int    `json:"round"`
	Operation string `json:"operation"`
	Resource  string `json:"resource"`
	Reason    string `json:"reason"`
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
}

// look evaluates the share file, and where there are credentials, what is there.
func (p planning) look(ctx context.Context, path string, warnings io.Writer) (prospect, error) {
	ends, err := readShare(path, warnings)
	if err != nil {
		return prospect{}, err
	}
	deployed, err := proof.Deployed(ends.Share, ends.Sides)
	if err != nil {
		return prospect{}, err
	}
	look := prospect{
		Version: proof.SchemaVersion, Accounts: []accountSteps{}, Loses: []proof.Change{}, Gains: []proof.Change{},
		Refused: []proof.Change{}, Unread: []proof.Unread{}, report: proof.ForShare(ends.Share, granteesOf(ends), deployed),
	}
	look.Matrix = look.report.Matrix()
	if len(p.profiles) == 0 {
		return look, nil
	}
	in, err := p.profiles.signIn(ctx, ends.Share.Env.Region)
	if err != nil {
		return prospect{}, err
	}
	world, err := in.world(ctx, ends)
	if err != nil {
		return prospect{}, err
	}
	plans, there, err := steps(ctx, in.configs, ends, world)
	if err != nil {
		return prospect{}, err
	}
	after := world
	for _, a := range plans {
		after = outlook.After(after, a.Account, a.Steps)
		look.add(a)
	}
	look.Observed, look.there = true, there
	look.Existing = in.existing(ctx, ends.Share, world.Bucket)
	if there {
		c := proof.Compare(ends.Share, granteesOf(ends), world, after, proof.More{})
		look.Loses, look.Gains = append(look.Loses, c.Lost...), append(look.Gains, c.Gained...)
		look.Refused = append(look.Refused, c.Refused...)
		look.Unread = append(look.Unread, world.Unread...)
	}
	return look, nil
}

func (p *prospect) add(a accountPlan) {
	all := accountSteps{Account: a.Account, Steps: []planStep{}}
	for _, s := range a.Steps {
		all.Steps = append(all.Steps, planStep{
			Round: s.Round, Operation: string(s.Operation), Resource: s.Resource, Reason: s.Reason,
			Before: s.Before.Text(), After: s.After.Text(),
		})
	}
	p.ToDo = p.ToDo || len(all.Steps) > 0
	p.Accounts = append(p.Accounts, all)
}

func (p prospect) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(p)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Who can do what with %s when it is deployed\n\n", p.Matrix.Bucket)
	if err := matrix.Write(&b, p.report, styleOf(w)); err != nil {
		return err
	}
	if p.Observed {
		p.writeSteps(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p prospect) writeSteps(b *strings.Builder) {
	for _, a := range p.Accounts {
		fmt.Fprintf(b, "\nSteps in account %s\n", a.Account)
		for _, s := range a.Steps {
			fmt.Fprintf(b, "  %d. %s %s: %s\n", s.Round, s.Operation, s.Resource, s.Reason)
		}
		if len(a.Steps) == 0 {
			fmt.Fprintln(b, "  none")
		}
	}
	if !p.there {
		return
	}
	for _, part := range []struct {
		title   string
		changes []proof.Change
	}{{"Who loses access", p.Loses}, {"Who gains access", p.Gains}} {
		fmt.Fprintf(b, "\n%s\n", part.title)
		for _, c := range part.changes {
			fmt.Fprintf(b, "- %s\n", c)
		}
		if len(part.changes) == 0 {
			fmt.Fprintln(b, "- nobody")
		}
	}
	p.writeRefused(b)
	writeExisting(b, p.Existing)
}

// writeRefused writes the ways of asking that end: the same for everybody, so once.
func (p prospect) writeRefused(b *strings.Builder) {
	var ways []string
	for _, c := range p.Refused {
		for _, o := range c.Operations {
			if !slices.Contains(ways, o) {
				ways = append(ways, o)
			}
		}
	}
	if len(ways) > 0 {
		fmt.Fprintf(b, "\nRefused from then on, whoever asks\n- %s\n", strings.Join(ways, "\n- "))
	}
}
