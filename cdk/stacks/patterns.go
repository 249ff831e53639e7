package stacks

import "example.com/sharedbucket/internal/share"

// Patterns of values, and what people read when one does not match. For a list, CloudFormation matches value by value.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
const (
	bucketPattern    = `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`
	bucketConstraint = "a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens"
	aliasPattern     = `^$|^` + share.AliasPattern + `$`
	aliasConstraint  = "alias/ and a name, or nothing"
	keyPattern       = `^$|^` + share.KeyARNPattern + `$`
	keyConstraint    = "the full ARN of a KMS key, or nothing"
	regionPattern    = `^$|^` + share.RegionPattern + `$`
	regionConstraint = "a region's code, or nothing"

	accountPattern         = `^` + share.AccountPattern + `$`
	accountsPattern        = `^$|` + accountPattern
	accountsConstraint     = "account ids of twelve digits, separated by commas"
	principalsPattern      = `^$|^arn:[a-z-]+:iam::` + share.AccountPattern + `:(role|user)/[\w+=,.@/-]+$`
	principalsConstraint   = "ARNs of roles or users, separated by commas"
	organizationPattern    = `^$|^` + share.OrganizationPattern + `$`
	organizationConstraint = "an organization's id, or nothing"
	namesPattern           = `^[\w+=.@-]{0,128}$`
	namesConstraint        = "names, not ARNs, separated by commas"
)
