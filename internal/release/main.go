// Release makes the files of a release in build/release/<version>: the function and the command as zips, the templates,
// an SBOM for each program, and the SHA-256 sums of all. make release runs it in the repository's folder.
//
// The same commit gives the same bytes, in whatever folder and at whatever time, with the same version of Go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/sharedbucket/internal/build"
)

func main() {
	version := flag.String("version", "", "the version, v1.2.3; default: the tag of the commit")
	flag.Parse()
	folder, err := release(*version)
	if err != nil {
		fmt.Fprintln(os.Stderr, "make release:", err)
		os.Exit(1)
	}
	sums, err := os.ReadFile(filepath.Join(folder, sumsName))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s:\n%s", folder, sums)
}

// release makes the files and returns their folder, which is there when all of them are.
func release(wanted string) (folder string, err error) {
	version, err := checkedVersion(wanted)
	if err != nil {
		return "", err
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	work, err := os.MkdirTemp("", "sharedbucket-release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	made, err := files(root, work, version)
	if err != nil {
		return "", err
	}
	return publish(filepath.Join("build", "release", version), made)
}

// files are all files of the release but the sums.
func files(root, work, version string) (all []build.File, err error) {
	sbom, err := newSBOM(root, work)
	if err != nil {
		return nil, err
	}
	for _, a := range artifacts(root, version) {
		made, err := a.files(work, sbom)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		all = append(all, made...)
	}
	templates, err := templates(root, work, version)
	return append(all, templates), err
}

const sumsName = "SHA256SUMS"

// publish writes the files and their sums as a folder, in place of one of an earlier try.
func publish(folder string, all []build.File) (string, error) {
	build.SortByName(all)
	var sums strings.Builder
	for _, f := range all {
		fmt.Fprintf(&sums, "%s  %s\n", build.Digest(f.Data), f.Name)
	}
	all = append(all, build.File{Name: sumsName, Mode: build.Plain, Data: []byte(sums.String())})
	unfinished := folder + ".unfinished"
	if err := errors.Join(os.RemoveAll(unfinished), os.MkdirAll(unfinished, 0o755)); err != nil {
		return "", err
	}
	for _, f := range all {
		if err := os.WriteFile(filepath.Join(unfinished, f.Name), f.Data, f.Mode); err != nil {
			return "", err
		}
	}
	return folder, errors.Join(os.RemoveAll(folder), os.Rename(unfinished, folder))
}
