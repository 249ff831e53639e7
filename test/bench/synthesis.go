package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"
)

// syntheses is how often each app is synthesized, in turns; the median counts.
const syntheses = 7

// synthesis prints how long synthesis of the walkthrough takes, as cdk.json runs it, beside that of an empty Go CDK
// app.
func synthesis(ctx context.Context, out *tabwriter.Writer) error {
	apps := []string{"./cdk/app", "./test/bench/emptyapp"}
	took := make([][]time.Duration, len(apps))
	for round := range syntheses + 1 {
		for i, app := range apps {
			d, err := synthesize(ctx, app)
			if err != nil {
				return err
			}
			if round > 0 { // the first one compiles
				took[i] = append(took[i], d)
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	ours, empty := took[0][syntheses/2], took[1][syntheses/2]
	fmt.Fprintf(out, "synthesis of the walkthrough's stacks of account A\t%.2f s, %.2f times an empty app's %.2f s\n",
		ours.Seconds(), ours.Seconds()/empty.Seconds(), empty.Seconds())
	return nil
}

func synthesize(ctx context.Context, app string) (time.Duration, error) {
	folder, err := os.MkdirTemp("", "synthesis")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	command := exec.CommandContext(ctx, "go", "run", app)
	command.Env = append(os.Environ(), "CDK_OUTDIR="+folder, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		`CDK_CONTEXT_JSON={"share":"examples/walkthrough.yaml","account":"111111111111"}`)
	began := time.Now()
	if said, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("synthesizing %s: %w\n%s", app, err, said)
	}
	return time.Since(began), nil
}
