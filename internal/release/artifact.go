package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/sharedbucket/internal/build"
	"example.com/sharedbucket/internal/version"
)

// artifact is a program as a zip.
type artifact struct {
	name    string // of the zip, without .zip
	program build.Program
	file    string   // the program's name in the zip
	beside  []string // files of the repository that go with it
}

// artifacts are the programs of a release. The function's zip has nothing but the function, so that it is the very one
// that make publish uploads.
func artifacts(root, version string) []artifact {
	var all []artifact
	for _, architecture := range []string{"arm64", "x86_64"} {
		function, err := build.Function(root, architecture, version)
		if err != nil {
			panic(err) // these are the architectures that there are
		}
		all = append(all, artifact{
			"sharedbucket-provider_" + version + "_" + architecture, function, "bootstrap", nil,
		})
	}
	for _, machine := range []struct{ goos, goarch string }{
		{"darwin", "amd64"}, {"darwin", "arm64"}, {"linux", "amd64"}, {"linux", "arm64"},
	} {
		all = append(all, artifact{
			"sharedbucket_" + version + "_" + machine.goos + "_" + machine.goarch,
			build.Command(root, machine.goos, machine.goarch, version), "sharedbucket", []string{"LICENSE"},
		})
	}
	return all
}

// files are the zip and its SBOM.
func (a artifact) files(work string, s sbom) ([]build.File, error) {
	path := filepath.Join(work, a.name, a.file)
	if err := a.program.To(path); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	packed := []build.File{{Name: a.file, Mode: build.Executable, Data: program}}
	for _, name := range a.beside {
		data, err := os.ReadFile(filepath.Join(a.program.Module, name))
		if err != nil {
			return nil, err
		}
		packed = append(packed, build.File{Name: name, Mode: build.Plain, Data: data})
	}
	zip, err := build.Zip(packed...)
	if err != nil {
		return nil, err
	}
	inside, err := s.of(a.program, path)
	return []build.File{
		{Name: a.name + ".zip", Mode: build.Plain, Data: zip},
		{Name: a.name + ".cdx.json", Mode: build.Plain, Data: inside},
	}, err
}

// templates are templates/ as a zip, with the version in each description.
func templates(root, work, released string) (build.File, error) {
	made := filepath.Join(work, "made")
	command := exec.Command("go", "run", "-ldflags", version.Flag(released), "./cdk/generate", ".", made)
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return build.File{}, fmt.Errorf("making the templates: %w: %s", err, bytes.TrimSpace(out))
	}
	var packed []build.File
	for folder, pattern := range map[string]string{made: "templates/*.yaml", root: "templates/examples/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return build.File{}, err
		}
		for _, path := range found {
			data, err := os.ReadFile(path)
			if err != nil {
				return build.File{}, err
			}
			name := strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(folder)+"/")
			packed = append(packed, build.File{Name: name, Mode: build.Plain, Data: data})
		}
	}
	build.SortByName(packed)
	zip, err := build.Zip(packed...)
	return build.File{Name: "sharedbucket-templates_" + released + ".zip", Mode: build.Plain, Data: zip}, err
}
