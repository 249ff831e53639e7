package share

import (
	"fmt"
	"strings"
)

// reservedBucket is what S3 keeps for itself in bucket names.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var reservedBucket = struct{ prefixes, suffixes []string }{
	prefixes: []string{"xn--", "sthree-", "amzn-s3-demo-"},
	suffixes: []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"},
}

// checkBucketName adds a violation for every S3 naming rule that name breaks.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func checkBucketName(name, path string, env Env, bad *Violations) {
	rule := func(broken bool, problem string) {
		if broken {
			bad.Add(path, "choose another name", "%q "+problem, name)
		}
	}
	rule(len(name) < 3 || len(name) > 63, fmt.Sprintf("has %d characters, a bucket name has 3 to 63", len(name)))
	rule(!bucketChars.MatchString(name), "has characters other than lower-case letters, digits, dots and hyphens")
	rule(name != "" && strings.ContainsAny(name[:1]+name[len(name)-1:], ".-"),
		"does not begin and end with a letter or digit")
	rule(strings.Contains(name, ".."), "has two dots in a row")
	rule(ipAddress.MatchString(name), "looks like an IP address")
	for _, p := range reservedBucket.prefixes {
		rule(strings.HasPrefix(name, p), "begins with "+p+", which S3 reserves")
	}
	for _, s := range reservedBucket.suffixes {
		rule(strings.HasSuffix(name, s), "ends with "+s+", which S3 reserves")
	}
	rule(strings.HasSuffix(name, accountRegionalSuffix) && env.Account != "" && !env.AccountRegional(name),
		"ends with -an, which only buckets of the account-regional namespace may: <prefix>"+env.accountRegionalTail())
}

// possibleBucket says whether S3 can hold a bucket of this name at all, whatever it reserves today. A call with any
// other name fails, so a Delete must not ask about it.
func possibleBucket(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && bucketChars.MatchString(name) &&
		!strings.ContainsAny(name[:1]+name[len(name)-1:], ".-") && !strings.Contains(name, "..") &&
		!ipAddress.MatchString(name)
}

const accountRegionalSuffix = "-an"

func (e Env) accountRegionalTail() string {
	return "-" + e.Account + "-" + e.Region + accountRegionalSuffix
}

// AccountRegional says whether a bucket of this name belongs to the account's own namespace in its region.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
func (e Env) AccountRegional(bucket string) bool {
	return strings.HasSuffix(bucket, e.accountRegionalTail())
}

// checkAlias adds a violation for an alias that KMS would refuse, and says whether it takes it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
func checkAlias(alias, path string, bad *Violations) bool {
	switch {
	case strings.HasPrefix(alias, "arn:"):
		bad.Add(path, "give the part from alias/ on", "%q is an ARN, not an alias name", alias)
	case !strings.HasPrefix(alias, "alias/"):
		bad.Add(path, "write alias/"+brief(alias), "%q does not begin with alias/", alias)
	case strings.HasPrefix(alias, "alias/aws/"):
		bad.Add(path, "choose another name", "%q: alias/aws/ is reserved for AWS managed keys", alias)
	case !aliasName.MatchString(alias):
		bad.Add(path, "use letters, digits, hyphen, underscore and slash, 256 characters at most",
			"%q is not an alias that KMS takes", alias)
	default:
		return true
	}
	return false
}

// checkKeyARN adds a violation for anything but the full ARN of a key that account (when given) owns in env's region,
// and says whether it is one.
// A bare id or an alias would be resolved in the account of whoever writes, an AWS managed key cannot be shared.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func checkKeyARN(arn, path string, env Env, account string, bad *Violations) bool {
	const remedy = "give the key's full ARN, arn:<partition>:kms:<region>:<account>:key/<id>"
	parts := strings.Split(arn, ":")
	switch {
	case arn == "aws/s3" || strings.HasSuffix(arn, "alias/aws/s3"):
		bad.Add(path, "leave KeyArn out to have a key created, or give a customer managed key's ARN",
			"aws/s3 is an AWS managed key: its policy cannot be changed, so it cannot be shared")
	case strings.HasPrefix(arn, "alias/") || strings.Contains(arn, ":alias/"):
		bad.Add(path, remedy, "%q is an alias, which S3 resolves in the account of whoever writes", arn)
	case !IsKeyARN(arn):
		bad.Add(path, remedy, "%q is not the ARN of a KMS key", arn)
	case env.Partition != "" && parts[1] != env.Partition:
		bad.Add(path, remedy, "%q is in partition %s, the share in %s", arn, parts[1], env.Partition)
	case env.Region != "" && parts[3] != env.Region:
		bad.Add(path, "a bucket's key must be in the bucket's region", "%q is in region %s, the share in %s", arn, parts[3],
			env.Region)
	case account != "" && parts[4] != account:
		bad.Add(path, "only the key's own account can write its key policy: give a key of the owner account",
			"%q belongs to account %s, not to %s", arn, parts[4], account)
	default:
		return true
	}
	return false
}

// IsKeyARN says whether text is the ARN of a KMS key.
func IsKeyARN(text string) bool { return keyARN.MatchString(text) }

// protectedRole says whether IAM refuses inline policies on a role of this name.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
func protectedRole(name string) (remedy string, protected bool) {
	switch {
	case strings.HasPrefix(name, "AWSReservedSSO_"):
		return "add the policy to the permission set itself, and declare a PermissionSet consumer where the bucket is", true
	case strings.HasPrefix(name, "AWSServiceRoleFor"):
		return "service-linked roles take no policies of yours", true
	}
	return "", false
}

// TagPrefix begins the keys of the tags by which a share finds what belongs to it. Nobody may declare such tags.
const TagPrefix = "sharedbucket:"

// ownTags is how many tags of its own a share needs on one resource.
const ownTags = 4
