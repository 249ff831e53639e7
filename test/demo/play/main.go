// Command play plays the walkthrough on a local two-account AWS; make demo sets up what it needs.
//
// It is a program of its own, so that the sharedbucket command that ships links no local AWS.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"example.com/sharedbucket/test/demo"
)

func main() {
	keep := flag.Bool("keep", false, "leave the local AWS running in the end, until Ctrl-C")
	command := flag.String("command", "build/sharedbucket",
		"the sharedbucket command, which decides every request of the local AWS")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := demo.Run(ctx, demo.Options{Out: os.Stdout, Keep: *keep, Command: *command}); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
