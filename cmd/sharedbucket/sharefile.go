package main

import (
	"fmt"
	"io"

	"example.com/sharedbucket/internal/render"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
)

// readShare reads a share file and checks it as a whole. The error names every violation with its path in the file;
// what may be meant, and will not work, is written to warnings.
func readShare(path string, warnings io.Writer) (render.Ends, error) {
	f, err := sharefile.Read(path)
	if err != nil {
		return render.Ends{}, err
	}
	if err := f.Check(); err != nil {
		return render.Ends{}, err
	}
	for _, w := range f.Warnings().Lines() {
		fmt.Fprintln(warnings, "warning:", w)
	}
	e := render.Ends{}
	if e.Share, err = share.ParseShare(f.BucketProperties(), f.Env()); err != nil {
		return render.Ends{}, err
	}
	for _, account := range f.Accounts() {
		a, err := share.ParseAccess(f.AccessProperties(account), f.EnvOf(account))
		if err != nil {
			return render.Ends{}, err
		}
		e.Sides = append(e.Sides, a)
	}
	return e, nil
}
