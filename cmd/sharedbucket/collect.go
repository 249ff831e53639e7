package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/collect"
	"example.com/sharedbucket/internal/proof"
)

func collectCommand() *cobra.Command {
	var v verification
	var files fromFiles
	command := &cobra.Command{
		Use:   "collect [SHARE]",
		Short: "Write what verify reads, or what files declare, as scenarios for simulate",
		Long: `Collect reads what verify reads, and writes it to standard output as scenarios for simulate, one a line:
everybody who was asked about with all policies, and every question with what is declared of it as its expectation.
So real policies can be evaluated where nobody reaches AWS, and simulate's exit code says whether they still do what
they should.

With --from it calls nobody, and takes what CloudFormation templates, synthesized CDK apps and terraform show -json
declare: of a share file's bucket, of --bucket NAME, or of every bucket in the files.

What could not be read is said on standard error, and in the field "unread" of the scenarios.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			reports, err := collectReports(command, v, files, args)
			if err != nil {
				return err
			}
			for _, r := range reports {
				if err := writeScenarios(command.OutOrStdout(), command.ErrOrStderr(), r); err != nil {
					return err
				}
			}
			return nil
		},
	}
	v.addTo(command)
	files.addTo(command)
	return command
}

func collectReports(
	command *cobra.Command, v verification, files fromFiles, args []string,
) ([]proof.Report, error) {
	if len(files.from) > 0 {
		return v.reportsFromFiles(files, args, command.ErrOrStderr())
	}
	if len(files.parameters) > 0 || files.account != "" {
		return nil, errors.New("--parameter and --account are about files: give --from")
	}
	found, err := v.report(command.Context(), args, command.ErrOrStderr())
	return []proof.Report{found.Report}, err
}

func writeScenarios(out, warnings io.Writer, r proof.Report) error {
	for _, u := range r.World.Unread {
		fmt.Fprintf(warnings, "not read: %s\n", u)
	}
	lines, err := collect.Scenarios(r)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("writing scenarios: %w", err)
		}
	}
	return nil
}
