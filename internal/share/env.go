package share

import (
	"fmt"
	"strings"
)

// Env is where a resource lives: what its properties do not say.
type Env struct {
	Partition string // aws, aws-cn, aws-us-gov, …
	Region    string // ap-southeast-2
	Account   string // twelve digits
}

// EnvFromARN reads partition, region and account from an ARN that has all three, such as a stack's or a function's.
func EnvFromARN(arn string) (Env, error) {
	p := strings.SplitN(arn, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[3] == "" || !IsAccountID(p[4]) {
		return Env{}, fmt.Errorf("%q is not an ARN with partition, region and account", arn)
	}
	return Env{Partition: p[1], Region: p[3], Account: p[4]}, nil
}

// ARN is an ARN in this partition; region and account are empty where the service has none in its ARNs.
func (e Env) ARN(service, region, account, resource string) string {
	return strings.Join([]string{"arn", e.Partition, service, region, account, resource}, ":")
}

// BucketARN is the ARN of a bucket in this partition.
func (e Env) BucketARN(bucket string) string { return e.ARN("s3", "", "", bucket) }

// RootARN stands for a whole account in a Principal element.
func (e Env) RootARN(account string) string { return e.ARN("iam", "", account, "root") }

// AliasARN is the ARN of a KMS alias (alias/…) in this region. KMS takes it from other accounts too.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func (e Env) AliasARN(account, alias string) string { return e.ARN("kms", e.Region, account, alias) }

// KeyARN is the ARN of a KMS key of this account and region.
func (e Env) KeyARN(id string) string { return e.ARN("kms", e.Region, e.Account, "key/"+id) }

// pendingKeyID is the id in a document that is planned before its key exists. It has the length of a real id, so that
// sizes can be checked, and is no key's id: KMS makes random UUIDs.
const pendingKeyID = "00000000-0000-0000-0000-000000000000"

// PendingKeyARN stands for the key that a plan is going to create. Whoever applies the plan replaces it.
func (e Env) PendingKeyARN() string { return e.KeyARN(pendingKeyID) }

// ProviderRole is the role of the provider of this account and region.
func (e Env) ProviderRole() string {
	return e.ARN("iam", "", e.Account, "role/"+ProviderRolePrefix+e.Region)
}

// JobRole is the role with which S3 Batch Operations works for the shares of this account and region. It comes with
// their provider, where buckets may be adopted.
func (e Env) JobRole() string { return e.ProviderRole() + JobRoleSuffix }

// ViaS3 is the value of kms:ViaService for S3 in this region; its suffix is the same in every partition.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func (e Env) ViaS3() string { return "s3." + e.Region + ".amazonaws.com" }

// DefaultAlias is the alias of a bucket's key unless one is declared. Aliases take no dots.
func DefaultAlias(bucket string) string {
	return "alias/s3-" + strings.ReplaceAll(bucket, ".", "-") + "-encryption"
}

// KeyDescription is what KMS shows of the key that is made for a bucket.
func KeyDescription(bucket string) string { return "key of a shared S3 bucket: " + bucket }

// DefaultPolicyName is the name of the inline policies for a bucket.
func DefaultPolicyName(bucket string) string { return "access-s3-" + bucket }
