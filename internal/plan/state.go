package plan

import "example.com/sharedbucket/internal/share"

// State is what is really there: everything that a plan for a Share depends on. A nil part does not exist.
type State struct {
	Bucket *Bucket
	// Key is the key the share uses or may take up again: the declared one, the one behind the alias, or the one that
	// the bucket's tags lead to.
	Key *Key
	// Identities are the delegates of the share, and of its previous declaration.
	Identities map[share.Identity]IdentityState
	// HoldsObjects says whether the bucket has any object version. It is looked up only when the key would change.
	HoldsObjects bool
}

// Bucket is a bucket's configuration as far as a share sets it.
type Bucket struct {
	Tags          map[string]string
	Policy        string // the policy document, "" for none
	Encryption    BucketEncryption
	AccessBlocked bool // all four settings of Block Public Access are on
	OwnerEnforced bool // BucketOwnerEnforced: ACLs are off
	Versioning    string
	// Foreign says that another account has the name, or that the bucket may not be read; all else is unknown then.
	Foreign bool
}

// BucketEncryption is the default encryption of a bucket.
type BucketEncryption struct {
	Algorithm    string // aws:kms, AES256, …
	KeyARN       string // as written in the configuration: may be an id or alias that somebody else put there
	BucketKey    bool
	SSECBlocked  bool
	OtherBlocked []string // further blocked encryption types, kept as they are
}

// Key is a KMS key.
type Key struct {
	ARN          string
	State        string // Enabled, Disabled, PendingDeletion, …
	Manager      string // CUSTOMER or AWS
	Spec         string // SYMMETRIC_DEFAULT, …
	Usage        string // ENCRYPT_DECRYPT, …
	Origin       string // AWS_KMS, …
	Policy       string
	Tags         map[string]string
	RotationDays int // 0: rotation is off
	Aliases      []string
}

// Key states, managers and kinds that matter here.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
const (
	KeyEnabled         = "Enabled"
	KeyDisabled        = "Disabled"
	KeyPendingDeletion = "PendingDeletion"

	KeyManagerAWS = "AWS"
	KeySymmetric  = "SYMMETRIC_DEFAULT"
	KeyOriginKMS  = "AWS_KMS"
)

// IdentityState is a user, role or group as far as its inline policies go.
type IdentityState struct {
	Exists bool
	// Policy is the document under the policy name of the share or access, "" for none.
	Policy string
	// OtherCharacters is the size of all its other inline policies, as IAM counts.
	OtherCharacters int
}

// AccessState is to an Access what State is to a Share.
type AccessState struct {
	Key        *Key // as DescribeKey shows it to another account: no policy, tags or aliases
	Identities map[share.Identity]IdentityState
}
