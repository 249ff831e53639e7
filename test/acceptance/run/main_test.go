package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// Another endpoint than AWS's is a setting of the SDK's.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func TestAnotherEndpoint(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	server := local.StartForTest(t, local.Options{})
	var profiles strings.Builder
	for name, id := range map[string]string{"a": "111111111111", "b": "222222222222"} {
		account, err := server.Account(t.Context(), id)
		must(t, err)
		key, err := account.Admin.Config().Credentials.Retrieve(t.Context())
		must(t, err)
		fmt.Fprintf(&profiles, "[profile %s]\nregion = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n", name,
			server.Region, key.AccessKeyID, key.SecretAccessKey)
	}
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("config", []byte(profiles.String()), 0o600))
	bootstrap := filepath.Join("build", "lambda", "arm64", "bootstrap")
	must(t, os.MkdirAll(filepath.Dir(bootstrap), 0o755))
	must(t, os.WriteFile(bootstrap, []byte("never run"), 0o755))
	t.Setenv("AWS_CONFIG_FILE", "config")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
	t.Setenv("AWS_ENDPOINT_URL", server.Endpoint)
	asked := ""
	err := run("a", "b", "", "arm64", "report.md", func(question string) bool {
		asked = question
		return false
	})
	if err == nil || !strings.Contains(err.Error(), "nothing was made") {
		t.Errorf("refused, it ends with %v", err)
	}
	for _, part := range []string{"111111111111", "222222222222", server.Region, "sharedbucket-acceptance-"} {
		if !strings.Contains(asked, part) {
			t.Errorf("the question does not name %s: %s", part, asked)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
