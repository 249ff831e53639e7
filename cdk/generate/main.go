// Generate writes the files that are made from the CDK app and from package share: templates/*.yaml and two pages of
// docs/. make templates runs it; the tests fail when a file is not what it would write.
//
//	generate [ROOT [TO]]
//
// ROOT is the repository, and TO the folder to write below, which is ROOT unless it is given, as a release does.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.com/sharedbucket/cdk/stacks"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	to := root
	if len(os.Args) > 2 {
		to = os.Args[2]
	}
	files, err := Files(root)
	if err == nil {
		err = write(to, files, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	stacks.CloseRuntime()
	if err != nil {
		os.Exit(1)
	}
}

// write writes what differs from what is there.
func write(root string, files map[string]string, log io.Writer) error {
	for name, content := range files {
		path := filepath.Join(root, name)
		if there, err := os.ReadFile(path); err == nil && string(there) == content {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		fmt.Fprintln(log, "wrote", name)
	}
	return nil
}
