package share

import "regexp"

// What AWS takes as ids, names and ARNs, as a whole. The parameters of templates are held against the same.
const (
	AccountPattern      = `\d{12}`
	AliasPattern        = `alias/[a-zA-Z0-9/_-]{1,250}`
	KeyARNPattern       = `arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+`
	OrganizationPattern = `o-[a-z0-9]{10,32}`
	RegionPattern       = `[a-z]{2,}(-[a-z]+)+-\d+`
)

var (
	accountID    = whole(AccountPattern)
	bucketChars  = regexp.MustCompile(`^[a-z0-9.-]*$`)
	ipAddress    = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	aliasName    = whole(AliasPattern)
	keyARN       = whole(KeyARNPattern)
	principalARN = regexp.MustCompile(`^arn:([a-z-]+):iam::(\d{12}):(user|role)/((?:[!-~]{1,510}/)?)([\w+=,.@-]{1,64})$`)
	iamName      = regexp.MustCompile(`^[\w+=,.@-]+$`)
	orgID        = whole(OrganizationPattern)
	ouPath       = regexp.MustCompile(`^(` + OrganizationPattern + `)/r-[0-9a-z]{4,32}(/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})+$`)
	// tagText is what S3 takes in a tag's key and value, in any script. A comma, for one, makes CreateBucket fail.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html
	tagText    = regexp.MustCompile(`^[\p{L}\p{N}\p{Zs}_.:/=+@-]*$`)
	regionName = whole(RegionPattern)
)

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^` + pattern + `$`) }

// IsAccountID says whether an account may have this id: twelve digits.
func IsAccountID(id string) bool { return accountID.MatchString(id) }
