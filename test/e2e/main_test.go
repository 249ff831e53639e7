// Package e2e runs the real function, the real cdk and the real CLI against the local AWS.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/sharedbucket/test/local"
)

var (
	aws     *local.AWS
	program string // the function's program, built for this host
	code    []byte // a zip that starts it, where it is
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		os.Exit(m.Run())
	}
	os.Exit(local.RunTests(m, begin))
}

func begin(ctx context.Context) (end func(status int) int, err error) {
	folder, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		return nil, err
	}
	end = func(status int) int {
		defer os.RemoveAll(folder)
		if aws == nil {
			return status
		}
		defer aws.Stop()
		if status == 0 && flag.Lookup("test.run").Value.String() == "" {
			if err := checkNeeded(ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
		return status
	}
	program = filepath.Join(folder, "bootstrap")
	if code, err = local.BuildInPlace(ctx, "./lambda", folder); err != nil {
		return end, err
	}
	authorizer, err := local.BuildAuthorizer(ctx, folder)
	if err == nil {
		aws, err = local.Start(ctx, local.Options{Authorizer: authorizer})
	}
	return end, err
}
