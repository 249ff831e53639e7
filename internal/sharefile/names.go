package sharefile

// The properties of a share file that are no properties of Custom::SharedBucket. All others are.
const (
	name     = "Name"     // of the share, which its stacks carry; default: from the bucket's
	region   = "Region"   // of bucket and key; required
	owner    = "Owner"    // account id; required
	grantees = "Grantees" // consumer account id → list of grantees
)
