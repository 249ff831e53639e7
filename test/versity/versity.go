// Package versity starts an S3 server that is not moto: versitygw, on a folder of its own. What empties a bucket is
// tried on it and measured with it, so that the handling of the protocol is not made for one server.
package versity

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"example.com/sharedbucket/test/local"
)

// What a server is started with. The access key is the account that owns the buckets, too.
const (
	AccessKey = "benchmark"
	SecretKey = "benchmark-secret"
	Region    = "us-east-1"
)

// Build builds the server into a folder, from the module that pins it, and returns the program's path.
func Build(ctx context.Context, folder string) (string, error) {
	root, err := local.Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "versitygw")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program,
		"github.com/versity/versitygw/cmd/versitygw")
	command.Dir = filepath.Join(root, "test", "servers")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building versitygw: %w\n%s", err, output)
	}
	return program, nil
}

// Start starts a server, and returns where it listens and what stops it and removes its folder.
func Start(ctx context.Context, program string) (address string, stop func(), err error) {
	data, err := os.MkdirTemp(inMemory(), "versitygw-")
	if err != nil {
		return "", nil, err
	}
	for _, sub := range []string{"data", "versions"} {
		if err := os.Mkdir(data+"/"+sub, 0o700); err != nil {
			return "", nil, err
		}
	}
	if address, err = freeAddress(); err != nil {
		return "", nil, err
	}
	command := exec.CommandContext(ctx, program, "--quiet", "--port", address, "--region", Region,
		"posix", "--versioning-dir", data+"/versions", data+"/data")
	command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey)
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
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
	for range 300 {
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
