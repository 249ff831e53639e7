package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	ids := []string{"as it should be", "the key policy forgets the other account",
		"a misspelled operator in Dilip's policy"}
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
	out, errs, err := simulate(t, "\xef\xbb\xbf\n\xef\xbb\xbf"+first+"\nnonsense\r\n\n{\"id\": \"x\"}\n"+first, "-")
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
		"         GetObject   MultipartUpload  ListBucket  DeleteObject\n" +
			"         report.csv  upload.bin                   report.csv\n" +
			"  ann    allow\n" +
			"  dilip              deny             allow       deny\n",
		"  dilip MultipartUpload upload.bin: deny (s3 allow, kms deny)\n" +
			"    kms deny: the key policy of key 1234abcd… has no statement that lets account 222222222222 (or dilip itself) " +
			"use kms:GenerateDataKey",
		`enough in the layer "key policy": {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:user/dilip"},` +
			`"Action":"kms:GenerateDataKey","Resource":"*"}`,
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

// TestSimulateExplainAll: without --all, what is allowed is in the matrix only.
func TestSimulateExplainAll(t *testing.T) {
	const allowed = "ann GetObject report.csv: allow (s3 allow, kms allow)"
	if out, _, _ := simulate(t, "", walkthrough, "--explain"); strings.Contains(out, allowed) {
		t.Errorf("what is allowed is explained:\n%s", out)
	}
	out, _, _ := simulate(t, "", walkthrough, "--explain", "--all")
	if !strings.Contains(out, allowed) ||
		!strings.Contains(out, `s3 allow: statement "UploadDownload" of an identity policy of ann allows`) {
		t.Errorf("what is allowed is not explained:\n%s", out)
	}
}

// withExpect is the walkthrough's first scenario with expectations of its four requests.
func withExpect(t *testing.T, expect ...string) string {
	t.Helper()
	text, err := os.ReadFile(walkthrough)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for _, e := range expect {
		line = strings.Replace(line, `"context": {`, `"expect": `+e+`, "context" : {`, 1)
	}
	return line + "\n"
}

