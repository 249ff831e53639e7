package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"example.com/sharedbucket/internal/version"
)

// checkedVersion is the version to release: the one that is wanted, or that of the commit's tag. What is released must
// be a commit, so that it can be had again: changes and new files are refused, and so is a tag of another commit.
func checkedVersion(wanted string) (string, error) {
	changed, err := git("status", "--porcelain")
	if err != nil {
		return "", err
	}
	if changed != "" {
		return "", fmt.Errorf("the working tree differs from its commit; commit or remove this first:\n%s", changed)
	}
	if wanted == "" {
		tags, err := git("tag", "--points-at", "HEAD")
		if err != nil {
			return "", err
		}
		if wanted, err = onlyRelease(strings.Fields(tags)); err != nil {
			return "", err
		}
	}
	if !version.Released(wanted) {
		return "", fmt.Errorf("the version is %q; it has the form v1.2.3 or v1.2.3-rc.1", wanted)
	}
	return wanted, checkTag(wanted)
}

func onlyRelease(tags []string) (string, error) {
	var found []string
	for _, tag := range tags {
		if version.Released(tag) {
			found = append(found, tag)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", errors.New("this commit has no tag of a version: git tag v1.2.3, or VERSION=v1.2.3 to try")
	}
	return "", fmt.Errorf("this commit has several versions' tags, %s: say which with VERSION",
		strings.Join(found, ", "))
}

// checkTag refuses a version whose tag is another commit's.
func checkTag(version string) error {
	known, err := git("tag", "--list", version)
	if err != nil || known == "" {
		return err
	}
	tagged, err := git("rev-parse", "refs/tags/"+version+"^{commit}")
	if err != nil {
		return err
	}
	head, err := git("rev-parse", "HEAD")
	if err == nil && head != tagged {
		err = fmt.Errorf("%s is the tag of commit %.12s, and this is %.12s", version, tagged, head)
	}
	return err
}

func git(words ...string) (string, error) {
	out, err := exec.Command("git", words...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("git %s: %s", strings.Join(words, " "), strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimRight(string(out), "\n"), err
}
