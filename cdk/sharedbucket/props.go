package sharedbucket

import (
	"example.com/sharedbucket/internal/share"
)

// Level is what a consumer, delegate or grantee may do.
type Level = share.Level

// The levels. docs/reference.md says which actions each one has.
const (
	Read      = share.Read
	Write     = share.Write
	ReadWrite = share.ReadWrite // the default
	Full      = share.Full
)

// Versioning is whether S3 keeps old versions of objects.
type Versioning string

// Values of Versioning.
const (
	VersioningEnabled   Versioning = share.VersioningEnabled // the default
	VersioningSuspended Versioning = share.VersioningSuspended
)

// RemovalPolicy is what becomes of bucket and key when the resource is deleted.
type RemovalPolicy string

// Values of RemovalPolicy. Access is revoked in every case.
const (
	Retain RemovalPolicy = share.Retain // leave them as they are; the default
	Delete RemovalPolicy = share.Delete // delete an empty bucket, and schedule the key's deletion
	Empty  RemovalPolicy = share.Empty  // empty the bucket first
)

// PolicyType is the kind of policy that delegates and grantees get.
type PolicyType string

// Values of PolicyType.
const (
	PolicyAuto    PolicyType = share.PolicyAuto    // inline while IAM has room for it, else managed; the default
	PolicyInline  PolicyType = share.PolicyInline  // always inline
	PolicyManaged PolicyType = share.PolicyManaged // always a customer managed one, below the path /sharedbucket/
)

// Drift is what happens when the provider's schedule finds something that is not as declared.
type Drift string

// Values of Drift.
const (
	Report Drift = share.Report // log it and raise an alarm; the default
	Repair Drift = share.Repair // mend it as well
)

// SharedBucketProps are the properties of a SharedBucket: those of Custom::SharedBucket, by the same names, and the
// provider. Absent properties are nil or empty, and get the defaults of the resource.
type SharedBucketProps struct {
	// Provider that serves the resource. Default: that of the same stack, or else the one whose ARN is read from
	// ServiceTokenParameter on deployment.
	Provider IProvider

	// BucketName of the bucket to be created or, with Adopt, of an existing one. A change is a replacement. Required.
	BucketName *string
	// Consumers lets accounts, principals, permission sets, organizational units or an organization in.
	Consumers []Consumer
	// Delegates get a policy in this account.
	Delegates []Grantee
	// PolicyType of the delegates' policies. Default: PolicyAuto.
	PolicyType PolicyType
	// Encryption is about the KMS key of the bucket. Default: a key of its own.
	Encryption *Encryption
	// Versioning of the bucket. Default: VersioningEnabled.
	Versioning Versioning
	// Adopt says that the bucket exists already: it is never deleted, and its policy's other statements stay.
	Adopt *bool
	// RemovalPolicy of bucket and key. Default: Retain.
	RemovalPolicy RemovalPolicy
	// Verify evaluates all policies in force, and fails the resource when they do not come to what is declared. Default:
	// true.
	Verify *bool
	// Drift is what the provider's schedule does about what is not as declared. Default: Report.
	Drift Drift
	// Revision means nothing. Another text makes CloudFormation update the resource, which looks at everything again and
	// mends what differs.
	Revision *string
	// Canary opens .sharedbucket/canary/<account>/ to the providers of the consumer accounts, each of which writes, reads
	// and deletes one small object there to see that what is deployed works. Default: true.
	Canary *bool
	// Tags of the bucket and of a key that was created for it.
	Tags *map[string]*string
}

// SharedBucketAccessProps are the properties of a SharedBucketAccess: those of Custom::SharedBucketAccess, by the same
// names, and the provider.
type SharedBucketAccessProps struct {
	// Provider that serves the resource. Default: that of the same stack, or else the one whose ARN is read from
	// ServiceTokenParameter on deployment.
	Provider IProvider

	// BucketName of the shared bucket. Required.
	BucketName *string
	// OwnerAccount is the id of the account that owns it. Required.
	OwnerAccount *string
	// KeyArn of the bucket's key. Default: found through Alias in the owner account, so that one set of properties
	// serves any number of accounts.
	KeyArn *string
	// Alias of the bucket's key in the owner account. Default: alias/s3-<bucket>-encryption.
	Alias *string
	// Region of bucket and key. Default: the stack's.
	Region *string
	// Grantees get a policy in this account.
	Grantees []Grantee
	// PolicyName of that policy; of a managed one, the start. Default: access-s3-<bucket>.
	PolicyName *string
	// PolicyType of the grantees' policies. Default: PolicyAuto.
	PolicyType PolicyType
	// Verify evaluates all policies in force, and fails the resource when they do not come to what is declared. Default:
	// true.
	Verify *bool
	// Drift is what the provider's schedule does about what is not as declared. Default: Report.
	Drift Drift
	// Revision means nothing. Another text makes CloudFormation update the resource, which looks at everything again and
	// mends what differs.
	Revision *string
	// Canary writes, reads and deletes one small object through the owner's real bucket policy, key policy and KMS, and
	// fails the resource when that is refused. The owner's share must have it too. Default: true.
	Canary *bool
}

// Consumer lets somebody outside the owner account in: exactly one of its first five properties.
type Consumer struct {
	// Account ids.
	Account *[]*string
	// Principal holds ARNs of roles or users of other accounts. They need not exist yet.
	Principal *[]*string
	// PermissionSet of IAM Identity Center.
	PermissionSet *PermissionSet
	// Organization id, o-….
	Organization *string
	// OrganizationalUnit holds paths, o-…/r-…/ou-…; everything below counts.
	OrganizationalUnit *[]*string
	// Access level. Default: ReadWrite.
	Access Level
	// Prefixes are the folders that access is limited to. Default: the whole bucket.
	Prefixes *[]*string
}

// PermissionSet is a permission set of IAM Identity Center as it is assigned in accounts.
type PermissionSet struct {
	// Account ids. Required.
	Account *[]*string
	// Name of the permission set, without AWSReservedSSO_ and suffix. Required.
	Name *string
}

// Grantee is a user, role or group, or several of one kind, with a policy in its own account.
type Grantee struct {
	// User, Role or Group holds names, not ARNs: exactly one of the three.
	User, Role, Group *[]*string
	// Access level. Default: ReadWrite.
	Access Level
	// Prefixes are the folders that access is limited to. Default: the whole bucket.
	Prefixes *[]*string
}

// Encryption is the KMS key of a shared bucket: an existing one, or one that is made for it.
type Encryption struct {
	// KeyArn of an existing key of the owner account in the bucket's region. Alias and DirectUse are then refused, and the
	// two numbers of days without effect.
	KeyArn *string
	// Alias of the created key. Default: alias/s3-<bucket>-encryption, dots replaced by hyphens.
	Alias *string
	// RotationPeriodInDays, 90 to 2560. Default: 365.
	RotationPeriodInDays *float64
	// DeletionWindowInDays, 7 to 30. Default: 30.
	DeletionWindowInDays *float64
	// DirectUse lets consumers call KMS with the key themselves, not only through S3. Default: false.
	DirectUse *bool
	// ExistingObjects says what becomes of what an adopted bucket holds under other keys. Default: ReportExisting.
	ExistingObjects ExistingObjects
}

// ExistingObjects is what becomes of the object versions that an adopted bucket holds under other keys than its own.
type ExistingObjects string

// Values of ExistingObjects.
const (
	ReportExisting    ExistingObjects = share.ReportExisting    // count them; the default
	ReEncryptExisting ExistingObjects = share.ReEncryptExisting // put them under the bucket's key
)
