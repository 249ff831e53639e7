package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/build"
)

const released = "v1.2.3"

// repository is a copy of this one, as it is now, as a commit of its own in the folder.
func repository(t *testing.T, folder string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	listed := run(t, root, nil, "git", "ls-files", "-co", "--exclude-standard")
	for name := range strings.SplitSeq(strings.TrimSpace(listed), "\n") {
		about, err := os.Stat(filepath.Join(root, name))
		if err != nil || !about.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		must(t, err)
		write(t, filepath.Join(folder, name), data, about.Mode())
	}
	commit(t, folder)
}

const committing = "git -c user.name=test -c user.email=test@example.com commit --quiet --message all --no-gpg-sign"

func commit(t *testing.T, folder string) {
	t.Helper()
	run(t, folder, nil, "git", "init", "--quiet")
	run(t, folder, nil, "git", "add", "--all")
	run(t, folder, nil, "sh", "-c", committing)
}

func write(t *testing.T, path string, data []byte, mode os.FileMode) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, data, mode))
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is released is a commit, and the one that the version means.
func TestWhatIsNoCommitOfItsVersionIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		prepare string
		version string
		says    string
	}{
		"a changed file": {prepare: "echo more >> file", version: released, says: "differs from its commit"},
		"a new file":     {prepare: "touch new", version: released, says: " new"},
		"no tag":         {prepare: "true", version: "", says: "has no tag of a version"},
		"two tags":       {prepare: "git tag v1.2.3; git tag v1.2.4", version: "", says: "several versions' tags"},
		"a tag that is another's": {
			prepare: "git tag v1.2.3; echo > new; git add new; " + committing, version: released,
			says: "is the tag of",
		},
		"no version":         {prepare: "true", version: "1.2.3", says: "has the form"},
		"a version and more": {prepare: "true", version: "v1.2.3 -X main.x=y", says: "has the form"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, "file"), nil, 0o644)
			commit(t, folder)
			run(t, folder, nil, "sh", "-c", c.prepare)
			t.Chdir(folder)
			if _, err := checkedVersion(c.version); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Error(err)
			}
		})
	}
	t.Run("and a commit with its tag is not", func(t *testing.T) {
		t.Chdir(t.TempDir())
		write(t, "file", nil, 0o644)
		commit(t, ".")
		run(t, ".", nil, "git", "tag", released)
		for _, wanted := range []string{"", released} {
			if got, err := checkedVersion(wanted); got != released || err != nil {
				t.Error(got, err)
			}
		}
	})
}

// contents are the files of a folder by name.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		must(t, err)
		all[e.Name()] = data
	}
	return all
}

// A release is made twice, in two folders, by two people with other habits; it is the same, and it is what it says.
func TestReleaseIsTheSameBytesTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds six programs twice")
	}
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "a longer path", "there")
	repository(t, here)
	repository(t, there)
	run(t, here, nil, "git", "tag", released)
	run(t, here, nil, "make", "release")
	run(t, there, []string{
		"TZ=Pacific/Auckland", "LC_ALL=C", "GOFLAGS=-tags=other", "CGO_ENABLED=1", "GOOS=", "TMPDIR=" + t.TempDir(),
	}, "sh", "-c", "umask 077 && make release VERSION="+released)

	one, other := contents(t, filepath.Join(here, "build/release", released)),
		contents(t, filepath.Join(there, "build/release", released))
	if len(one) != 14 || len(one) != len(other) {
		t.Errorf("%d files, and %d", len(one), len(other))
	}
	for name, data := range one {
		if !bytes.Equal(data, other[name]) {
			t.Errorf("%s differs", name)
		}
	}
	t.Run("sums", func(t *testing.T) { checkSums(t, one) })
	t.Run("function", func(t *testing.T) { checkFunction(t, here, one) })
	t.Run("command", func(t *testing.T) { checkCommand(t, one) })
	t.Run("templates", func(t *testing.T) { checkTemplates(t, one) })
	t.Run("SBOM", func(t *testing.T) { checkSBOM(t, one) })
}

func checkSums(t *testing.T, files map[string][]byte) {
	var want strings.Builder
	var all []build.File
	for name, data := range files {
		if name != sumsName {
			all = append(all, build.File{Name: name, Data: data})
		}
	}
	build.SortByName(all)
	for _, f := range all {
		fmt.Fprintf(&want, "%s  %s\n", build.Digest(f.Data), f.Name)
	}
	if diff := cmp.Diff(want.String(), string(files[sumsName])); diff != "" {
		t.Error(diff)
	}
}

// unzip are the files in a zip by name, with modes.
func unzip(t *testing.T, data []byte) map[string]build.File {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	all := map[string]build.File{}
	for _, f := range r.File {
		in, err := f.Open()
		must(t, err)
		data, err := io.ReadAll(in)
		must(t, err)
		all[f.Name] = build.File{Name: f.Name, Mode: f.Mode(), Data: data}
	}
	return all
}

