package main

import (
	"example.com/sharedbucket/internal/render"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
)

// readShare reads a share file and checks it as a whole. The error names every violation with its path in the file.
func readShare(path string) (render.Ends, error) {
	f, err := sharefile.Read(path)
	if err != nil {
		return render.Ends{}, err
	}
	if err := f.Check(); err != nil {
		return render.Ends{}, err
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
