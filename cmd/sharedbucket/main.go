// Command sharedbucket shares S3 buckets across accounts, and proves who can do what.
//
// Each subcommand is a file of its own, which adds itself to subcommands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/version"
)

// subcommands make the subcommands of the root command.
var subcommands = []func() *cobra.Command{
	adoptCommand,
	collectCommand,
	listCommand,
	planCommand,
	renderCommand,
	simulateCommand,
	verifyCommand,
	versionCommand,
}

func main() {
	root := rootCommand()
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return
	}
	code := 1
	if e, ok := errors.AsType[exitError](err); ok {
		code = e.code
	}
	fmt.Fprintln(os.Stderr, "sharedbucket:", err)
	os.Exit(code)
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "sharedbucket",
		Short:         "Share encrypted S3 buckets across AWS accounts, and prove who can do what",
		Version:       version.String(),
		SilenceErrors: true, // main prints them
		SilenceUsage:  true,
	}
	for _, make := range subcommands {
		root.AddCommand(make())
	}
	return root
}
