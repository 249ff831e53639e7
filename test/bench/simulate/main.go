// Simulate measures `sharedbucket simulate` on a file as CI has them: many lines, in which the same policies come again
// and again. It prints lines, decisions and megabytes a second on one core and on two, beside another evaluator, which
// is installed below build/ for this alone.
//
// On a shared machine the time that passes says little, so the time of the processors stands beside it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	lines     = 100_100
	peerLines = 2_000 // it is slower
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	large, small := filepath.Join(folder, "large.jsonl"), filepath.Join(folder, "small.jsonl")
	for name, n := range map[string]int{large: lines, small: peerLines} {
		if err := writeScenarios(name, n); err != nil {
			return fmt.Errorf("writing scenarios: %w", err)
		}
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer out.Flush()
	fmt.Fprintln(out, "evaluator\tdecisions\tdecisions/s\tMB/s\tdecisions per second of one core")
	for _, cores := range []int{1, 2} {
		m, err := measureOurs(ctx, large, cores)
		if err != nil {
			return err
		}
		m.print(out, fmt.Sprintf("sharedbucket simulate, %d core(s)", cores))
	}
	m, err := measurePeer(ctx, small)
	if err != nil {
		fmt.Fprintf(out, "@cloud-copilot/iam-simulate\tnot measured: %v\n", err)
		return nil
	}
	m.print(out, "@cloud-copilot/iam-simulate, 1 thread")
	return nil
}

// writeScenarios writes lines of the examples, each with one of its requests and an id of its own.
func writeScenarios(name string, n int) error {
	var examples []map[string]json.RawMessage
	for _, example := range []string{"walkthrough", "organization"} {
		text, err := os.ReadFile(filepath.Join("examples", "simulate", example+".jsonl"))
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			var scenario map[string]json.RawMessage
			if err := json.Unmarshal([]byte(line), &scenario); err != nil {
				return err
			}
			if !strings.Contains(line, "StringEqualz") { // what is not valid is no work
				examples = append(examples, scenario)
			}
		}
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	encoder := json.NewEncoder(w)
	for i := range n {
		scenario := examples[i%len(examples)]
		var requests []json.RawMessage
		if err := json.Unmarshal(scenario["requests"], &requests); err != nil {
			return err
		}
		one := make(map[string]json.RawMessage, len(scenario))
		for field, value := range scenario {
			one[field] = value
		}
		one["id"] = json.RawMessage(fmt.Sprintf(`"case %d"`, i))
		request := requests[i/len(examples)%len(requests)]
		one["requests"] = json.RawMessage(`[` + string(request) + `]`)
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return errors.Join(w.Flush(), file.Close())
}

// measured is what a run took.
type measured struct {
	decisions  int
	bytes      int64
	took, used time.Duration // of the clock, and of the processors
}

func (m measured) print(out io.Writer, name string) {
	fmt.Fprintf(out, "%s\t%d\t%.0f\t%.1f\t%.0f\n", name, m.decisions, float64(m.decisions)/m.took.Seconds(),
		float64(m.bytes)/1e6/m.took.Seconds(), float64(m.decisions)/m.used.Seconds())
}

func measureOurs(ctx context.Context, file string, cores int) (measured, error) {
	command := exec.CommandContext(ctx, filepath.Join("build", "sharedbucket"), "simulate", file)
	command.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	command.Stderr = os.Stderr
	began := time.Now()
	if err := command.Run(); err != nil {
		return measured{}, fmt.Errorf("running simulate, which make build makes: %w", err)
	}
	return result(command, file, lines, time.Since(began))
}

func result(command *exec.Cmd, file string, decisions int, took time.Duration) (measured, error) {
	info, err := os.Stat(file)
	if err != nil {
		return measured{}, err
	}
	state := command.ProcessState
	return measured{decisions, info.Size(), took, state.UserTime() + state.SystemTime()}, nil
}

// measurePeer installs the other evaluator in its pinned version, and has it decide. Reading its program is not
// counted.
func measurePeer(ctx context.Context, file string) (measured, error) {
	folder := filepath.Join("build", "bench-peer")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("test", "bench", "simulate", "peer"))); err != nil &&
		!errors.Is(err, os.ErrExist) {
		return measured{}, err
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--silent")
		install.Dir, install.Stderr = folder, os.Stderr
		if err := install.Run(); err != nil {
			return measured{}, fmt.Errorf("installing it: %w", err)
		}
	}
	command := exec.CommandContext(ctx, "node", filepath.Join(folder, "peer.mjs"), file)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return measured{}, fmt.Errorf("running it: %w", err)
	}
	var answer struct {
		Decisions int
		Seconds   float64
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return measured{}, err
	}
	return result(command, file, answer.Decisions, time.Duration(answer.Seconds*float64(time.Second)))
}
