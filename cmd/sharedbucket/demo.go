package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"sharedbucket/demo"
)

func demoCommand() *cobra.Command {
	var keep bool
	command := &cobra.Command{
		Use:   "demo",
		Short: "Play the walkthrough on a local two-account AWS",
		Long: `Demo starts a local AWS with several accounts on this machine, deploys a share into two of them with cdk, lets its
users try what they can do, and takes the share away again. It runs in a checkout of the repository; make demo sets up
what it needs.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			ctx, cancel := signal.NotifyContext(command.Context(), os.Interrupt, syscall.SIGTERM)
			defer cancel()
			return demo.Run(ctx, demo.Options{Out: command.OutOrStdout(), Keep: keep, Command: self})
		},
	}
	command.Flags().BoolVar(&keep, "keep", false, "leave the local AWS running in the end, until Ctrl-C")
	return command
}
