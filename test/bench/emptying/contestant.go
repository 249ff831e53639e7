package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// credentials are what the servers are started with.
const (
	accessKey = "benchmark"
	secretKey = "benchmark-secret"
	region    = "us-east-1"
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
	err := command.Run()
	r := result{took: time.Since(began), calls: p.counts(), said: lastLine(said.String()), timely: ctx.Err() == nil}
	r.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss * 1024
	}
	if err != nil && r.timely {
		return r, fmt.Errorf("%s: %w: %s", c.name, err, said.String())
	}
	return r, nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := []rune(lines[len(lines)-1])
	return string(last[:min(len(last), 80)])
}
