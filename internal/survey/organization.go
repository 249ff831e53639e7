package survey

import (
	"context"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/proof"
)

// readOrganization finds every account's organization with the policies on the way to it, by whichever credentials may
// read them. An account that an organization does not know, or that says itself that it is in none, has neither.
func (s *surveyor) readOrganization(ctx context.Context) {
	organizations := map[string]*cloud.Organization{}
	alone, refused := map[string]bool{}, map[string]error{}
	for account, there := range s.accounts {
		switch o, err := there.Organization(ctx); {
		case err != nil:
			refused[account] = err
		case o == nil:
			alone[account] = true
		default:
			organizations[account] = o
		}
	}
	for _, account := range s.taking() {
		if !alone[account] {
			s.readPlace(ctx, account, organizations, refused)
		}
	}
}

// readPlace asks every organization that can be seen for one account.
func (s *surveyor) readPlace(
	ctx context.Context, account string, seen map[string]*cloud.Organization, refused map[string]error,
) {
	var last error
	for _, asking := range s.taking() {
		o := seen[asking]
		if o == nil {
			continue
		}
		a, member, err := o.Account(ctx, account)
		if err == nil && member {
			s.setAccount(account, a)
			return
		}
		if err != nil {
			last = err
		}
	}
	if own := seen[account]; own != nil {
		s.setAccount(account, proof.Account{Organization: own.ID, Management: account == own.Management})
		if account == own.Management {
			return // no SCP or RCP is for the management account
		}
	}
	why := noCredentials
	switch {
	case last != nil:
		why = reason(last)
	case refused[account] != nil:
		why = reason(refused[account])
	}
	parts := []proof.Part{proof.SCPs}
	if account == s.Env.Account {
		parts = append(parts, proof.RCPs)
	}
	for _, part := range parts {
		s.note(proof.Unread{Part: part, Account: account, Why: why})
	}
}

func (s *surveyor) setAccount(id string, a proof.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Accounts[id] = a
}
