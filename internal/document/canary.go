package document

import "regexp"

// CanaryFolder is where consumer accounts' providers write, read and delete one small object, each below its own
// account, to see that what is deployed works.
const CanaryFolder = ".sharedbucket/canary/"

// CanaryKey is the key of that object, for the resource with a mark. It is the same each time, so that what a crash
// leaves is found and deleted by the next canary.
func CanaryKey(account string, m Mark) string { return CanaryFolder + account + "/" + string(m) }

var canaryKey = regexp.MustCompile(`^\.sharedbucket/canary/[0-9]{12}/[A-Z2-7]{13}$`)

// IsCanary says whether a key is one that only a canary has.
func IsCanary(key string) bool { return canaryKey.MatchString(key) }

// largestCanary is more bytes than a canary's object has.
const largestCanary = 1 << 10

// LeftByCanary says whether an object is what a canary leaves that was cut off.
func LeftByCanary(key string, size int64) bool { return IsCanary(key) && size <= largestCanary }

// CanaryActions are what a provider does with its object. It deletes by version, so that no delete marker stays.
var CanaryActions = []string{"s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"}

// canaryKeyActions are what S3 asks of the key for these.
var canaryKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}
