package role

// The provider's limits, by the one name that each has everywhere: as a property of the construct Provider, as a
// parameter of templates/provider.yaml, and as an environment variable of the function, which enforces what a role
// cannot tell. Lists, separated by commas where they are text; an empty one stands for the default.
const (
	BucketArns            = "BucketArns"
	AdoptableBucketArns   = "AdoptableBucketArns"
	KeyArns               = "KeyArns"
	GranteeArns           = "GranteeArns"
	ConsumerAccounts      = "ConsumerAccounts"
	ConsumerOrganizations = "ConsumerOrganizations"
)

// EncryptionKeyArn is no limit, but a setting that the role depends on: the customer managed key of queue and log.
const EncryptionKeyArn = "EncryptionKeyArn"

// WhoDrifted is no limit either: "true" lets the function ask CloudTrail who changed what is not as declared.
const WhoDrifted = "WhoDrifted"

// Limit is one of the limits as its users read about it.
type Limit struct {
	Name, Label, What, Default string
	// EnforcedBy says how far the role goes.
	EnforcedBy string
}

// Limits are all limits, in the order of the pages.
var Limits = []Limit{
	{
		Name: BucketArns, Label: "Buckets that may be created", Default: "all names",
		What: "ARNs, or patterns with * and ?, of the buckets that shares may create",
		EnforcedBy: "Role and function. The role writes to no bucket that is in neither this list nor " +
			"`AdoptableBucketArns`.",
	},
	{
		Name: AdoptableBucketArns, Label: "Buckets that may be adopted", Default: "none",
		What: "ARNs, or patterns with * and ?, of existing buckets that shares may adopt",
		EnforcedBy: "The function. The role too as far as `BucketArns` is narrowed: while that is all names, a " +
			"role cannot tell an existing bucket from one that a share created, because conditions on a " +
			"bucket's tags count only where ABAC is switched on for it.",
	},
	{
		Name: KeyArns, Label: "Existing keys that may be used", Default: "none",
		What: "ARNs, or patterns with * and ?, of KMS keys, not made by a share, that shares may use and " +
			"whose key policies they may write",
		EnforcedBy: "Role and function. The role writes only to keys that carry the tag of a share, and the " +
			"policies of these.",
	},
	{
		Name: GranteeArns, Label: "Delegates and grantees", Default: "all but the providers",
		What: "ARNs, or patterns with * and ?, of the users, roles and groups whose inline policies the " +
			"provider may write",
		EnforcedBy: "Role and function.",
	},
	{
		Name: ConsumerAccounts, Label: "Accounts that may be let in", Default: "all, if ConsumerOrganizations is empty too",
		What: "Ids of the accounts that shares may let in, themselves or their principals and permission " +
			"sets. One limit with ConsumerOrganizations: who is on neither list stays out, * opens a list",
		EnforcedBy: "The function: a role cannot look into the policies that it writes.",
	},
	{
		Name: ConsumerOrganizations, Label: "Organizations that may be let in",
		Default: "all, if ConsumerAccounts is empty too",
		What: "Ids of the organizations that shares may let in, as a whole or by their organizational units. " +
			"One limit with ConsumerAccounts: who is on neither list stays out, * opens a list",
		EnforcedBy: "The function: a role cannot look into the policies that it writes.",
	},
}

// Settings are what a provider's role depends on: the values of its limits, EncryptionKeyArn and WhoDrifted, by name.
type Settings map[string][]string
