// Emptying compares how SharedBucket empties a bucket with the handler that aws-cdk-lib brings for autoDeleteObjects:
// the same server, the same latency added to each call, one after the other in one run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"
)

// latency is about what a call takes from inside a region to S3.
const latency = 50 * time.Millisecond

// limit is when a contestant that does not end is ended.
const limit = 5 * time.Minute

func main() {
	folder := flag.String("tools", "build/bench", "where servers and handler are")
	large := flag.Bool("large", false, "also empty a bucket of 500,000 objects")
	only := flag.String("only", "", "only comparisons with this in their name")
	flag.Parse()
	if err := run(context.Background(), *folder, *only, *large); err != nil {
		fmt.Fprintln(os.Stderr, "emptying:", err)
		os.Exit(1)
	}
}

// comparison is one bucket for each contestant.
type comparison struct {
	server   string
	name     string
	contents contents
}

var comparisons = []comparison{
	{"memory", "20,000 objects, one version", contents{objects: 20000, versions: 1}},
	{"memory", "10,000 objects, three versions", contents{objects: 10000, versions: 3}},
	{"versitygw", "5,000 objects, one version", contents{objects: 5000, versions: 1}},
	{"versitygw", "2,500 objects, 500 under a legal hold", contents{objects: 2500, versions: 1, locked: 500}},
	{"memory", "2,500 objects, 500 under a legal hold", contents{objects: 2500, versions: 1, locked: 500}},
	{"memory", "500,000 objects, one version", contents{objects: 500000, versions: 1}},
}

func run(ctx context.Context, folder, only string, large bool) error {
	ours := contestant{"SharedBucket", func(bucket string) []string { return []string{folder + "/emptier", bucket} }}
	cdk := contestant{"CDK", func(bucket string) []string {
		return []string{"node", "test/bench/emptying/handler.js", absolute(folder + "/handler/index.js"), absolute(folder), bucket}
	}}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "emptying, %s added to each call\tserver\tby\ttime\tfaster\tCPU\tcalls\tpeak memory\tleft\tends with\n", latency)
	for _, c := range comparisons {
		if c.contents.objects > 100000 && !large || !strings.Contains(c.name, only) {
			continue
		}
		if err := c.compare(ctx, out, folder, []contestant{cdk, ours}); err != nil {
			return fmt.Errorf("%s on %s: %w", c.name, c.server, err)
		}
	}
	return out.Flush()
}

// compare fills a bucket for each contestant and has it emptied.
func (c comparison) compare(ctx context.Context, out *tabwriter.Writer, folder string, all []contestant) error {
	behind, stop, err := start(ctx, folder, c.server)
	if err != nil {
		return err
	}
	defer stop()
	p, direct := newProxy(behind, latency), newProxy(behind, 0)
	defer p.Close()
	defer direct.Close()
	s := newServer(direct.URL)
	var first time.Duration
	for _, by := range all {
		bucket, err := s.fill(ctx, c.contents)
		if err != nil {
			return fmt.Errorf("filling a bucket: %w", err)
		}
		r, err := by.run(ctx, p, bucket, limit)
		if err != nil {
			return err
		}
		left, err := s.left(ctx, bucket)
		if err != nil {
			return err
		}
		faster := ""
		if first == 0 {
			first = r.took
		} else {
			faster = fmt.Sprintf("%.1f times", first.Seconds()/r.took.Seconds())
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%.2f s\t%s\t%.2f s\t%s\t%d MiB\t%d\t%s\n", c.name, c.server, by.name, r.took.Seconds(), faster,
			r.cpu.Seconds(), r.summary(), r.memory>>20, left, r.said)
	}
	return nil
}

// summary is the calls of a result in a few words.
func (r result) summary() string {
	total := 0
	for _, n := range r.calls {
		total += n
	}
	return fmt.Sprintf("%d (%d lists, %d deletes)", total, r.calls["ListObjectVersions"], r.calls["DeleteObjects"])
}

func absolute(path string) string {
	out, err := exec.Command("realpath", path).Output()
	if err != nil {
		return path
	}
	return strings.TrimSpace(string(out))
}
