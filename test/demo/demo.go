// Package demo plays the walkthrough end to end on a local AWS, with the tools a user would take: cdk deploys, the aws
// CLI reads and writes. It fails when anything turns out otherwise than the walkthrough says.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.com/sharedbucket/test/local"
)

// Options are how the demo is played.
type Options struct {
	Out io.Writer
	// Keep leaves the share deployed and the local AWS running until ctx ends.
	Keep bool
	// Command is the path of the sharedbucket command, which decides every request of the local AWS.
	Command string
}

// Run plays the walkthrough.
func Run(ctx context.Context, o Options) error {
	w := &fixture{out: o.Out, sharedbucket: o.Command, could: map[string]string{}}
	w.say("Starting a local AWS with accounts A (%s), B (%s) and C (%s). Nothing leaves this machine.", accountA,
		accountB, accountC)
	if err := w.start(ctx, o.Command); err != nil {
		return err
	}
	defer w.stop()
	acts := []func(context.Context) error{w.setTheScene, w.deploy, w.show, w.use, w.prove, w.restrict}
	if !o.Keep {
		acts = append(acts, w.destroy)
	}
	for _, act := range acts {
		if err := act(ctx); err != nil {
			return fmt.Errorf("%w\n(the output of every command is in %s)", err, w.log.Name())
		}
	}
	w.say("Done: %d checks held. Who can do what, as it was proven on the way: %s", w.checks, w.page())
	if o.Keep {
		return w.keep(ctx)
	}
	return nil
}

func (w *fixture) start(ctx context.Context, command string) (err error) {
	if w.root, err = local.Root(); err != nil {
		return err
	}
	w.folder = filepath.Join(w.root, "build", "demo")
	if err = errors.Join(os.RemoveAll(w.folder), os.MkdirAll(w.folder, 0o755)); err != nil {
		return err
	}
	if w.log, err = os.Create(filepath.Join(w.folder, "commands.log")); err != nil {
		return err
	}
	if w.cli, err = local.Tool(ctx, "aws"); err != nil {
		return err
	}
	w.cdk = filepath.Join(w.root, "cdk", "node_modules", ".bin", "cdk")
	if _, err = os.Stat(w.cdk); err != nil {
		return fmt.Errorf("the cdk command is missing, run make demo: %w", err)
	}
	w.share = filepath.Join(w.root, shareFile)
	if err = copyFile(filepath.Join(w.root, "examples", "walkthrough.yaml"), w.share); err != nil {
		return err
	}
	w.aws, err = local.Start(ctx, local.Options{Authorizer: command, Stderr: w.log})
	return err
}

func (w *fixture) stop() {
	w.aws.Stop()
	w.log.Close()
}

// keep prints what there is to look at and how to go on by hand, and waits.
func (w *fixture) keep(ctx context.Context) error {
	w.say("\nThe share stays deployed, and the local AWS runs at %s. In another terminal:", w.aws.Endpoint)
	fmt.Fprintf(w.out, `
    cd %s
    export AWS_ENDPOINT_URL=%s
    export AWS_CONFIG_FILE=%s
    export PATH=%s:%s:$PATH     # aws and cdk in the demo's versions
    aws --profile account-a-admin s3 ls s3://%s
    %s verify %s --profile %s=account-a-admin --profile %s=account-b-admin
    cdk destroy SharedBucketOwner-%s --profile account-a-admin -c share=%s -c arch=%s

  Profiles: %s

  Ctrl-C ends it.
`, w.root, w.aws.Endpoint, w.profiles(), filepath.Dir(w.cli), filepath.Dir(w.cdk), bucket, w.sharedbucket, w.share,
		accountA, accountB, bucket, w.share, hostArchitecture(), everybody())
	<-ctx.Done()
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
