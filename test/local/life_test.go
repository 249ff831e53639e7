package local_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"example.com/sharedbucket/test/local"
)

// alive says whether there is such a process, as anything but a zombie.
func alive(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !os.IsNotExist(err)
	}
	_, rest, _ := strings.Cut(string(state), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// warm starts a function process in a server and returns its process id.
func warm(t *testing.T, server *local.AWS) int {
	t.Helper()
	a, err := server.Account(t.Context(), "111111111111")
	if err != nil {
		t.Fatal(err)
	}
	f := function(t, a, local.FunctionSpec{})
	if _, err := f.Invoke(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	processes, err := server.Processes(t.Context())
	if err != nil || len(processes) != 1 {
		t.Fatalf("%v %v", processes, err)
	}
	return processes[0].PID
}

func TestStopLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	server, err := local.Start(t.Context(), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pid := warm(t, server)
	server.Stop()
	server.Stop() // a second time does nothing
	if alive(pid) {
		t.Errorf("function process %d outlived the server", pid)
	}
	if _, err := http.Get(server.Endpoint); err == nil {
		t.Error("the server still answers")
	}
}

// TestKilledParent starts this test binary again as the parent of a server and kills it, as `go test` does on a
// timeout: then nobody calls Stop.
func TestKilledParent(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	if os.Getenv("LOCAL_AWS_PARENT") != "" {
		server, err := local.Start(t.Context(), local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("STARTED %s %d\n", server.Endpoint, warm(t, server))
		time.Sleep(time.Hour)
	}
	command := exec.Command(os.Args[0], "-test.run=^TestKilledParent$", "-test.v")
	command.Env = append(os.Environ(), "LOCAL_AWS_PARENT=1")
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var endpoint string
	var pid int
	for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
		if n, _ := fmt.Sscanf(scanner.Text(), "STARTED %s %d", &endpoint, &pid); n == 2 {
			break
		}
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if pid == 0 {
		t.Fatal("the parent did not start a server")
	}
	eventually(t, "end of the function", func() bool { return !alive(pid) })
	eventually(t, "end of the server", func() bool {
		answer, err := http.Get(endpoint)
		if err == nil {
			_ = answer.Body.Close()
		}
		return err != nil
	})
}

func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	root, err := local.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			command := exec.Command(root + "/test/local/start")
			command.Stderr = os.Stderr
			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err != nil {
				t.Errorf("it did not end cleanly: %v", err)
			}
		})
	}
}

func TestCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	ctx := t.Context()
	server := local.StartForTest(t, local.Options{Latency: 30 * time.Millisecond})
	a, err := server.Account(ctx, "111111111111")
	if err != nil {
		t.Fatal(err)
	}
	name := "calls"
	buckets := s3.NewFromConfig(a.Config())
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}); errorCode(err) !=
		"IllegalLocationConstraintException" {
		t.Fatal(err)
	}
	_, err = buckets.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	wantCode(t, "GetBucketPolicy", err, "NoSuchBucket")
	done := make(chan error)
	for range 3 {
		go func() {
			_, err := kms.NewFromConfig(a.Config()).ListKeys(ctx, nil)
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if _, err := iam.NewFromConfig(a.Config()).GetRolePolicy(ctx, &iam.GetRolePolicyInput{
		RoleName: aws.String("r"), PolicyName: aws.String("p"),
	}); errorCode(err) != "NoSuchEntity" {
		t.Fatal(err)
	}
	calls, err := server.Calls(ctx, local.CallFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, call := range calls {
		short = append(short,
			fmt.Sprintf("%s %s %s %d %s", call.Service, call.Operation, call.Resource, call.Status, call.Error))
		if call.Account != a.ID || call.Principal != a.Admin.ARN {
			t.Errorf("caller %s %s", call.Account, call.Principal)
		}
		if call.Duration() < 30*time.Millisecond {
			t.Errorf("%s took %s, less than the latency", call.Operation, call.Duration())
		}
	}
	want(t, "calls", short, []string{
		"s3 CreateBucket calls 400 IllegalLocationConstraintException",
		"s3 GetBucketPolicy calls 404 NoSuchBucket",
		"kms ListKeys  200 ", "kms ListKeys  200 ", "kms ListKeys  200 ",
		"iam GetRolePolicy r 404 NoSuchEntity",
	})
	if rounds := local.Rounds(calls); rounds < 4 || rounds > 6 {
		t.Errorf("%d rounds, want 4, or up to 6 if the machine was too busy to make calls at the same time", rounds)
	}

	later := local.CallFilter{After: local.LastCall(calls)}
	if calls, err := server.Calls(ctx, later); err != nil || len(calls) != 0 {
		t.Errorf("%v %v", calls, err)
	}
	if err := a.SetLatency(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if err := server.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := sts.NewFromConfig(a.Config()).GetCallerIdentity(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if calls, err := server.Calls(ctx, later); err != nil || len(calls) != 1 || calls[0].Account == a.ID {
		t.Errorf("after a reset the old credentials still mean %+v (%v)", calls, err)
	}
}

func TestRounds(t *testing.T) {
	call := func(start, end float64) local.Call { return local.Call{Start: start, End: end} }
	for name, test := range map[string]struct {
		calls []local.Call
		want  int
	}{
		"none":                 {calls: nil, want: 0},
		"one":                  {calls: []local.Call{call(0, 1)}, want: 1},
		"in sequence":          {calls: []local.Call{call(0, 1), call(1, 2), call(2, 3)}, want: 3},
		"at the same time":     {calls: []local.Call{call(0, 1), call(0, 1), call(0.5, 1.5)}, want: 1},
		"one long beside two":  {calls: []local.Call{call(0, 3), call(0, 1), call(1, 2)}, want: 2},
		"from the beginning":   {calls: []local.Call{call(5, 6), call(0, 1)}, want: 2},
		"all began at instant": {calls: []local.Call{call(0, 0), call(0, 1)}, want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, "rounds", local.Rounds(test.calls), test.want)
		})
	}
}

func TestResponseURL(t *testing.T) {
	if shared == nil {
		t.Skip("-short: no local AWS")
	}
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"good": {change: func(*http.Request) {}, status: http.StatusOK},
		"a content type": {
			change: func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, status: http.StatusForbidden,
		},
		"another method":     {change: func(r *http.Request) { r.Method = http.MethodPost }, status: http.StatusForbidden},
		"another signature":  {change: func(r *http.Request) { r.URL.RawQuery += "0" }, status: http.StatusForbidden},
		"an unknown request": {change: func(r *http.Request) { r.URL.Path += "0" }, status: http.StatusForbidden},
		"of any length": {
			change: func(r *http.Request) { setBody(r, strings.Repeat("x", 4097)) }, status: http.StatusOK,
		},
		"of unknown length": {
			change: func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), -1 },
			status: http.StatusLengthRequired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			receiver, err := shared.NewReceiver(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, receiver.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			setBody(request, "{}")
			test.change(request)
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			want(t, "status", answer.StatusCode, test.status)
			received, err := receiver.Received(t.Context(), 0)
			if err != nil || (received.Body != nil) != (test.status == http.StatusOK) {
				t.Errorf("%+v %v", received, err)
			}
		})
	}
}

func setBody(request *http.Request, text string) {
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}
