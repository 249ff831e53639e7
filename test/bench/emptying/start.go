package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// start starts a server of a kind.
func start(ctx context.Context, tools, kind string) (http.Handler, filler, func(), error) {
	if kind == "memory" {
		m := &memory{buckets: map[string]*held{}}
		return m, m, func() {}, nil
	}
	address, stop, err := startVersity(ctx, tools)
	return passOn(address), newServer("http://" + address), stop, err
}

// startVersity starts versitygw on a folder of its own, which goes with it, and returns where it listens.
func startVersity(ctx context.Context, folder string) (string, func(), error) {
	data, err := os.MkdirTemp(inMemory(), "versitygw-")
	if err != nil {
		return "", nil, err
	}
	for _, sub := range []string{"data", "versions"} {
		if err := os.Mkdir(data+"/"+sub, 0o700); err != nil {
			return "", nil, err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return "", nil, err
	}
	command := exec.CommandContext(ctx, folder+"/versitygw", "--quiet", "--port", address, "--region", region,
		"posix", "--versioning-dir", data+"/versions", data+"/data")
	command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop := func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = os.RemoveAll(data)
	}
	return address, stop, answers(ctx, "http://"+address)
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// answers waits until something answers at an address.
func answers(ctx context.Context, address string) error {
	for range 100 {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("nothing answers at %s", address)
}

// inMemory is a folder whose files are kept in memory, where there is one. "" is the usual one for temporary files.
func inMemory() string {
	const shm = "/dev/shm"
	if _, err := os.Stat(shm); err != nil {
		return ""
	}
	return shm
}
