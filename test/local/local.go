// Package local starts a local AWS with several accounts, for tests and for the demo.
//
// It is moto's server with what moto lacks: Lambda functions as processes of this host, CloudFormation with the whole
// life of custom resources, and the AWS behaviour that the provider relies on (see README.md). A test starts one,
// makes accounts in it and uses the AWS SDK as always:
//
//	aws, err := local.Start(ctx, local.Options{})
//	defer aws.Stop()
//	owner, err := aws.Account(ctx, "111111111111")
//	buckets := s3.NewFromConfig(owner.Config())
package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"example.com/sharedbucket/internal/wholebody"
)

// DefaultRegion is where accounts work when Options names no region.
const DefaultRegion = "ap-southeast-2"

// startLimit bounds the wait for a server that says nothing. Loading moto takes seconds, on a busy machine many.
const startLimit = 3 * time.Minute

// stopGrace is how long the server may take to end its functions before its process group is killed.
const stopGrace = 10 * time.Second

// Options are how Start starts.
type Options struct {
	// Region of the configurations that accounts and users get; DefaultRegion if empty.
	Region string
	// Authorizer is the path of the sharedbucket binary. With it, every call of S3, KMS, IAM, STS, SSM, CloudFormation
	// and the tagging API is decided by its evaluator from the policies in force (README.md lists what is not). Without
	// it, nothing is checked.
	Authorizer string
	// Latency is added to every API call, but to neither the response URL nor the Lambda Runtime API.
	Latency time.Duration
	// Stderr gets what the server writes. Default: os.Stderr.
	Stderr io.Writer
}

// AWS is a running local AWS.
type AWS struct {
	Endpoint string
	Region   string

	command *exec.Cmd
	stdin   io.Closer
	client  *http.Client
	ended   chan struct{}
	stop    sync.Once
	log     *tail // what the server wrote
}

// Start starts a local AWS and returns when it takes requests. It sets up the Python environment on first use, which
// takes about a minute. Cancelling ctx stops it like Stop; it also ends by itself when this process ends in any way.
func Start(ctx context.Context, options Options) (*AWS, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	venv, err := setUp(ctx, root, options.stderr())
	if err != nil {
		return nil, err
	}
	server := &AWS{Region: options.Region, ended: make(chan struct{})}
	if server.Region == "" {
		server.Region = DefaultRegion
	}
	if err := server.launch(root, venv, options); err != nil {
		return nil, fmt.Errorf("starting the local AWS: %w", err)
	}
	context.AfterFunc(ctx, server.Stop)
	return server, nil
}

// TB is the part of testing.TB that StartForTest needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Failed() bool
	Fatalf(format string, arguments ...any)
	Logf(format string, arguments ...any)
	Name() string
}

// StartForTest starts a local AWS that ends with the test, and leaves its evidence when the test fails.
func StartForTest(tb TB, options Options) *AWS {
	tb.Helper()
	// Not the test's own context: that one ends before the test's clean-up, which may still want to use the server.
	server, err := Start(context.WithoutCancel(tb.Context()), options)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(server.Stop)
	server.KeepEvidence(tb)
	return server
}

// RunTests runs a package's tests with what begin sets up for all of them. What begin returns takes it down again, and
// has the last word on the status; when it cannot be set up, standard error says why.
func RunTests(m interface{ Run() int }, begin func(context.Context) (end func(status int) int, err error)) int {
	end, err := begin(context.Background())
	status := 1
	if err == nil {
		status = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	if end != nil {
		status = end(status)
	}
	return status
}

// Root finds the repository, upwards from the working directory.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for directory := start; ; directory = filepath.Dir(directory) {
		if _, err := os.Stat(filepath.Join(directory, "test", "local", "requirements.txt")); err == nil {
			return directory, nil
		}
		if directory == filepath.Dir(directory) {
			return "", fmt.Errorf("no repository with local/requirements.txt at or above %s", start)
		}
	}
}

// Tool is the path of a program of the Python environment, like aws or cfn-lint, which is set up when it is missing.
func Tool(ctx context.Context, name string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	venv, err := setUp(ctx, root, os.Stderr)
	if err != nil {
		return "", err
	}
	return filepath.Join(venv, "bin", name), nil
}

// BuildAuthorizer builds the sharedbucket binary into a folder, for Options.Authorizer.
func BuildAuthorizer(ctx context.Context, folder string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "sharedbucket")
	command := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/sharedbucket")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building ./cmd/sharedbucket: %w\n%s", err, output)
	}
	return program, nil
}

func setUp(ctx context.Context, root string, stderr io.Writer) (string, error) {
	command := exec.CommandContext(ctx, filepath.Join(root, "test", "local", "setup"))
	command.Stderr = stderr
	if _, err := command.Output(); err != nil {
		return "", fmt.Errorf("setting up the Python environment with local/setup: %w", err)
	}
	return filepath.Join(root, ".cache", "python"), nil
}

func (o Options) stderr() io.Writer {
	if o.Stderr == nil {
		return os.Stderr
	}
	return o.Stderr
}

