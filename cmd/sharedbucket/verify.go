package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/matrix"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/render"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/survey"
)

// verification is what verify and collect are told.
type verification struct {
	profiles  profiles
	bucket    string
	region    string
	principal string
	html      string
	json      bool
}

func verifyCommand() *cobra.Command {
	var v verification
	command := &cobra.Command{
		Use:   "verify [SHARE]",
		Short: "Prove from what is really there who can do what",
		Long: `Verify reads the policies that are in force, with credentials for as many accounts as there are, and
evaluates them: those whom the share file declares can do what their level says, and nobody else can. It reads only.

With --bucket NAME it needs no share file, and says who can do what with any bucket of an account it has credentials
for.

What could not be read is said, and nothing that rests on it counts as proven.

Exit code: 0 as declared, as far as it could be read; 1 not as declared, or an error.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			found, err := v.report(command.Context(), args, command.ErrOrStderr())
			if err != nil {
				return err
			}
			existing := ""
			if s := found.declared; s != nil && v.principal == "" {
				existing = found.in.existing(command.Context(), *s, found.World.Bucket)
			}
			return v.show(command.OutOrStdout(), found.Report, existing)
		},
	}
	v.addTo(command)
	command.Flags().BoolVar(&v.json, "json", false, "write the matrix as JSON (docs/matrix.schema.json)")
	command.Flags().StringVar(&v.html, "html", "", "also write the matrix as one page to this file")
	_ = command.MarkFlagFilename("html", "html")
	command.Flags().StringVar(&v.principal, "principal", "", "explain everything about the principal of this ARN")
	command.MarkFlagsMutuallyExclusive("json", "principal")
	return command
}

func (v *verification) addTo(command *cobra.Command) {
	v.profiles.addTo(command)
	command.Flags().StringVar(&v.bucket, "bucket", "", "a bucket about which nothing is declared, instead of a share file")
	command.Flags().StringVar(&v.region, "region", "", "region of that bucket (default: found)")
}

// verified is a report, with the credentials that it was read with.
type verified struct {
	proof.Report
	in       signedIn
	declared *share.Share // nil for a bucket about which nothing is declared
}

var errNotBoth = errors.New("give a share file or --bucket, not both")

// report reads what is there and judges it.
func (v verification) report(ctx context.Context, args []string, warnings io.Writer) (verified, error) {
	switch {
	case len(args) == 1 && v.bucket != "":
		return verified{}, errNotBoth
	case len(args) == 1 && v.region != "":
		return verified{}, errors.New("--region goes with --bucket: a share file says its own")
	case len(args) == 1:
		return v.reportOnShare(ctx, args[0], warnings)
	case v.bucket != "":
		return v.reportOnBucket(ctx)
	}
	return verified{}, errors.New("give a share file, or --bucket NAME")
}

func (v verification) reportOnShare(ctx context.Context, path string, warnings io.Writer) (verified, error) {
	ends, err := readShare(path, warnings)
	if err != nil {
		return verified{}, err
	}
	in, err := v.profiles.signIn(ctx, ends.Share.Env.Region)
	if err != nil {
		return verified{}, err
	}
	world, err := in.world(ctx, ends)
	if err != nil {
		return verified{}, err
	}
	return verified{proof.ForShare(ends.Share, granteesOf(ends), world), in, &ends.Share}, nil
}

// world reads what is there for a share.
func (in signedIn) world(ctx context.Context, ends render.Ends) (proof.World, error) {
	s := ends.Share
	others := s.AccountIDs()
	for _, a := range ends.Sides {
		others = append(others, a.Env.Account)
	}
	keyName := s.KeyARN
	if keyName == "" {
		keyName = s.Env.AliasARN(s.Env.Account, s.Alias)
	}
	return survey.Read(ctx, survey.Request{
		Configs: in.configs, Env: s.Env, Bucket: s.Bucket, KeyName: keyName, Others: others,
	})
}

func granteesOf(ends render.Ends) map[string][]share.Grantee {
	all := map[string][]share.Grantee{}
	for _, a := range ends.Sides {
		all[a.Env.Account] = a.Grantees
	}
	return all
}

func (v verification) reportOnBucket(ctx context.Context) (verified, error) {
	in, err := v.profiles.signIn(ctx, v.region)
	if err != nil {
		return verified{}, err
	}
	env := in.first
	env.Account = "" // the bucket may be any of theirs
	world, err := survey.Read(ctx, survey.Request{Configs: in.configs, Env: env, Bucket: v.bucket})
	if err != nil {
		return verified{}, err
	}
	env.Account, env.Region = world.Bucket.Owner, world.Bucket.Region
	return verified{Report: proof.ForBucket(env, world), in: in}, nil
}

// verifiedMatrix is what verify writes as JSON, as docs/matrix.schema.json says.
type verifiedMatrix struct {
	proof.Matrix
	Existing string `json:"existing,omitempty"` // what lies in a bucket that is adopted
}

// show writes the report, and is an error when something is not as declared.
func (v verification) show(w io.Writer, r proof.Report, existing string) error {
	style := styleOf(w)
	if v.html != "" {
		if err := writePage(v.html, r); err != nil {
			return err
		}
	}
	switch {
	case v.json:
		if err := json.NewEncoder(w).Encode(verifiedMatrix{r.Matrix(), existing}); err != nil {
			return fmt.Errorf("writing the matrix: %w", err)
		}
	case v.principal != "":
		found, err := matrix.Explain(w, r, v.principal, style)
		if err != nil {
			return fmt.Errorf("writing the explanation: %w", err)
		}
		if !found {
			return fmt.Errorf("nobody with the ARN %s was read or declared; give its account's profile", v.principal)
		}
		return nil
	default:
		if err := matrix.Write(w, r, style); err != nil {
			return fmt.Errorf("writing the matrix: %w", err)
		}
		writeExisting(w, existing)
	}
	if n := len(r.Findings()); n > 0 {
		return exitError{1, fmt.Sprintf("%s is not as declared", r.World.Bucket.Name)}
	}
	return nil
}
