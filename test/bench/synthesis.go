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

// synthesis prints how long synthesis of the walkthrough's stacks takes beside that of an empty Go CDK app, both
// compiled before.
func synthesis(ctx context.Context, out *tabwriter.Writer) error {
	folder, err := os.MkdirTemp("", "synthesis")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	apps := []string{"./cdk/app", "./test/bench/emptyapp"}
	for i, app := range apps {
		program := filepath.Join(folder, filepath.Base(app))
		if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, app).CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", app, err, said)
		}
		apps[i] = program
	}
	clock, processors := make([][]time.Duration, len(apps)), make([][]time.Duration, len(apps))
	for round := range syntheses + 1 {
		for i, app := range apps {
			t, err := synthesize(ctx, app)
			if err != nil {
				return err
			}
			if round > 0 { // the first one finds nothing in the machine's caches
				clock[i], processors[i] = append(clock[i], t.clock), append(processors[i], t.processors)
			}
		}
	}
	for _, measured := range []struct {
		name  string
		times [][]time.Duration
	}{{"by the clock", clock}, {"of the processors", processors}} {
		ours, empty := median(measured.times[0]), median(measured.times[1])
		fmt.Fprintf(out, "synthesis of the walkthrough's stacks of account A, %s\t%.2f s, %.2f times an empty app's %.2f s\n",
			measured.name, ours.Seconds(), ours.Seconds()/empty.Seconds(), empty.Seconds())
	}
	return nil
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func synthesize(ctx context.Context, app string) (t took, err error) {
	folder, err := os.MkdirTemp("", "synthesis")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(folder)
	command := exec.CommandContext(ctx, app)
	command.Env = append(os.Environ(), "CDK_OUTDIR="+folder, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		`CDK_CONTEXT_JSON={"share":"examples/walkthrough.yaml","account":"111111111111"}`)
	began := time.Now()
	if said, err := command.CombinedOutput(); err != nil {
		return t, fmt.Errorf("synthesizing %s: %w\n%s", app, err, said)
	}
	return took{time.Since(began), command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}
