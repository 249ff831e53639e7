package proof

import "slices"

// providers are the roles of the providers of all consumers, each with every permission of its account: what a canary
// may do follows from bucket policy and key policy alone.
func (d declared) providers() []Subject {
	var all []Subject
	var accounts []string
	for _, c := range consumersOnce(d.share.Consumers) {
		s := d.consumer(c)
		if s.Home == nil && slices.Contains(accounts, s.Account) {
			continue
		}
		accounts = append(accounts, s.Account)
		home := d.world.Accounts[s.Account]
		of := "account " + s.Account
		if s.Home != nil {
			home, of = *s.Home, "any account of "+c.Name
		}
		s.Principal, s.Role = providerOf(d.share.Env, s.Account), Provider
		s.Label = "SharedBucket's provider of " + of
		s.Must = d.scopesOf(s.Principal, home)
		s.May = s.Must
		all = append(all, s)
	}
	return all
}
