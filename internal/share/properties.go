// Package share says what is declared: one bucket, one KMS key and everybody who may use them.
//
// It turns declared properties into a checked Share or Access. Everything in it is a pure function: no clock, no
// network, no AWS SDK. Package document has the policies that follow, package plan the way to them. The provider
// function, the CDK constructs and the command all read properties through this package, so a property has one name,
// one default and one check.
package share

// The custom resource types.
const (
	BucketType = "Custom::SharedBucket"       // in the owner account
	AccessType = "Custom::SharedBucketAccess" // in an account that consumes
)

// BucketProperties are the properties of Custom::SharedBucket. Field names are the property names.
type BucketProperties struct {
	// BucketName is checked against every S3 naming rule. A change is a replacement.
	BucketName string `need:"required"`
	// Consumers lets accounts, principals, permission sets, organizational units or an organization in.
	Consumers []ConsumerProperties
	// Delegates get a policy in the owner account.
	Delegates []GranteeProperties
	// PolicyType is what kind of policy each delegate gets. Auto (default) is an inline one while IAM has room for it, and
	// beyond that a managed one of its own, below the path /sharedbucket/, which then stays; Inline and Managed are always
	// that.
	PolicyType string
	// Encryption is about the KMS key of the bucket.
	Encryption EncryptionProperties
	// Versioning is Enabled (default) or Suspended.
	Versioning string
	// Adopt says that the bucket exists already and is not this resource's to create or delete. The provider's limit
	// AdoptableBucketArns, which is empty unless somebody sets it, must have the bucket.
	Adopt bool
	// RemovalPolicy says what Delete does with the bucket and its key: Retain (default) leaves them, Delete wants the
	// bucket empty, and Empty deletes everything in it first: every version, delete marker and unfinished upload.
	RemovalPolicy string
	// Verify reads back what was applied, evaluates all policies in force, and fails the resource when not everybody
	// declared can do what is declared, or anybody can do more. Default true.
	Verify bool
	// Drift is what the provider's schedule does when something is not as declared: Report (default) logs it and raises an
	// alarm, Repair mends it as well.
	Drift string
	// Revision means nothing. Another text makes CloudFormation update the resource, which looks at everything again and
	// mends what differs.
	Revision string
	// Canary opens .sharedbucket/canary/<account>/ to the providers of the consumer accounts: each writes, reads and
	// deletes one small object there, to see that what is deployed works. Default true.
	Canary bool
	// Tags are put on the bucket and on a key that this resource created.
	Tags map[string]string
}

// AccessProperties are the properties of Custom::SharedBucketAccess. Field names are the property names.
type AccessProperties struct {
	BucketName   string `need:"required"`
	OwnerAccount string `need:"required"`
	// KeyArn is the key of the bucket. Default: found through Alias in the owner account.
	KeyArn string
	// Alias is the alias of the bucket's key in the owner account, which nobody asks for when KeyArn is given. Default:
	// alias/s3-<bucket>-encryption.
	Alias string
	// Region is where bucket and key are. Default: the function's region.
	Region string
	// Grantees get a policy in this account.
	Grantees []GranteeProperties
	// PolicyName is the name of that policy; of a managed one, the start. Default: access-s3-<bucket>.
	PolicyName string
	// PolicyType is to grantees what it is to delegates: Auto (default), Inline or Managed.
	PolicyType string
	Verify     bool
	Drift      string
	Revision   string
	Canary     bool
}

// ConsumerProperties let somebody outside the owner account in. Exactly one of the first five properties is given.
type ConsumerProperties struct {
	// Account is an account id, or a list of them.
	Account List
	// Principal is the ARN of a role or user of another account, or a list of them.
	Principal List
	// PermissionSet is an IAM Identity Center permission set as it is assigned in an account.
	PermissionSet *PermissionSetProperties
	// Organization is an organization id, o-….
	Organization string
	// OrganizationalUnit is the path of an OU, o-…/r-…/ou-…, or a list of them; everything below counts.
	OrganizationalUnit List
	// Access is the level. Default: ReadWrite.
	Access Level `empty:"leave Access out for ReadWrite"`
	// Prefixes are the folders it is limited to. Default: the whole bucket. {account} alone between slashes is the account
	// of whoever asks, so that accounts/{account} is a folder for each.
	Prefixes List `empty:"leave Prefixes out for the whole bucket"`
}

