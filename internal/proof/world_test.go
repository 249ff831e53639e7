package proof_test

import (
	"testing"

	"example.com/sharedbucket/internal/proof"
)

// What binds a member account and may not be read by it counts as unread; nothing binds the management account.
func TestOrganizationSeenByAMember(t *testing.T) {
	for account, unread := range map[string]int{"111111111111": 2, "999999999999": 0} {
		w := proof.World{Accounts: map[string]proof.Account{}}
		w.SeenByMember(account, "o-a1b2c3d4e5", "999999999999")
		a := w.Accounts[account]
		if len(w.Unread) != unread || a.Organization != "o-a1b2c3d4e5" || a.Management != (unread == 0) {
			t.Errorf("%s: %+v, unread %v", account, a, w.Unread)
		}
	}
}
