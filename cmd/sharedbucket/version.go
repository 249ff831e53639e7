package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/version"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(command.OutOrStdout(), "sharedbucket %s %s/%s %s\n",
				version.String(), runtime.GOOS, runtime.GOARCH, runtime.Version())
			return err
		},
	}
}
