package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/sharedbucket/test/local"
)

// person is somebody in the walkthrough, with a profile of that name.
type person struct {
	profile, account, why string
	// policy is the person's inline policy before the walkthrough, "" for none.
	policy string
}

var (
	ann   = person{profile: "ann", account: accountA, why: "delegate in A"}
	dilip = person{profile: "dilip", account: accountB, why: "grantee in B"}
	// mallory may do everything in her own account, which must not help her here.
	mallory = person{profile: "mallory", account: accountC, why: "administrator of C", policy: local.AllowAll}
	people  = []person{ann, dilip, mallory}
)

// admins are the profiles of the accounts' administrators.
var admins = map[string]string{accountA: "account-a-admin", accountB: "account-b-admin", accountC: "account-c-admin"}

func everybody() string {
	names := []string{admins[accountA], admins[accountB], admins[accountC]}
	for _, p := range people {
		names = append(names, p.profile)
	}
	return strings.Join(names, ", ")
}

func (w *fixture) profiles() string { return filepath.Join(w.folder, "aws-config") }

// setTheScene makes accounts and users, and writes their credentials as profiles, as the walkthrough assumes them.
func (w *fixture) setTheScene(ctx context.Context) error {
	w.title("The scene")
	var profiles strings.Builder
	add := func(name string, p local.Principal) {
		fmt.Fprintf(&profiles, "[profile %s]\nregion = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n\n",
			name, w.aws.Region, p.Credentials.AccessKeyID, p.Credentials.SecretAccessKey)
	}
	accounts := map[string]*local.Account{}
	for _, id := range []string{accountA, accountB, accountC} {
		account, err := w.aws.Account(ctx, id)
		if err != nil {
			return fmt.Errorf("making account %s: %w", id, err)
		}
		accounts[id] = account
		add(admins[id], account.Admin)
	}
	rows := [][]string{{"USER", "ACCOUNT", "ROLE IN THE STORY"}}
	for _, p := range people {
		user, err := accounts[p.account].CreateUser(ctx, p.profile, p.policy)
		if err != nil {
			return fmt.Errorf("making user %s: %w", p.profile, err)
		}
		add(p.profile, user)
		rows = append(rows, []string{p.profile, p.account, p.why})
	}
	w.table(rows...)
	return os.WriteFile(w.profiles(), []byte(profiles.String()), 0o600)
}
