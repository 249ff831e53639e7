package stacks

// Patterns of values, and what people read when one does not match. For a list, CloudFormation matches value by value.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
const (
	bucketPattern    = `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`
	bucketConstraint = "a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens"
	aliasPattern     = `^$|^alias/[a-zA-Z0-9/_-]{1,250}$`
	aliasConstraint  = "alias/ and a name, or nothing"
	keyPattern       = `^$|^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$`
	keyConstraint    = "the full ARN of a KMS key, or nothing"
	regionPattern    = `^$|^[a-z]{2,}(-[a-z]+)+-\d+$`
	regionConstraint = "a region's code, or nothing"

	accountsPattern        = `^$|^\d{12}$`
	accountsConstraint     = "account ids of twelve digits, separated by commas"
	principalsPattern      = `^$|^arn:[a-z-]+:iam::\d{12}:(role|user)/[\w+=,.@/-]+$`
	principalsConstraint   = "ARNs of roles or users, separated by commas"
	organizationPattern    = `^$|^o-[a-z0-9]{10,32}$`
	organizationConstraint = "an organization's id, or nothing"
	namesPattern           = `^[\w+=.@-]{0,128}$`
	namesConstraint        = "names, not ARNs, separated by commas"
)
