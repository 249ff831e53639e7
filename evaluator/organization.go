package evaluator

import "strings"

// Account is an AWS account and its place in an organization.
type Account struct {
	ID         string
	OrgID      string // empty outside of any organization
	OrgPaths   []string
	Management bool // the organization's management account, which neither SCPs nor RCPs restrict

	// From the organization's root down to the account; nil where no policies of that type apply. RCPFullAWSAccess
	// is attached everywhere and may be left out.
	SCPs, RCPs []Level
}

// Level is one target in an organization with the policies attached to it.
type Level struct {
	Target   string
	Policies []*Policy
}

// scps are the SCPs that restrict a requester: those of his own account, for its root user as well.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (r *Requester) scps() []Level {
	if r.Account == nil || r.Account.Management || r.serviceLinked() {
		return nil
	}
	return r.Account.SCPs
}

// rcps are the RCPs that restrict access to an account's resources, whoever asks.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (a *Account) rcps() []Level {
	if a == nil || a.Management {
		return nil
	}
	return a.RCPs
}

// serviceLinked says whether the requester is a service-linked role, which neither SCPs nor RCPs restrict.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
func (r *Requester) serviceLinked() bool {
	return strings.Contains(r.RoleARN, ":role/aws-service-role/")
}

// invalidIn are the policies of levels that are not valid.
func invalidIn(levels []Level) []*Policy {
	var invalid []*Policy
	for _, l := range levels {
		for _, p := range l.Policies {
			if p != nil && len(p.Problems) > 0 {
				invalid = append(invalid, p)
			}
		}
	}
	return invalid
}
