package local_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"example.com/sharedbucket/test/local"
)

// plain is what the test function answers to an invocation that is not CloudFormation's.
type plain struct {
	Served      int
	PID         int
	Environment map[string]string
	ARN         string
	Seconds     float64
	Memory      int
}

func TestInvoke(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{Environment: map[string]string{"GREETING": "hi"}, Timeout: 30 * time.Second})
	answer, err := f.Invoke(t.Context(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	got := decode[plain](t, answer)
	want := map[string]string{
		"GREETING": "hi", "AWS_REGION": shared.Region, "AWS_LAMBDA_FUNCTION_NAME": "fn",
		"AWS_ENDPOINT_URL": shared.Endpoint, "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/fn",
	}
	for name, value := range want {
		if got.Environment[name] != value {
			t.Errorf("%s = %q, want %q", name, got.Environment[name], value)
		}
	}
	if got.ARN != f.ARN || got.Memory != 128 {
		t.Errorf("context says %s with %d MB", got.ARN, got.Memory)
	}
	if got.Seconds > 30 || got.Seconds < 5 {
		t.Errorf("deadline in %v seconds, want a little under 30", got.Seconds)
	}
	invocations, err := f.Invocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if log := strings.Join(invocations[0].Lines, "\n"); !strings.Contains(log, "hello from fn") {
		t.Errorf("log %q", log)
	}

	t.Run("the process stays warm", func(t *testing.T) {
		answer, err := f.Invoke(t.Context(), map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		if again := decode[plain](t, answer); again.PID != got.PID || again.Served != 2 {
			t.Errorf("served %d by %d, want 2 by %d", again.Served, again.PID, got.PID)
		}
	})
	t.Run("the role's credentials are the account's", func(t *testing.T) {
		e := got.Environment
		caller, err := sts.NewFromConfig(shared.Config(credentialsOf(e))).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := "arn:aws:sts::" + a.ID + ":assumed-role/fn-role/fn"; *caller.Arn != want {
			t.Errorf("caller %s, want %s", *caller.Arn, want)
		}
	})
}

func TestFunctionFailures(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{Timeout: time.Second})
	for do, want := range map[string]string{
		"fail":  "told to fail",
		"panic": "told to panic",
		"exit":  "exit status 3",
		"sleep": "Task timed out after 1.00 seconds",
	} {
		t.Run(do, func(t *testing.T) {
			_, err := f.Invoke(t.Context(), map[string]any{"Do": do})
			if !errors.Is(err, local.ErrFunction) || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if _, err := f.Invoke(t.Context(), map[string]any{}); err != nil {
				t.Errorf("the next invocation: %v", err)
			}
		})
	}
}

func TestNewSettingsNeedANewProcess(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	first, err := f.Invoke(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	client := lambda.NewFromConfig(a.Config())
	if _, err := client.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &f.Name, MemorySize: aws.Int32(512),
	}); err != nil {
		t.Fatal(err)
	}
	second, err := f.Invoke(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if decode[plain](t, first).PID == decode[plain](t, second).PID || decode[plain](t, second).Memory != 512 {
		t.Errorf("the old process went on with the old settings: %s", second)
	}
}

func TestIdleProcessesEnd(t *testing.T) {
	a := account(t)
	for i := range 15 {
		f := function(t, a, local.FunctionSpec{Name: fmt.Sprintf("fn-%d", i)})
		if _, err := f.Invoke(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	processes, err := shared.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(processes) > 12 {
		t.Errorf("%d processes are idle", len(processes))
	}
}
