package sharedbucket_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gomodule "golang.org/x/mod/module"
	gozip "golang.org/x/mod/zip"
)

// An app in a module of its own, as docs/deploy.md has it.
const ownApp = `package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Catalogue"), nil)
	sharedbucket.NewProvider(stack, jsii.String("Provider"), nil)
	sharedbucket.NewSharedBucket(stack, jsii.String("Bucket"), &sharedbucket.SharedBucketProps{
		BucketName: jsii.String("example-catalogue"),
		Consumers:  []sharedbucket.Consumer{{Account: jsii.Strings("222222222222"), Access: sharedbucket.Read}},
	})
	app.Synth(nil)
}
`

func repository(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: compiles another module")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func run(t *testing.T, folder string, environment []string, words ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(words, " "), err, out)
	}
	return string(out)
}

// newApp is a folder with an app in a module of its own, with the versions that go get would choose, so that the test
// needs no network. more is how it finds this module.
func newApp(t *testing.T, more string) string {
	t.Helper()
	root, folder := repository(t), t.TempDir()
	write(t, filepath.Join(folder, "main.go"), ownApp)
	requirements := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(read(t, filepath.Join(root, "go.mod")),
		"module catalogue.example")
	write(t, filepath.Join(folder, "go.mod"), requirements+"\n"+more+"\n")
	write(t, filepath.Join(folder, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	return folder
}

// A module outside the repository builds the constructs, and the function with them: it says nothing of Code.
func TestModuleOutsideTheRepository(t *testing.T) {
	folder := newApp(t,
		"require example.com/sharedbucket v0.0.0\nreplace example.com/sharedbucket => "+repository(t))
	out := filepath.Join(folder, "out")
	run(t, folder, []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "CDK_OUTDIR=" + out}, "go", "run", ".")

	var template resources
	if err := json.Unmarshal([]byte(read(t, filepath.Join(out, "Catalogue.template.json"))), &template); err != nil {
		t.Fatal(err)
	}
	template.only(t, "Custom::SharedBucket")
	programs, err := filepath.Glob(filepath.Join(out, "asset.*", "bootstrap"))
	if err != nil || len(programs) != 1 {
		t.Fatal(programs, err)
	}
	about, err := os.Stat(programs[0])
	if err != nil || about.Size() < 1<<20 || about.Mode()&0o111 == 0 {
		t.Error("the function's program:", about, err)
	}
}

// The same in a workspace with a checkout of the repository.
func TestModuleInAWorkspace(t *testing.T) {
	folder := newApp(t, "")
	run(t, folder, nil, "go", "work", "init", ".", repository(t))
	run(t, folder, []string{"GOFLAGS=", "GOPROXY=off", "GOWORK="}, "go", "vet", ".")
}

// The same by way of a proxy of one's own, which has the module in a version.
func TestModuleFromAPrivateProxy(t *testing.T) {
	folder, proxy := newApp(t, "require example.com/sharedbucket v0.1.0"), t.TempDir()
	versions := filepath.Join(proxy, "example.com", "sharedbucket", "@v")
	write(t, filepath.Join(versions, "v0.1.0.info"), `{"Version": "v0.1.0"}`)
	write(t, filepath.Join(versions, "v0.1.0.mod"), read(t, filepath.Join(repository(t), "go.mod")))
	archive, err := os.Create(filepath.Join(versions, "v0.1.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	module := gomodule.Version{Path: "example.com/sharedbucket", Version: "v0.1.0"}
	err = errors.Join(gozip.CreateFromDir(archive, module, copied(t)), archive.Close())
	if err != nil {
		t.Fatal(err)
	}
	known := strings.TrimSpace(run(t, folder, nil, "go", "env", "GOMODCACHE"))
	run(t, folder, []string{
		"GOFLAGS=-mod=mod -modcacherw", "GOWORK=off", "GONOSUMDB=*", "GOMODCACHE=" + t.TempDir(),
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(known, "cache", "download"),
	}, "go", "vet", ".")
}

// copied is a folder with the files of the repository.
func copied(t *testing.T) string {
	t.Helper()
	root, folder := repository(t), t.TempDir()
	for name := range strings.SplitSeq(run(t, root, nil, "git", "ls-files", "-co", "--exclude-standard"), "\n") {
		about, err := os.Stat(filepath.Join(root, name))
		if name != "" && err == nil && about.Mode().IsRegular() {
			write(t, filepath.Join(folder, name), read(t, filepath.Join(root, name)))
		}
	}
	return folder
}

// Whoever publishes the module gives it a path of their own with one command, and everything still builds.
func TestModulePathCanBeChanged(t *testing.T) {
	folder := copied(t)
	const path = "git.corp.example/platform/shared"
	run(t, folder, nil, "make", "module-path", "TO="+path)
	if got := strings.TrimSpace(run(t, folder, nil, "go", "list", "-m")); got != path {
		t.Errorf("the module is %s", got)
	}
	run(t, folder, []string{"GOFLAGS=-mod=mod"}, "go", "build", "./lambda", "./cdk/sharedbucket", "./cmd/sharedbucket")
	left := exec.CommandContext(t.Context(), "grep", "-rlI", "example.com/sharedbucket", folder)
	if out, err := left.Output(); err == nil {
		t.Errorf("the old path stays in:\n%s", out)
	}
}
