package evaluator

// Account is an AWS account and its place in an organization.
type Account struct {
	ID         string
	OrgID      string // empty outside of any organization
	OrgPaths   []string
	Management bool // the organization's management account, which neither SCPs nor RCPs restrict

	// From the organization's root down to the account; nil where no policies of that type apply. RCPFullAWSAccess
	// is attached everywhere and may be left out.
	SCPs, RCPs []OrganizationLevel
}

// OrganizationLevel is one target in an organization with the policies attached to it.
type OrganizationLevel struct {
	Target   string
	Policies []*Policy
}

// scps are the SCPs that restrict the account's principals, its root user included.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (a *Account) scps() []OrganizationLevel {
	if a == nil || a.Management {
		return nil
	}
	return a.SCPs
}

// rcps are the RCPs that restrict access to the account's resources, whoever asks.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (a *Account) rcps() []OrganizationLevel {
	if a == nil || a.Management {
		return nil
	}
	return a.RCPs
}

// policiesIn are all policies of levels.
func policiesIn(levels []OrganizationLevel) []*Policy {
	var all []*Policy
	for _, l := range levels {
		all = append(all, l.Policies...)
	}
	return all
}
