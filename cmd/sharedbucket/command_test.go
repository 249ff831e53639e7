package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/version"
)

const shareFile = "../../examples/walkthrough.yaml"

// run runs the command within this process.
func run(arguments ...string) (out string, err error) {
	var buffer bytes.Buffer
	root := rootCommand()
	root.SetOut(&buffer)
	root.SetErr(&buffer)
	root.SetArgs(arguments)
	err = root.Execute()
	return buffer.String(), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fits checks a text against a schema of docs.
func fits(t *testing.T, schema, text string) {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/" + schema)
	must(t, err)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	must(t, err)
	if err := s.Validate(v); err != nil {
		t.Errorf("not as %s says: %v\n%s", schema, err, text)
	}
}

// TestPlanOffline: every example says who can do what, without calling anybody, and as the schema says.
func TestPlanOffline(t *testing.T) {
	examples, err := filepath.Glob("../../examples/*.yaml")
	must(t, err)
	for _, example := range examples {
		t.Run(filepath.Base(example), func(t *testing.T) {
			out, err := run("plan", example)
			must(t, err)
			if !strings.Contains(out, "As declared: ") || strings.Contains(out, "\x1b") {
				t.Errorf("the plan is\n%s", out)
			}
			out, err = run("plan", example, "--json")
			must(t, err)
			fits(t, "plan.schema.json", out)
		})
	}
}

// TestSchemasRefuse: a schema that takes anything would check nothing.
func TestSchemasRefuse(t *testing.T) {
	s, err := jsonschema.NewCompiler().Compile("../../docs/plan.schema.json")
	must(t, err)
	out, err := run("plan", shareFile, "--json")
	must(t, err)
	for _, change := range [][2]string{
		{`"version":1`, `"version":2`}, {`"to_do":false`, `"todo":false`}, {`"verified":"true"`, `"verified":"yes"`},
		{`"declared":"yes"`, `"declared":"maybe"`}, {`"loses":[]`, `"loses":null`},
	} {
		if !strings.Contains(out, change[0]) {
			t.Fatalf("no %s in the plan", change[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.ReplaceAll(out, change[0], change[1])))
		must(t, err)
		if s.Validate(v) == nil {
			t.Errorf("the schema takes %s", change[1])
		}
	}
}

// TestBadShareFile: a bad share file is refused with every violation and its path, by every command that reads one.
func TestBadShareFile(t *testing.T) {
	for _, command := range []string{"render", "plan", "verify", "collect"} {
		if _, err := run(command, "testdata/bad.yaml"); err == nil || !strings.Contains(err.Error(), "Consumers[0].Access") {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// TestWarnings: what may be meant is said, with what will not work, and is no error.
func TestWarnings(t *testing.T) {
	text, err := os.ReadFile(shareFile)
	must(t, err)
	path := filepath.Join(t.TempDir(), "share.yaml")
	scoped := strings.Replace(string(text), "    Access: ReadWrite\n", "    Access: ReadWrite\n    Prefixes: in\n", 1)
	must(t, os.WriteFile(path, []byte(scoped), 0o600))
	for command, wants := range map[string][]string{
		"render": {"warning: ", "only a part"},
		"plan":   {"warning: ", "only a part", "- user/dilip of 222222222222 cannot"},
	} {
		out, err := run(command, path)
		must(t, err)
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", command, want, out)
			}
		}
	}
}

// TestUsage: what cannot be meant is refused before anything is called.
func TestUsage(t *testing.T) {
	for name, arguments := range map[string][]string{
		"nothing to verify":       {"verify"},
		"a share and a bucket":    {"verify", shareFile, "--bucket", "b"},
		"no such rendering":       {"render", shareFile, "--as", "terraform"},
		"a profile of no account": {"verify", shareFile, "--profile", "12=x"},
		"no share":                {"plan"},
	} {
		if _, err := run(arguments...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestFlagsThatWouldDoNothing: a flag that changes nothing beside the others is refused.
func TestFlagsThatWouldDoNothing(t *testing.T) {
	const scenarios = "../../examples/simulate/walkthrough.jsonl"
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"a region beside a share": {
			arguments: []string{"verify", shareFile, "--region", "us-east-1"},
			want:      "--region goes with --bucket",
		},
		"one principal as JSON": {
			arguments: []string{"verify", shareFile, "--json", "--principal", "arn:aws:iam::111111111111:user/ann"},
			want:      "[json principal]",
		},
		"all that nobody explains": {
			arguments: []string{"simulate", scenarios, "--all"}, want: "--all goes with --explain",
		},
	} {
		if _, err := run(c.arguments...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestVersion: --version and version say the same.
func TestVersion(t *testing.T) {
	flag, err := run("--version")
	must(t, err)
	command, err := run("version")
	must(t, err)
	if !strings.Contains(flag, version.String()) || !strings.Contains(command, version.String()) {
		t.Errorf("%q and %q", flag, command)
	}
}

// completions are how each shell is asked what it would complete; $1 is the line so far and $2 the word.
// bash-completion may not be there, so the functions that cobra's script takes from it are stood in for, as
// is what zsh shows lists with.
var completions = map[string]string{
	"bash": `_get_comp_words_by_ref() {
  words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}
}
__ltrim_colon_completions() { :; }
compopt() { :; }
source <(sharedbucket completion bash)
COMP_WORDS=($1 "$2") COMP_CWORD=$(set -- $1; echo $#) COMP_LINE="$1 $2" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
__start_sharedbucket
printf '%s\n' "${COMPREPLY[@]}"`,
	"zsh": `compdef() { :; }
_describe() { print -l -- "${completions[@]}"; }
source <(sharedbucket completion zsh)
words=(${=1} "$2") CURRENT=${#words}
_sharedbucket`,
	"fish": `sharedbucket completion fish | source
complete -C "$argv[2] $argv[3]"`,
}

// TestCompletion: the shells complete commands, flags and values, each tried in a real one where it is installed.
func TestCompletion(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "sharedbucket")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", t.TempDir())
	for shell, script := range completions {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("no %s to try it in", shell)
			}
			for _, c := range []struct{ line, word, want string }{
				{line: "sharedbucket", word: "ver", want: "verify"},
				{line: "sharedbucket", word: "pl", want: "plan"},
				{line: "sharedbucket", word: "ad", want: "adopt"},
				{line: "sharedbucket adopt b", word: "--out", want: "--output"},
				{line: "sharedbucket collect", word: "--fr", want: "--from"},
				{line: "sharedbucket render --as", word: "aws", want: "aws-cli"},
				{line: "sharedbucket verify", word: "--princ", want: "--principal"},
			} {
				out, err := exec.Command(shell, "-c", script, shell, c.line, c.word).CombinedOutput()
				if err != nil || !strings.Contains(string(out), c.want) {
					t.Errorf("%s %s completes to %q, %v; want %s", c.line, c.word, out, err, c.want)
				}
			}
		})
	}
}

// TestPageIsForItsOwner: a page holds policies, so nobody else can read the file.
func TestPageIsForItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	must(t, writePage(path, proof.Report{}))
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the page has mode %v", info.Mode())
	}
}

// TestDoesNotLinkTheLocalAWS: what ships must not contain what only tests and the demo need.
func TestDoesNotLinkTheLocalAWS(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	must(t, err)
	if strings.Contains(string(out), "example.com/sharedbucket/test/") {
		t.Error("the command links a package of test/")
	}
}

// TestExitCodes: an exitError says its code.
func TestExitCodes(t *testing.T) {
	if e, ok := errors.AsType[exitError](error(exitError{2, "x"})); !ok || e.code != 2 || e.Error() != "x" {
		t.Error("exitError does not keep its code")
	}
}
