package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

const simulateHelp = `Simulate reads scenarios from a JSON Lines file, or from standard input when FILE is -, and writes a
line with the decisions and their reasons for each, in order. It calls nobody. docs/simulate.md describes a scenario.

The exit code is 1 when a request has an expectation that does not hold, and 2 when there are lines that are not
scenarios or requests that cannot be decided; these are reported with their numbers, and the others answered.`

func simulateCommand() *cobra.Command {
	var s simulation
	command := &cobra.Command{
		Use:     "simulate FILE",
		Short:   "Decide the requests of scenarios, offline",
		Long:    simulateHelp,
		Example: "  sharedbucket simulate examples/simulate/walkthrough.jsonl --explain",
		Args:    oneScenarioFile,
		RunE: func(command *cobra.Command, args []string) error {
			if s.all && !s.explain {
				return exitError{2, "--all goes with --explain: without it, everything is written anyway"}
			}
			in, closeIn, err := openScenarios(args[0], command.InOrStdin())
			if err != nil {
				return err
			}
			defer closeIn()
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(400) // little is kept and much is thrown away: an eighth of the time was collecting it
			}
			return s.run(in, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	command.Flags().BoolVar(&s.explain, "explain", false,
		"write for people instead of JSON: a matrix, and what is denied or unexpected")
	command.Flags().BoolVar(&s.all, "all", false, "with --explain, also write what is allowed as expected")
	return command
}

func oneScenarioFile(_ *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return exitError{2, fmt.Sprintf("simulate takes one FILE, not %d: %s", len(args), whatSimulateReads)}
}

// openScenarios opens a file, and says what is wrong with one that has no scenarios in it.
func openScenarios(name string, stdin io.Reader) (in io.Reader, closeIn func(), err error) {
	if name == "-" {
		return stdin, func() {}, nil
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, exitError{2, fmt.Sprintf("there is no file %s: %s", name, whatSimulateReads)}
	}
	if err != nil {
		return nil, nil, exitError{2, fmt.Sprintf("opening scenarios: %v", err)}
	}
	if extension := strings.ToLower(filepath.Ext(name)); extension == ".yaml" || extension == ".yml" {
		file.Close()
		return nil, nil, exitError{2, fmt.Sprintf("%s is YAML, as share files are: %s", name, whatSimulateReads)}
	}
	return file, func() { file.Close() }, nil
}
