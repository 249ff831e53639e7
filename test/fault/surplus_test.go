package fault

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"example.com/sharedbucket/internal/share"
)

// A key is made as the function makes it, once more: that is what a run leaves which lost against its duplicate and
// died. The next event of any kind gives it up, and keeps the share's own.
func TestKeyOfALostRun(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	_, a := oneAccount(t, "500000099997")
	var made kms.CreateKeyInput
	a.proxy.took = func(c call, _ *http.Request, in, _ []byte) {
		if c.Operation == "CreateKey" {
			must(t, json.Unmarshal(in, &made))
		}
	}
	declared := resource{share.BucketType, map[string]any{
		"BucketName": "lost-run", "Consumers": accounts(partner, "Read"),
	}}
	status, err := a.create(t.Context(), "share", declared)
	lost := []string{loseKey(t, a, &made)}
	wantLost(t, a, lost, status, "CREATE_COMPLETE", err, types.KeyStateEnabled)

	declared.Properties["Revision"] = "2"
	status, err = a.update(t.Context(), "share", declared)
	wantLost(t, a, lost, status, "UPDATE_COMPLETE", err, types.KeyStatePendingDeletion)

	lost = append(lost, loseKey(t, a, &made))
	status, err = a.remove(t.Context(), "share")
	wantLost(t, a, lost, status, "DELETE_COMPLETE", err, types.KeyStatePendingDeletion)
}

func loseKey(t *testing.T, a *account, as *kms.CreateKeyInput) (arn string) {
	t.Helper()
	made, err := kms.NewFromConfig(a.Config()).CreateKey(t.Context(), as)
	must(t, err)
	return *made.KeyMetadata.Arn
}

// wantLost checks how an operation ended, in which state lost keys are, and that there is one besides, which stays.
func wantLost(
	t *testing.T, a *account, lost []string, status, want string, err error, state types.KeyState,
) {
	t.Helper()
	must(t, err)
	if status != want {
		t.Fatalf("%s\n%s", status, a.events(t.Context(), "share"))
	}
	there, err := a.Inventory(t.Context())
	must(t, err)
	for key, is := range there.Keys {
		wants := types.KeyStateEnabled
		if slices.Contains(lost, key) {
			wants = state
		}
		if is != string(wants) {
			t.Errorf("%s: key %s is %s, not %s", status, key, is, wants)
		}
	}
	if len(there.Keys) != len(lost)+1 {
		t.Errorf("%s: there are %d keys besides", status, len(there.Keys)-len(lost))
	}
}
