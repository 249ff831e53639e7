// Emptying compares how SharedBucket empties a bucket with the handler that aws-cdk-lib brings for autoDeleteObjects:
// the same server, the same latency added to each call, one after the other in one run.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// latency is about what a call takes from inside a region to S3.
const latency = 50 * time.Millisecond

// limit is when a contestant that does not end is ended.
const limit = 5 * time.Minute

// runs is how often each empties a bucket. The fastest counts: what else the machine does can only make it slower.
const runs = 3

func main() {
	var o options
	flag.StringVar(&o.tools, "tools", "build/bench", "where the server, the handler and the emptier are")
	flag.BoolVar(&o.large, "large", false, "empty a bucket of 500,000 objects as well")
	flag.StringVar(&o.only, "only", "", "only comparisons with this in their name")
	flag.Parse()
	if err := o.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "emptying:", err)
		os.Exit(1)
	}
}

type options struct {
	tools, only string
	large       bool
}

// comparison is buckets with the same contents, one for each run of each contestant.
type comparison struct {
	server, name string
	contents     contents
	runs         int
	large        bool
}

var comparisons = []comparison{
	{server: "memory", name: "20,000 objects, one version", contents: contents{objects: 20000, versions: 1}},
	{server: "memory", name: "10,000 objects, three versions", contents: contents{objects: 10000, versions: 3}},
	{server: "memory", name: "2,500 objects, 500 held", contents: contents{objects: 2500, versions: 1, locked: 500}},
	{server: "versitygw", name: "5,000 objects, one version", contents: contents{objects: 5000, versions: 1}, runs: 1},
	{
		server: "versitygw", name: "2,500 objects, 500 held", runs: 1,
		contents: contents{objects: 2500, versions: 1, locked: 500},
	},
	{
		server: "memory", name: "500,000 objects, one version", runs: 1, large: true,
		contents: contents{objects: 500000, versions: 1},
	},
}

func (o options) run(ctx context.Context) error {
	tools, err := filepath.Abs(o.tools)
	if err != nil {
		return err
	}
	all := []contestant{
		{name: "CDK", command: func(bucket string) []string {
			return []string{"node", "test/bench/emptying/handler.js", tools + "/handler/index.js", tools, bucket}
		}},
		{name: "SharedBucket", command: func(bucket string) []string { return []string{tools + "/emptier", bucket} }},
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer out.Flush()
	fmt.Fprintf(out, "emptying, %s added to each call\tserver\tby\ttime\tfaster\tCPU\tcalls\tmemory\tleft\tends with\n",
		latency)
	for _, c := range comparisons {
		if c.large && !o.large || !strings.Contains(c.name, o.only) {
			continue
		}
		if err := c.compare(ctx, out, tools, all); err != nil {
			return fmt.Errorf("%s on %s: %w", c.name, c.server, err)
		}
	}
	return nil
}

// compare fills a bucket for each run of each contestant and has it emptied.
func (c comparison) compare(ctx context.Context, out io.Writer, tools string, all []contestant) error {
	behind, buckets, stop, err := start(ctx, tools, c.server)
	if err != nil {
		return err
	}
	defer stop()
	p := newProxy(behind, latency)
	defer p.Close()
	best := map[string]result{}
	for range cmp.Or(c.runs, runs) {
		for _, by := range all {
			r, err := c.once(ctx, buckets, p, by)
			if err != nil {
				return err
			}
			if known, there := best[by.name]; !there || r.took < known.took {
				best[by.name] = r
			}
		}
	}
	for _, by := range all {
		r := best[by.name]
		times := best[all[0].name].took.Seconds() / r.took.Seconds()
		fmt.Fprintf(out, "%s\t%s\t%s\t%.2f s\t%.1f\t", c.name, c.server, by.name, r.took.Seconds(), times)
		fmt.Fprintf(out, "%.2f s\t%s\t%d MiB\t%d\t%s\n", r.cpu.Seconds(), r.summary(), r.memory>>20, r.left, r.said)
	}
	return nil
}

func (c comparison) once(ctx context.Context, s filler, p *proxy, by contestant) (result, error) {
	bucket, err := s.fill(ctx, c.contents)
	if err != nil {
		return result{}, fmt.Errorf("filling a bucket: %w", err)
	}
	r, err := by.run(ctx, p, bucket, limit)
	if err != nil {
		return result{}, err
	}
	r.left, err = s.left(ctx, bucket)
	return r, err
}

// summary is the calls of a result in a few words.
func (r result) summary() string {
	total := 0
	for _, n := range r.calls {
		total += n
	}
	return fmt.Sprintf("%d (%d lists, %d deletes)", total, r.calls["ListObjectVersions"], r.calls["DeleteObjects"])
}
