package share

import "cmp"

// Access is a checked Custom::SharedBucketAccess: the identities of one account that use a bucket of another.
type Access struct {
	Env        Env // of the account that consumes; its Region is where bucket and key are
	Bucket     string
	Owner      string // account id
	KeyARN     string // empty: look Alias up
	Alias      string
	Grantees   []Grantee
	PolicyName string
	PolicyType string // of the grantees' policies
	Drift      string
	Verify     bool
	Canary     bool
}

// ID names an access by what tells it apart.
func (a Access) ID() string { return a.PolicyName + "@" + a.Bucket }

// Lookup is what KMS is asked for the bucket's key: its ARN, or its alias's ARN in the owner account.
func (a Access) Lookup() string {
	if a.KeyARN != "" {
		return a.KeyARN
	}
	return a.Env.AliasARN(a.Owner, a.Alias)
}

func (c checker) access(p AccessProperties) Access {
	if !c.skip(p.BucketName) {
		checkBucketName(p.BucketName, "BucketName", Env{}, c.bad)
	}
	c.account(p.OwnerAccount, "OwnerAccount")
	if p.OwnerAccount == c.env.Account && c.env.Account != "" {
		c.bad.Add("OwnerAccount", "in the owner account, declare Delegates of Custom::SharedBucket instead",
			"%s is the account of this resource", p.OwnerAccount)
	}
	env := c.env
	if p.Region != "" {
		env.Region = p.Region
		c.region(p.Region, "Region")
	}
	c.ownersKey(p, env)
	if !c.skip(p.Alias) {
		checkAlias(p.Alias, "Alias", c.bad)
	}
	policyName := cmp.Or(p.PolicyName, DefaultPolicyName(p.BucketName))
	if !c.skip(p.PolicyName) && (len(policyName) > 128 || !iamName.MatchString(policyName)) {
		c.bad.Add("PolicyName", "use letters, digits and +=,.@_-, 128 characters at most",
			"%q is not a policy name that IAM takes", policyName)
	}
	return Access{
		Env:        env,
		Bucket:     c.possible(p.BucketName),
		Owner:      p.OwnerAccount,
		KeyARN:     p.KeyArn,
		Alias:      cmp.Or(p.Alias, DefaultAlias(p.BucketName)),
		Grantees:   c.grantees(p.Grantees, "Grantees"),
		PolicyName: policyName,
		PolicyType: c.policyType(p.PolicyType),
		Drift:      c.oneOf(p.Drift, "Drift", Report, Repair),
		Verify:     p.Verify,
		Canary:     p.Canary,
	}
}

// ownersKey checks the key of the bucket as an access names it: one of the owner account, in the bucket's region.
func (c checker) ownersKey(p AccessProperties, env Env) {
	if c.skip(p.KeyArn) {
		return
	}
	owner := p.OwnerAccount
	if c.skip(owner) {
		owner = ""
	}
	if c.skip(env.Region) {
		env.Region = ""
	}
	checkKeyARN(p.KeyArn, "KeyArn", env, owner, c.bad)
}
