package local_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/test/local"
)

// shared is one server for all tests of this package; each uses accounts of its own.
var (
	shared *local.AWS
	code   []byte
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		os.Exit(m.Run())
	}
	os.Exit(local.RunTests(m, func(ctx context.Context) (end func(int) int, err error) {
		if code, err = local.BuildZip(ctx, "./test/local/testdata/fn"); err != nil {
			return nil, err
		}
		if shared, err = local.Start(ctx, local.Options{}); err != nil {
			return nil, err
		}
		return func(status int) int {
			shared.Stop()
			return status
		}, nil
	}))
}

// accounts hands out account ids, so that tests do not meet in one.
var accounts = 100000000000

func account(t *testing.T) *local.Account {
	t.Helper()
	if shared == nil {
		t.Skip("-short: no local AWS")
	}
	accounts++
	made, err := shared.Account(t.Context(), fmt.Sprint(accounts))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func function(t *testing.T, a *local.Account, spec local.FunctionSpec) *local.Function {
	t.Helper()
	if spec.Name == "" {
		spec.Name = "fn"
	}
	spec.Zip = code
	made, err := a.CreateFunction(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return value
}

func credentialsOf(environment map[string]string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(
		environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"])
}
