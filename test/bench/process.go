package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/sharedbucket/test/local"
)

// memory prints the largest resident size that the function's process has had; it has just done a Create.
func (b *bench) memory(ctx context.Context, out *tabwriter.Writer) error {
	processes, err := b.aws.Processes(ctx)
	if err != nil {
		return err
	}
	for _, p := range processes {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
		if err != nil {
			fmt.Fprintln(out, "\npeak memory\tnot known on this system")
			return nil
		}
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				fmt.Fprintf(out, "\npeak memory of the function, a Create included\t%s\n", strings.TrimSpace(value))
			}
		}
	}
	return nil
}

// size prints how large the zip for AWS is.
func size(out *tabwriter.Writer) error {
	program := filepath.Join("build", "lambda", "arm64", "bootstrap")
	packed, err := local.Zip(program)
	if err != nil {
		return fmt.Errorf("packing the function, run make build first: %w", err)
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "zip for AWS (arm64)\t%.1f MB, unpacked %.1f MB\n", megabytes(int64(len(packed))),
		megabytes(info.Size()))
	return nil
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// starts is how often start-up is measured; the median counts.
const starts = 9

// startUp prints the time from process start to the first request for an event, beside a function that does nothing.
func startUp(ctx context.Context, out *tabwriter.Writer, code []byte) error {
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	empty, err := local.BuildZip(ctx, "./test/bench/empty")
	if err != nil {
		return err
	}
	var medians [2]time.Duration
	for i, packed := range [][]byte{code, empty} {
		program := filepath.Join(folder, fmt.Sprint(i))
		if err := unpack(packed, program); err != nil {
			return err
		}
		var times []time.Duration
		for range starts {
			took, err := firstRequest(ctx, program)
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		slices.Sort(times)
		medians[i] = times[len(times)/2]
	}
	fmt.Fprintf(out, "process start to first request for an event\t%.1f ms, %.1f times that of an empty Go function\n",
		float64(medians[0].Microseconds())/1000, float64(medians[0])/float64(medians[1]))
	return nil
}

func unpack(packed []byte, to string) error {
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	f, err := r.Open("bootstrap")
	if err != nil {
		return err
	}
	defer f.Close()
	program, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
}

// firstRequest starts a function and waits until it asks the Lambda Runtime API for its first event.
func firstRequest(ctx context.Context, program string) (time.Duration, error) {
	asked := make(chan time.Time, 1)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- time.Now():
		default:
		}
		<-r.Context().Done()
	}))
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program)
	command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"),
		"AWS_REGION=" + local.DefaultRegion, "AWS_LAMBDA_FUNCTION_NAME=bench"}
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = command.Wait() }()
	defer func() { _ = command.Process.Kill() }()
	select {
	case at := <-asked:
		return at.Sub(began), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s never asked for an event: %w", program, ctx.Err())
	}
}
