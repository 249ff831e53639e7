package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"example.com/sharedbucket/test/versity"
)

// credentials are what the servers are started with.
const (
	accessKey = versity.AccessKey
	secretKey = versity.SecretKey
	region    = versity.Region
)

// contestant is something that empties a bucket, as a command.
type contestant struct {
	name    string
	command func(bucket string) []string
}

// result is what came of emptying one bucket.
type result struct {
	took   time.Duration
	cpu    time.Duration
	memory int64 // the largest resident size, in bytes
	calls  map[string]int
	said   string
	left   int  // versions and delete markers that are still there
	timely bool // it ended by itself
}

// run empties a bucket through the proxy and ends what does not end by itself.
func (c contestant) run(ctx context.Context, p *proxy, bucket string, limit time.Duration) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	arguments := c.command(bucket)
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+p.URL, "AWS_REGION="+region, "AWS_ACCESS_KEY_ID="+accessKey,
		"AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_EC2_METADATA_DISABLED=true", "BUCKET_OWNER="+accessKey)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	p.counts()
	began := time.Now()
	if err := command.Start(); err != nil {
		return result{}, err
	}
	memory := watch(command.Process.Pid)
	err := command.Wait()
	r := result{took: time.Since(began), calls: p.counts(), said: lastLine(said.String()), timely: ctx.Err() == nil}
	r.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	r.memory = memory()
	if err != nil && r.timely {
		return r, fmt.Errorf("%s: %w: %s", c.name, err, said.String())
	}
	return r, nil
}

// watch looks at a process's largest resident size until it ends, and then says what that was. What the system says at
// the end counts the memory of this process too, which was the child's before it became another program.
func watch(pid int) (largest func() int64) {
	ended, result := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			most = max(most, residentSize(pid))
			select {
			case <-ended:
				result <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(ended); return <-result }
}

// residentSize is the largest that the process has had as this program, in bytes; 0 when the system does not say it.
func residentSize(pid int) (bytes int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			_, _ = fmt.Sscanf(value, "%d", &bytes)
		}
	}
	return bytes << 10
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := []rune(lines[len(lines)-1])
	return string(last[:min(len(last), 80)])
}