func (o Options) arguments() []string {
	arguments := []string{"-m", "localaws"}
	if o.Authorizer != "" {
		arguments = append(arguments, "--authorizer", o.Authorizer)
	}
	if o.Latency > 0 {
		arguments = append(arguments, "--latency-ms", strconv.FormatFloat(o.Latency.Seconds()*1000, 'f', -1, 64))
	}
	return arguments
}

func (s *AWS) launch(root, venv string, options Options) error {
	s.command = exec.Command(filepath.Join(venv, "bin", "python"), options.arguments()...)
	s.command.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(root, "test", "local"), "PYTHONUNBUFFERED=1",
		"PYTHONPYCACHEPREFIX="+filepath.Join(root, ".cache", "pycache"))
	s.log = &tail{}
	s.command.Stderr = io.MultiWriter(options.stderr(), s.log)
	// A group of its own: its functions are in it too, and none of them gets the terminal's Ctrl-C before the test.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Standard error may be something other than a file; do not wait for functions that hold it open.
	s.command.WaitDelay = time.Second
	stdin, err := s.command.StdinPipe()
	if err != nil {
		return err
	}
	s.stdin = stdin
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.command.Start(); err != nil {
		return err
	}
	lines := make(chan string, 1)
	go s.read(stdout, lines)
	return s.await(lines)
}

// read passes on the first line and waits for the end of the process.
func (s *AWS) read(stdout io.Reader, lines chan<- string) {
	defer close(s.ended)
	scanner := bufio.NewScanner(stdout)
	if scanner.Scan() {
		lines <- scanner.Text()
	}
	close(lines)
	_, _ = io.Copy(io.Discard, stdout)
	_ = s.command.Wait()
}

func (s *AWS) await(lines <-chan string) error {
	var ready struct{ Endpoint string }
	select {
	case line, ok := <-lines:
		if !ok {
			<-s.ended
			return fmt.Errorf("it ended: %v", s.command.ProcessState)
		}
		if err := json.Unmarshal([]byte(line), &ready); err != nil {
			s.Stop()
			return fmt.Errorf("it said %q instead of where it is: %w", line, err)
		}
	case <-time.After(startLimit):
		s.Stop()
		return fmt.Errorf("it was not ready within %s", startLimit)
	}
	s.Endpoint = ready.Endpoint
	endpoint, err := url.Parse(ready.Endpoint)
	if err != nil {
		s.Stop()
		return err
	}
	// The SDK forms names like bucket.localhost, which do not resolve everywhere: the server is their proxy.
	s.client = &http.Client{Transport: &http.Transport{Proxy: proxyFor(endpoint), MaxIdleConnsPerHost: 16}}
	return nil
}

func proxyFor(endpoint *url.URL) func(*http.Request) (*url.URL, error) {
	return func(request *http.Request) (*url.URL, error) {
		if request.URL.Host == endpoint.Host {
			return nil, nil
		}
		return endpoint, nil
	}
}

// Stop ends the server and every function process it started. Nothing is left running when it returns.
func (s *AWS) Stop() {
	s.stop.Do(func() {
		_ = s.stdin.Close()
		select {
		case <-s.ended:
		case <-time.After(stopGrace):
		}
		// Also after a clean end: a function's child may have outlived it.
		_ = syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
		<-s.ended
	})
}

// Config is an SDK configuration for given credentials. It works for every service, without path-style addressing.
func (s *AWS) Config(credentials aws.CredentialsProvider) aws.Config {
	return aws.Config{
		Region:       s.Region,
		Credentials:  credentials,
		BaseEndpoint: aws.String(s.Endpoint),
		HTTPClient:   s.client,
		Retryer:      s.retryer,
		APIOptions:   []func(*middleware.Stack) error{wholebody.Add},
	}
}

// Environment is the variables with which the aws CLI, cdk and other programs use the server as these credentials.
func (s *AWS) Environment(credentials aws.Credentials) []string {
	variables := []string{
		"AWS_ENDPOINT_URL=" + s.Endpoint,
		"AWS_REGION=" + s.Region,
		"AWS_DEFAULT_REGION=" + s.Region,
		"AWS_ACCESS_KEY_ID=" + credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + credentials.SessionToken,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	if credentials.SessionToken == "" {
		// An empty token is sent as one by some programs.
		variables = append(variables[:5], variables[6:]...)
	}
	return variables
}

// Reset brings the server back to its state right after Start: no accounts, no resources, no function processes.
func (s *AWS) Reset(ctx context.Context) error {
	return s.control(ctx, http.MethodPost, "reset", nil, nil)
}

var errControl = errors.New("local AWS")

// control calls the server's own API, below /_local/.
func (s *AWS) control(ctx context.Context, method, path string, input, output any) error {
	body, writer := io.Pipe()
	go func() { writer.CloseWithError(json.NewEncoder(writer).Encode(input)) }()
	request, err := http.NewRequestWithContext(ctx, method, s.Endpoint+"/_local/"+path, body)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %s /_local/%s: %w", errControl, method, path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%w: %s /_local/%s: %w", errControl, method, path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s /_local/%s: %s: %s", errControl, method, path, response.Status, answer)
	}
	if output == nil {
		return nil
	}
	return json.Unmarshal(answer, output)
}
