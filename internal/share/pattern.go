package share

import "regexp"

// What AWS takes as names, ids and ARNs.
var (
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	bucketChars  = regexp.MustCompile(`^[a-z0-9.-]*$`)
	ipAddress    = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	aliasName    = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]+$`)
	keyARN       = regexp.MustCompile(`^arn:([a-z-]+):kms:([a-z0-9-]+):(\d{12}):key/([A-Za-z0-9-]+)$`)
	principalARN = regexp.MustCompile(`^arn:([a-z-]+):iam::(\d{12}):(user|role)/((?:[!-~]{1,510}/)?)([\w+=,.@-]{1,64})$`)
	iamName      = regexp.MustCompile(`^[\w+=,.@-]+$`)
	orgID        = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	ouPath       = regexp.MustCompile(`^(o-[a-z0-9]{10,32})/r-[0-9a-z]{4,32}(/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})+$`)
	// tagText is what S3 takes in a tag's key and value, in any script. A comma, for one, makes CreateBucket fail.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html
	tagText    = regexp.MustCompile(`^[\p{L}\p{N}\p{Zs}_.:/=+@-]*$`)
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
)

// IsAccountID says whether an account may have this id: twelve digits.
func IsAccountID(id string) bool { return accountID.MatchString(id) }
