// Package e2e runs the real function, the real cdk and the real CLI against the local AWS.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"example.com/sharedbucket/test/local"
)

var (
	aws  *local.AWS
	code []byte // the provider, built for this host
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if testing.Short() {
		return m.Run()
	}
	ctx := context.Background()
	var err error
	if code, err = local.BuildZip(ctx, "./lambda"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	folder, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	authorizer, err := local.BuildAuthorizer(ctx, folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if aws, err = local.Start(ctx, local.Options{Authorizer: authorizer}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer aws.Stop()
	status := m.Run()
	if status == 0 && flag.Lookup("test.run").Value.String() == "" {
		if err := checkNeeded(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return status
}