// PermissionSetProperties name an IAM Identity Center permission set in an account.
type PermissionSetProperties struct {
	Account List   `need:"required"`
	Name    string `need:"required"`
}

// GranteeProperties name an IAM user, role or group (exactly one property of the three; a name or a list of names) that
// gets a policy in its own account.
type GranteeProperties struct {
	User, Role, Group List
	Access            Level `empty:"leave Access out for ReadWrite"`
	Prefixes          List  `empty:"leave Prefixes out for the whole bucket"`
}

// EncryptionProperties are about the KMS key of the bucket: an existing one (KeyArn), or one that the share creates and
// owns.
type EncryptionProperties struct {
	// KeyArn is the ARN of an existing key of the owner account in the bucket's region. The provider's limit KeyArns,
	// which is empty unless somebody sets it, must have the key.
	KeyArn string
	// Alias of the created key. Default: alias/s3-<bucket>-encryption, dots replaced by hyphens.
	Alias string
	// RotationPeriodInDays is 90 to 2560, for a created key. An existing key (KeyArn) keeps its rotation, whatever is
	// given here. Default 365.
	RotationPeriodInDays int
	// DeletionWindowInDays is 7 to 30, for a created key that RemovalPolicy deletes. An existing key (KeyArn) is
	// never deleted, whatever is given here. Default 30.
	DeletionWindowInDays int
	// DirectUse lets consumers call KMS themselves too, not only through S3. It needs a key that the share creates.
	DirectUse bool
	// ExistingObjects says what becomes of the object versions that an adopted bucket holds under other keys, which
	// consumers cannot read: Report (default) counts the first 1,000 by encryption, in the attribute ExistingObjects and
	// in the log. ReEncrypt puts them under the bucket's key: up to 5,000 at once, more by jobs of S3 Batch Operations, of
	// which the attribute says how far they have come. Those under SSE-C, DSSE-KMS, retention or a legal hold stay as they
	// are, and are counted.
	ExistingObjects string
}

// Ranges that KMS takes, in days.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const (
	LeastRotationPeriod, MostRotationPeriod = 90, 2560
	LeastDeletionWindow, MostDeletionWindow = 7, 30
)

// List is a property that takes one value or a list of values.
type List []string

// Values of Versioning, RemovalPolicy, PolicyType, ExistingObjects and Drift.
const (
	VersioningEnabled   = "Enabled"
	VersioningSuspended = "Suspended"

	Retain = "Retain"
	Delete = "Delete"
	Empty  = "Empty"

	ReportExisting    = "Report"
	ReEncryptExisting = "ReEncrypt"

	PolicyAuto    = "Auto"
	PolicyInline  = "Inline"
	PolicyManaged = "Managed"

	Report = "Report"
	Repair = "Repair"
)

// DefaultBucketProperties are the properties of a Custom::SharedBucket that declares none.
func DefaultBucketProperties() BucketProperties {
	return BucketProperties{
		Encryption: EncryptionProperties{
			RotationPeriodInDays: 365, DeletionWindowInDays: 30, ExistingObjects: ReportExisting,
		},
		PolicyType:    PolicyAuto,
		Versioning:    VersioningEnabled,
		RemovalPolicy: Retain,
		Drift:         Report,
		Verify:        true,
		Canary:        true,
	}
}

// DefaultAccessProperties are the properties of a Custom::SharedBucketAccess that declares none.
func DefaultAccessProperties() AccessProperties {
	return AccessProperties{PolicyType: PolicyAuto, Drift: Report, Verify: true, Canary: true}
}
