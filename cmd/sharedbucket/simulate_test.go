package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const walkthrough = "../../examples/simulate/walkthrough.jsonl"

func simulate(t *testing.T, in string, args ...string) (out, errs string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := rootCommand()
	root.SetIn(strings.NewReader(in))
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetArgs(append([]string{"simulate"}, args...))
	err = root.Execute()
	return stdout.String(), stderr.String(), err
}

// TestSimulate: a line of decisions for every scenario, in order.
func TestSimulate(t *testing.T) {
	out, errs, err := simulate(t, "", walkthrough)
	if err != nil || errs != "" {
		t.Fatalf("%v\n%s", err, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	ids := []string{"as it should be", "the key policy forgets the other account", "a misspelled operator in Dilip's policy"}
	if len(lines) != len(ids) {
		t.Fatalf("%d lines, want %d", len(lines), len(ids))
	}
	for i, line := range lines {
		var got struct {
			ID        string
			Decisions []struct {
				S3, KMS, Overall string
				Reasons          []struct{ Check, Action, Resource, Verdict, Layer, Text string }
			}
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got.ID != ids[i] || len(got.Decisions) != 4 {
			t.Errorf("line %d is %q with %d decisions", i, got.ID, len(got.Decisions))
		}
		for _, d := range got.Decisions {
			for _, r := range d.Reasons {
				if r.Check == "" || r.Action == "" || r.Resource == "" || r.Verdict == "" || r.Layer == "" || r.Text == "" {
					t.Errorf("reason with an empty field: %+v", r)
				}
			}
		}
	}
}

// TestSimulateGoesOn: a line that is no scenario is reported with its number, the others are answered, and in the end
// the exit code is 2.
func TestSimulateGoesOn(t *testing.T) {
	text, err := os.ReadFile(walkthrough)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	out, errs, err := simulate(t, "\n"+first+"\nnonsense\r\n\n{\"id\": \"x\"}\n"+first, "-")
	if e, ok := errors.AsType[exitError](err); !ok || e.code != 2 {
		t.Errorf("error %v, want exit code 2", err)
	}
	if n := strings.Count(out, "\n"); n != 2 {
		t.Errorf("%d answers, want 2:\n%s", n, out)
	}
	if !strings.Contains(errs, "line 3: ") || !strings.Contains(errs, "line 5: ") || strings.Count(errs, "\n") != 2 {
		t.Errorf("errors are\n%s", errs)
	}
}

// TestSimulateExplain: for people, with what would be enough.
func TestSimulateExplain(t *testing.T) {
	out, _, err := simulate(t, "", walkthrough, "--explain")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"the key policy forgets the other account\n",
		"arn:aws:iam::222222222222:user/dilip MultipartUpload upload.bin: deny (s3 allow, kms deny)",
		"has no statement that lets account 222222222222",
		`enough in the layer "key policy": {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:user/dilip"},"Action":"kms:GenerateDataKey","Resource":"*"}`,
		"Statement[0].Condition.StringEqualz: is not a condition operator",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestSimulateWithoutFile(t *testing.T) {
	if _, _, err := simulate(t, "", filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error for a file that does not exist")
	}
	if _, _, err := simulate(t, ""); err == nil {
		t.Error("no error without a file")
	}
}

// TestSimulateLongLine: a scenario can be larger than any buffer.
func TestSimulateLongLine(t *testing.T) {
	line := `{"id": "` + strings.Repeat("x", 1<<22) + `", "owner_account": "111111111111", "bucket": "b"}`
	out, _, err := simulate(t, line, "-")
	if err != nil || len(out) < 1<<22 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

// TestSimulatePipe: whoever asks line by line gets each answer before the next question, also when the next line has
// begun already. This is the real binary.
func TestSimulatePipe(t *testing.T) {
	text, err := os.ReadFile(walkthrough)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	binary := filepath.Join(t.TempDir(), "sharedbucket")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command := exec.Command(binary, "simulate", "-")
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(out)
	ask := func(text string) {
		if _, err := io.WriteString(in, text); err != nil {
			t.Fatal(err)
		}
		if answer, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(answer, `{"id":"as it should be"`) {
			t.Fatalf("answer %q, %v", answer, err)
		}
	}
	ask(line + "\n")
	ask(line + "\n" + line[:10])
	ask(line[10:] + "\n")
	if _, err := io.WriteString(in, "nonsense"); err != nil {
		t.Fatal(err)
	}
	in.Close()
	err = command.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 {
		t.Errorf("ended with %v, want exit code 2", err)
	}
}
