package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/sharefile"
	"example.com/sharedbucket/internal/survey"
)

func adoptCommand() *cobra.Command {
	var a adopting
	command := &cobra.Command{
		Use:   "adopt BUCKET",
		Short: "Write the share file that says how a bucket is shared by hand today",
		Long: `Adopt reads how a bucket is shared today: bucket policy, default encryption, key policy, grants of KMS, ACL, and the
identities of every account that there are credentials for. It writes the share file that says the same, with what no
share can say, who would gain or lose what, what the adoption changes on the bucket, and the next steps. It reads only.

The share file goes to standard output and all else to standard error; with -o the file is written, unless it is there
already, and all else goes to standard output.

Exit code: 0 the file says everything; 1 an error, and nothing is written; 2 the file is written, and something could
not be said or read: it is named, and stays in force.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, args []string) error {
			adoption, profiles, err := a.read(command.Context(), args[0])
			if err != nil {
				return err
			}
			return a.write(command.OutOrStdout(), command.ErrOrStderr(), adoption, profiles)
		},
	}
	a.profiles.addTo(command)
	command.Flags().StringVar(&a.region, "region", "", "region of the bucket (default: found)")
	command.Flags().StringVarP(&a.out, "output", "o", "", "the share file to write (default: standard output)")
	_ = command.MarkFlagFilename("output", "yaml", "yml")
	return command
}

// adopting is what adopt is told.
type adopting struct {
	profiles    profiles
	region, out string
}

// read reads the bucket and says it as a share; with it come the profiles by account.
func (a adopting) read(ctx context.Context, bucket string) (adopt.Adoption, map[string]string, error) {
	if _, err := os.Lstat(a.out); a.out != "" && !errors.Is(err, fs.ErrNotExist) {
		return adopt.Adoption{}, nil, fmt.Errorf("writing %s: it is there already, and is not overwritten", a.out)
	}
	in, err := a.profiles.signIn(ctx, a.region)
	if err != nil {
		return adopt.Adoption{}, nil, err
	}
	request := survey.Request{Configs: in.configs, Env: in.first, Bucket: bucket}
	request.Env.Account = "" // the bucket may be any of theirs
	world, err := survey.Read(ctx, request)
	if err != nil {
		return adopt.Adoption{}, nil, err
	}
	hand, unread := survey.ByHand(ctx, request, world)
	world.Unread = append(world.Unread, unread...)
	adoption, err := adopt.From(world, hand)
	return adoption, in.profiles, err
}

// write writes the share file, which is one that every other command reads, and what is to be known about it.
func (a adopting) write(out, more io.Writer, adoption adopt.Adoption, profiles map[string]string) error {
	text, name := adoption.YAML(), "share.yaml"
	if a.out != "" {
		name, more = a.out, out
	}
	f, err := sharefile.Parse(name, []byte(text))
	if err == nil {
		err = f.Check()
	}
	if err != nil {
		return fmt.Errorf("what was found makes no share: %w", err)
	}
	if err := a.writeFile(out, text); err != nil {
		return err
	}
	if err := adoption.Report(more); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if _, err := fmt.Fprintf(more, "Next\n%s", adoption.Next(name, profiles)); err != nil {
		return fmt.Errorf("writing the next steps: %w", err)
	}
	if !adoption.Whole() {
		return exitError{2, "something could not be said or read, see above"}
	}
	return nil
}

// writeFile writes a new file, or to out.
func (a adopting) writeFile(out io.Writer, text string) error {
	if a.out == "" {
		_, err := io.WriteString(out, text)
		return err
	}
	file, err := os.OpenFile(a.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("writing the share file: %w", err)
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", a.out, err)
	}
	return nil
}
