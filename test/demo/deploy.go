package demo

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func (w *fixture) deploy(ctx context.Context) error {
	w.title("One resource in each account, deployed with cdk")
	share, err := os.ReadFile(w.share)
	if err != nil {
		return err
	}
	w.say("The share file:\n")
	fmt.Fprintln(w.out, "    "+strings.ReplaceAll(strings.TrimSpace(string(share)), "\n", "\n    ")+"\n")
	for _, step := range [][]string{
		{admins[accountA], "bootstrap", "aws://" + accountA + "/" + w.aws.Region},
		{admins[accountB], "bootstrap", "aws://" + accountB + "/" + w.aws.Region},
		{admins[accountA], "deploy", "SharedBucketProvider", "SharedBucketOwner-" + bucket},
		{admins[accountB], "deploy", "SharedBucketProvider", "SharedBucketConsumer-" + bucket},
	} {
		if err := w.runCDK(ctx, step[0], step[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// runCDK runs a cdk command as a profile, and says how long it took.
func (w *fixture) runCDK(ctx context.Context, profile string, words ...string) error {
	w.command(append(append([]string{"cdk"}, words...), "--profile", profile, "-c", "share="+shareFile)...)
	arguments := append(words, "--profile", profile, "-c", "share="+w.share, "-c", "arch="+hostArchitecture(),
		"--output", filepath.Join(w.folder, "cdk.out"), "--ci", "--no-color", "--no-version-reporting")
	switch words[0] {
	case "deploy":
		arguments = append(arguments, "--require-approval", "never", "--progress", "events")
	case "destroy":
		arguments = append(arguments, "--force")
	}
	began := time.Now()
	output, err := w.run(ctx, w.cdk, arguments...)
	if err != nil {
		return fmt.Errorf("cdk %s: %w\n%s", strings.Join(words, " "), err, lastLines(output, 25))
	}
	w.say("    done in %.0f s", time.Since(began).Seconds())
	return nil
}

// run runs a program with the demo's profiles against the local AWS, and keeps its output in the log.
func (w *fixture) run(ctx context.Context, program string, arguments ...string) (string, error) {
	fmt.Fprintf(w.log, "\n$ %s %s\n", filepath.Base(program), strings.Join(arguments, " "))
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = w.root
	command.Env = append(withoutAWS(os.Environ()),
		"AWS_ENDPOINT_URL="+w.aws.Endpoint, "AWS_CONFIG_FILE="+w.profiles(), "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"CDK_DISABLE_CLI_TELEMETRY=true")
	output, err := command.CombinedOutput()
	_, _ = w.log.Write(output)
	return string(output), err
}

// withoutAWS is an environment in which no setting of the user's own AWS can reach the demo.
func withoutAWS(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "AWS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
