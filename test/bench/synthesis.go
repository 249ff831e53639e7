package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

// syntheses is how often each app is synthesized, in turns; the median counts.
const syntheses = 7

// took is what a synthesis took: by the clock, and of the processors, which other programs on the machine disturb less.
type took struct{ clock, processors time.Duration }

// contestant is an app, with what its environment has beside the others'.
type contestant struct {
	name, path  string
	environment []string
	took        []took
}

// synthesis prints how long synthesis of the walkthrough's stacks takes beside that of an empty Go CDK app, both
// compiled before. The empty one is measured as it comes, and without CDK's validation, which ours leaves to its tests.
func synthesis(ctx context.Context, out *tabwriter.Writer) error {
	folder, err := os.MkdirTemp("", "synthesis")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	apps := []*contestant{
		{name: "", path: "./cdk/app"},
		{name: "an empty app's", path: "./test/bench/emptyapp"},
		{name: "an empty app's without CDK's validation", path: "./test/bench/emptyapp",
			environment: []string{"CDK_VALIDATION=false"}},
	}
	for _, app := range apps {
		program := filepath.Join(folder, filepath.Base(app.path))
		if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, app.path).CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", app.path, err, said)
		}
		app.path = program
	}
	for round := range syntheses + 1 {
		for _, app := range apps {
			t, err := synthesize(ctx, app)
			if err != nil {
				return err
			}
			if round > 0 { // the first one finds nothing in the machine's caches
				app.took = append(app.took, t)
			}
		}
	}
	for _, by := range []struct {
		what string
		time func(took) time.Duration
	}{
		{what: "by the clock", time: func(t took) time.Duration { return t.clock }},
		{what: "of the processors", time: func(t took) time.Duration { return t.processors }},
	} {
		ours := median(apps[0].took, by.time).Seconds()
		fmt.Fprintf(out, "synthesis of the walkthrough's stacks of account A, %s\t%.2f s", by.what, ours)
		for _, other := range apps[1:] {
			theirs := median(other.took, by.time).Seconds()
			fmt.Fprintf(out, ", %.2f times %s %.2f s", ours/theirs, other.name, theirs)
		}
		fmt.Fprintln(out)
	}
	return nil
}

func median(all []took, of func(took) time.Duration) time.Duration {
	var times []time.Duration
	for _, t := range all {
		times = append(times, of(t))
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func synthesize(ctx context.Context, app *contestant) (t took, err error) {
	folder, err := os.MkdirTemp("", "synthesis")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(folder)
	command := exec.CommandContext(ctx, app.path)
	command.Env = append(os.Environ(), "CDK_OUTDIR="+folder, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		`CDK_CONTEXT_JSON={"share":"examples/walkthrough.yaml","account":"111111111111"}`)
	command.Env = append(command.Env, app.environment...)
	began := time.Now()
	if said, err := command.CombinedOutput(); err != nil {
		return t, fmt.Errorf("synthesizing %s: %w\n%s", app.path, err, said)
	}
	return took{time.Since(began), command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}
