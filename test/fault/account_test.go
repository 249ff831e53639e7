package fault

import (
	"testing"
	"time"

	"example.com/sharedbucket/test/local"
)

// oneAccount is an account with the function, on a local AWS of its own, which settles soon.
func oneAccount(t *testing.T, id string) (*local.AWS, *account) {
	t.Helper()
	server := local.StartForTest(t, local.Options{})
	code, err := local.BuildInPlace(t.Context(), "./lambda", t.TempDir())
	must(t, err)
	a, err := newAccount(t.Context(), server, id, code)
	must(t, err)
	must(t, a.SetRetryDelays(t.Context(), retryDelay))
	must(t, a.SetSettle(t.Context(), 50*time.Millisecond))
	t.Cleanup(a.proxy.close)
	return server, a
}
