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

	"example.com/sharedbucket/cdk/internal/runtime"
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
	os.Exit(runtime.Run(func() int {
		files, err := Files(root)
		if err == nil {
			err = write(to, files, os.Stdout)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}))
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