// The function says its released in every line of its log, and make build at the tag builds the same one.
func checkFunction(t *testing.T, here string, files map[string][]byte) {
	run(t, here, nil, "make", "build/lambda/arm64/bootstrap")
	built, err := os.ReadFile(filepath.Join(here, "build/lambda/arm64/bootstrap"))
	must(t, err)
	packed, err := build.FunctionZip(built)
	must(t, err)
	if !bytes.Equal(packed, files["sharedbucket-provider_"+released+"_arm64.zip"]) {
		t.Error("make build builds another function than the release has")
	}
	architecture := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	inside := unzip(t, files["sharedbucket-provider_"+released+"_"+architecture+".zip"])
	if len(inside) != 1 || inside["bootstrap"].Mode != build.Executable {
		t.Fatal("in the zip:", inside)
	}
	if runtime.GOOS != "linux" {
		t.Skip("the function runs on Linux")
	}
	program := filepath.Join(t.TempDir(), "bootstrap")
	write(t, program, inside["bootstrap"].Data, build.Executable)
	if line := firstLine(t, program); line["message"] != "event received" || line["version"] != released {
		t.Errorf("the first line of the log: %v", line)
	}
}

// firstLine starts the function, gives it one event that nobody should handle, and returns what it logs first.
func firstLine(t *testing.T, program string) map[string]any {
	t.Helper()
	asked := make(chan bool, 1)
	asked <- true
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		select {
		case <-asked:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			fmt.Fprint(w, `{"RequestType": "Create", "ResponseURL": "https://elsewhere.example/"}`)
		case <-r.Context().Done():
		}
	}))
	defer api.Close()
	command := exec.CommandContext(t.Context(), program)
	command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"), "AWS_REGION=eu-west-1",
		"AWS_LAMBDA_LOG_FORMAT=JSON"}
	out, err := command.StdoutPipe()
	must(t, err)
	command.Stderr = command.Stdout
	must(t, command.Start())
	defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
	var line map[string]any
	must(t, json.NewDecoder(out).Decode(&line))
	return line
}

func checkCommand(t *testing.T, files map[string][]byte) {
	for _, machine := range []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"} {
		inside := unzip(t, files["sharedbucket_"+released+"_"+machine+".zip"])
		if len(inside) != 2 || inside["sharedbucket"].Mode != build.Executable || inside["LICENSE"].Mode != build.Plain {
			t.Fatal("in the zip:", inside)
		}
		if machine == runtime.GOOS+"_"+runtime.GOARCH {
			program := filepath.Join(t.TempDir(), "sharedbucket")
			write(t, program, inside["sharedbucket"].Data, build.Executable)
			if said := run(t, ".", nil, program, "version"); !strings.HasPrefix(said, "sharedbucket "+released+" ") {
				t.Error(said)
			}
		}
	}
}

func checkTemplates(t *testing.T, files map[string][]byte) {
	inside := unzip(t, files["sharedbucket-templates_"+released+".zip"])
	there, err := filepath.Glob("../../templates/*.yaml")
	must(t, err)
	examples, err := filepath.Glob("../../templates/examples/*.yaml")
	must(t, err)
	if len(inside) != len(there)+len(examples) || len(there) < 5 || len(examples) == 0 {
		t.Errorf("%d templates", len(inside))
	}
	for _, path := range there {
		text := inside["templates/"+filepath.Base(path)].Data
		if !bytes.Contains(text, []byte(`Description: "SharedBucket `+released+": ")) {
			t.Errorf("%s does not say its version", path)
		}
		if len(text) > 51200 {
			t.Errorf("%s has %d bytes", path, len(text))
		}
	}
	if n := bytes.Count(inside["templates/organization.yaml"].Data, []byte("SharedBucket "+released+": ")); n != 3 {
		t.Errorf("organization.yaml and the templates in it say the released %d times", n)
	}
}

// checkSBOM checks that the SBOMs are of these programs and say what is in them.
func checkSBOM(t *testing.T, files map[string][]byte) {
	for name, has := range map[string]struct{ goarch, component string }{
		"sharedbucket-provider_" + released + "_arm64":  {goarch: "arm64", component: "github.com/aws/aws-lambda-go"},
		"sharedbucket-provider_" + released + "_x86_64": {goarch: "amd64", component: "std"},
		"sharedbucket_" + released + "_linux_amd64":     {goarch: "amd64", component: "github.com/spf13/cobra"},
	} {
		var s struct {
			BOMFormat string `json:"bomFormat"`
			Metadata  struct {
				Timestamp string
				Component struct{ Version, PURL string }
			}
			Components []struct{ Name string }
		}
		must(t, json.Unmarshal(files[name+".cdx.json"], &s))
		if s.BOMFormat != "CycloneDX" || s.Metadata.Component.Version != released || s.Metadata.Timestamp != "" {
			t.Errorf("%s: %+v", name, s.Metadata)
		}
		if !strings.Contains(s.Metadata.Component.PURL, "goarch="+has.goarch) {
			t.Errorf("%s is of %s", name, s.Metadata.Component.PURL)
		}
		found := false
		for _, c := range s.Components {
			found = found || c.Name == has.component
		}
		if !found {
			t.Errorf("%s does not have %s", name, has.component)
		}
	}
}
