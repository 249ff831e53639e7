package demo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// page is what verify leaves behind.
func (w *fixture) page() string { return filepath.Join(w.folder, "who-can-do-what.html") }

// prove has verify prove the share, then takes a statement out of the key policy, lets dilip run into it and verify
// name it, and puts it back.
func (w *fixture) prove(ctx context.Context) error {
	w.title("Proven from the policies that are there, and what if somebody changes one")
	w.command("sharedbucket", "verify", "walkthrough.yaml", "--profile", admins[accountA], "--profile", admins[accountB],
		"--profile", admins[accountC], "--html", filepath.Base(w.page()))
	if err := w.verify(ctx, 0, "As declared: "); err != nil {
		return err
	}
	back, err := w.forgetTheConsumer(ctx)
	if err != nil {
		return err
	}
	w.say("\nSomebody takes the statement that lets B use the key out of the key policy:\n")
	can, reason, err := w.try(ctx, dilip, get)
	if err != nil {
		return err
	}
	if err := w.check("dilip can get without the key", can, false); err != nil {
		return err
	}
	w.explain([]string{"dilip, get: " + reason})
	w.say("\n  What verify says:")
	if err := w.verify(ctx, 1, "- user/dilip of "+accountB+" cannot"); err != nil {
		return err
	}
	w.say("\nIt is put back:")
	if err := back(); err != nil {
		return err
	}
	return w.verify(ctx, 0, "As declared: ")
}

// verify runs the command, compares its exit code, and prints the first line with a text.
func (w *fixture) verify(ctx context.Context, want int, text string) error {
	output, err := w.run(ctx, w.sharedbucket, "verify", w.share, "--html", w.page(),
		"--profile", admins[accountA], "--profile", admins[accountB], "--profile", admins[accountC])
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		return err
	}
	if err := w.check("the exit code of verify", code, want); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, text) {
			w.say("    %s", strings.TrimSpace(wrapped(strings.TrimSpace(line), "    ", 108)))
			return nil
		}
	}
	return fmt.Errorf("verify does not say %q:\n%s", text, output)
}

// forgetTheConsumer takes the share's statements out of the key policy, and returns how to put them back.
func (w *fixture) forgetTheConsumer(ctx context.Context) (back func() error, err error) {
	account, err := w.aws.Account(ctx, accountA)
	if err != nil {
		return nil, err
	}
	client := kms.NewFromConfig(account.Config())
	env := share.Env{Partition: "aws", Region: w.aws.Region, Account: accountA}
	described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{
		KeyId: aws.String(env.AliasARN(accountA, share.DefaultAlias(bucket))),
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the key: %w", err)
	}
	key := described.KeyMetadata.Arn
	was, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: key, PolicyName: aws.String("default")})
	if err != nil {
		return nil, fmt.Errorf("reading the key policy: %w", err)
	}
	ours := document.InKeyPolicy(bucket).Ours
	without, err := policy.Merge(aws.ToString(was.Policy), nil, ours)
	if err != nil {
		return nil, err
	}
	set := func(text string) error {
		_, err := client.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: key, PolicyName: aws.String("default"), Policy: &text,
		})
		return err
	}
	return func() error { return set(aws.ToString(was.Policy)) }, set(without)
}
