package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/collect"
)

func collectCommand() *cobra.Command {
	var v verification
	command := &cobra.Command{
		Use:   "collect [SHARE]",
		Short: "Write what verify reads as scenarios for simulate",
		Long: `Collect reads what verify reads, and writes it to standard output as scenarios for simulate, one a line:
everybody who was asked about with all policies, and every question with what is declared of it as its expectation.
So real policies can be evaluated where nobody reaches AWS, and simulate's exit code says whether they still do what
they should.

What could not be read is said on standard error, and in the field "unread" of the scenarios.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			report, err := v.report(command.Context(), args, command.ErrOrStderr())
			if err != nil {
				return err
			}
			for _, u := range report.World.Unread {
				fmt.Fprintf(command.ErrOrStderr(), "not read: %s\n", u)
			}
			lines, err := collect.Scenarios(report)
			if err != nil {
				return err
			}
			for _, line := range lines {
				if _, err := command.OutOrStdout().Write(line); err != nil {
					return fmt.Errorf("writing scenarios: %w", err)
				}
			}
			return nil
		},
	}
	v.addTo(command)
	return command
}
