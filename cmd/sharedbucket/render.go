package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/render"
)

// renderings are the values of --as.
var renderings = map[string]func(render.Ends) ([]render.File, error){
	"documents":      render.Documents,
	"aws-cli":        render.AWSCLI,
	"cloudformation": render.CloudFormation,
}

func renderCommand() *cobra.Command {
	var as, out string
	names := strings.Join(slices.Sorted(maps.Keys(renderings)), ", ")
	command := &cobra.Command{
		Use:   "render SHARE",
		Short: "Write what a share is made of: its documents, aws commands, or templates",
		Long: `Render writes what a share file declares, without calling anybody:

  documents        key policy, bucket policy and inline policies, in a folder for each account
  aws-cli          the aws commands that make the share by hand, a script for each account, to run in their order
  cloudformation   a template for each account, without the custom resource

A key that is not there yet stands in documents with an id of zeros.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			rendering, known := renderings[as]
			if !known {
				return fmt.Errorf("--as %s: known are %s", as, names)
			}
			ends, err := readShare(args[0], command.ErrOrStderr())
			if err != nil {
				return err
			}
			files, err := rendering(ends)
			if err != nil {
				return fmt.Errorf("rendering %s: %w", args[0], err)
			}
			if out == "" {
				return printFiles(command.OutOrStdout(), files)
			}
			return writeFiles(command.OutOrStdout(), out, files)
		},
	}
	command.Flags().StringVar(&as, "as", "documents", "what to write: "+names)
	command.Flags().StringVar(&out, "out", "", "folder to write the files to (default: print them)")
	_ = command.MarkFlagDirname("out")
	_ = command.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(
		slices.Sorted(maps.Keys(renderings)), cobra.ShellCompDirectiveNoFileComp))
	return command
}

// printFiles prints files one after the other, each below its name. A name is a comment to a shell.
func printFiles(w io.Writer, files []render.File) error {
	for i, f := range files {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintf(w, "# ---- %s\n%s", f.Name, f.Text); err != nil {
			return fmt.Errorf("printing %s: %w", f.Name, err)
		}
	}
	return nil
}

// writeFiles writes files below a folder, and says which. Scripts can be run.
func writeFiles(w io.Writer, folder string, files []render.File) error {
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", path, err)
		}
		mode := os.FileMode(0o644)
		if strings.HasSuffix(path, ".sh") {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(f.Text), mode); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		fmt.Fprintln(w, path)
	}
	return nil
}
