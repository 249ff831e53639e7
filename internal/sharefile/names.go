package sharefile

// The properties of a share file that are no properties of Custom::SharedBucket. All others are.
const (
	region   = "Region"   // of bucket and key; required
	owner    = "Owner"    // account id; required
	grantees = "Grantees" // consumer account id → list of grantees
)