// TestSimulateExpect: exit code 1 and a summary when an expectation does not hold.
func TestSimulateExpect(t *testing.T) {
	out, errs, err := simulate(t, withExpect(t, `"allow"`, `{"kms": "allow"}`, `["allow", "deny"]`, `"deny"`), "-")
	if err != nil || errs != "" || strings.Count(out, `"as_expected":true`) != 4 {
		t.Errorf("%v\n%s\n%s", err, errs, out)
	}
	out, errs, err = simulate(t, withExpect(t, `"allow"`, `"deny"`, `"allow"`, `"alow"`), "-")
	if e, ok := errors.AsType[exitError](err); !ok || e.code != 1 ||
		!strings.Contains(e.text, "expectations that do not hold: 2 of 4") {
		t.Errorf("error %v, want exit code 1", err)
	}
	for _, want := range []string{
		"line 1: scenario as it should be: requests[1]: dilip MultipartUpload upload.bin is allow (s3 allow, kms allow), " +
			"expected deny\n",
		`line 1: scenario as it should be: requests[3]: expect: "alow" is no verdict`,
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	if strings.Count(out, `"as_expected":false`) != 1 {
		t.Errorf("decisions are\n%s", out)
	}
	out, _, _ = simulate(t, withExpect(t, `"allow"`, `"deny"`), "-", "--explain")
	for _, want := range []string{"allow !",
		"dilip MultipartUpload upload.bin: allow (s3 allow, kms allow), expected deny"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestSimulateUndecided: a request that cannot be decided has an error of its own, and the exit code is 2.
func TestSimulateUndecided(t *testing.T) {
	line := strings.Replace(withExpect(t), `"operation": "GetObject"`, `"operation": "GetObjekt"`, 1)
	out, errs, err := simulate(t, line, "-")
	if e, ok := errors.AsType[exitError](err); !ok || e.code != 2 ||
		!strings.Contains(e.text, "requests that could not be decided: 1 of 4") {
		t.Errorf("error %v, want exit code 2", err)
	}
	if !strings.Contains(errs, `unknown operation "GetObjekt"`) ||
		!strings.Contains(out, `"overall":"error","error":"unknown operation`) ||
		strings.Count(out, `"overall"`) != 4 {
		t.Errorf("%s\n%s", errs, out)
	}
}

// TestSimulateEcho: each decision says what was asked.
func TestSimulateEcho(t *testing.T) {
	out, _, _ := simulate(t, withExpect(t), "-")
	want := `{"principal":"arn:aws:iam::111111111111:user/ann","operation":"GetObject","key":"report.csv","s3":"allow",` +
		`"kms":"allow","overall":"allow","reasons":[`
	if !strings.Contains(out, want) {
		t.Errorf("no %s in\n%s", want, out)
	}
}

// TestSimulateWarns: an annotation is ignored, and that is said once.
func TestSimulateWarns(t *testing.T) {
	line := strings.Replace(withExpect(t), `{"id"`, `{"note": "x", "id"`, 1)
	out, errs, err := simulate(t, line+line, "-")
	if err != nil || strings.Count(out, "\n") != 2 ||
		errs != "line 1: unknown field \"note\" of a scenario is ignored (said once)\n" {
		t.Errorf("%v\n%s", err, errs)
	}
}

// TestSimulateHelp: whatever is no file of scenarios, the answer says what is one, and the exit code is 2.
func TestSimulateHelp(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{name: "nothing", want: []string{"simulate takes one FILE, not 0", "walkthrough.jsonl"}},
		{name: "two files", args: []string{"a", "b"}, want: []string{"simulate takes one FILE, not 2"}},
		{
			name: "no file",
			args: []string{filepath.Join(folder, "none")},
			want: []string{"there is no file", "walkthrough.jsonl"},
		},
		{
			name: "a share file",
			args: []string{"../../examples/walkthrough.yaml"},
			want: []string{"is YAML", "walkthrough.jsonl"},
		},
		{
			name: "YAML by another name",
			args: []string{file("share", "Region: eu-west-1\n")},
			want: []string{"line 1: ", "walkthrough.jsonl"},
		},
		{
			name: "JSON over several lines",
			args: []string{file("x.json", "{\n\"id\": \"x\"\n}\n")},
			want: []string{"line 1: ", "jq -c"},
		},
	} {
		_, errs, err := simulate(t, "", c.args...)
		if e, ok := errors.AsType[exitError](err); !ok || e.code != 2 {
			t.Errorf("%s: error %v, want exit code 2", c.name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(errs+err.Error(), want) {
				t.Errorf("%s: no %q in\n%s%v", c.name, want, errs, err)
			}
		}
	}
}

// TestSimulateOrder: the answers are in the order of the lines, whatever is decided first, and none is missing.
func TestSimulateOrder(t *testing.T) {
	line := withExpect(t)
	var in strings.Builder
	const lines = 2000
	for i := range lines {
		in.WriteString(strings.Replace(line, "as it should be", fmt.Sprint("number ", i), 1))
	}
	out, errs, err := simulate(t, in.String(), "-")
	if err != nil || errs != "" {
		t.Fatalf("%v\n%s", err, errs)
	}
	i := 0
	for answer := range strings.Lines(out) {
		if want := fmt.Sprintf(`{"id":"number %d",`, i); !strings.HasPrefix(answer, want) {
			t.Fatalf("answer %d is %.60s", i, answer)
		}
		i++
	}
	if i != lines {
		t.Errorf("%d answers, want %d", i, lines)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestSimulateBrokenPipe: when nobody takes the answers, reading stops and the error says so.
func TestSimulateBrokenPipe(t *testing.T) {
	in := strings.NewReader(strings.Repeat(withExpect(t), 2000))
	err := simulation{}.run(in, brokenWriter{}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v", err)
	}
	if in.Len() == 0 {
		t.Error("everything was read although nothing could be written")
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
