package plan

import (
	"errors"
	"time"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// State is what is really there: everything that a plan for a Share depends on. A nil part does not exist, or was not
// asked for, see Wanted.
type State struct {
	Bucket *Bucket
	// The keys that may be the share's, by what leads to them. One key may be found in several ways.
	Named    *Key   // the declared one, or the one behind the alias
	OfBucket *Key   // the one of the bucket's default encryption
	Tagged   []*Key // those with the owner's tags for the bucket
	Made     *Key   // Wanted.Made
	Former   *Key   // the previous declaration's, where that is another one
	// Identities are all who may have a policy of the share: Wanted.Identities and Wanted.Forgotten.
	Identities map[share.Identity]IdentityState
	// Quotas matter when somebody gets a managed policy, see Attaches.
	Quotas *Quotas
	// HoldsObjects says whether the bucket has any object version.
	HoldsObjects bool
	// Remembered is the declaration as the last event left it, Replaced that of the share that this one replaces.
	Remembered, Replaced Remembered
	// Unread are the parts that could not be read; they look as if they were not there.
	Unread []Unread
}

// Remembered is what is in the parameter of a resource.
type Remembered struct {
	// Declaration is nil when there is none. One that cannot be understood is there, and declares nothing.
	Declaration *declaration.Declaration
	// Identities are all that may have a policy because of it.
	Identities []share.Identity
	// Hidden says that it could not be read; State.Unread says why.
	Hidden bool
	// Written is when it was, Version SSM's number of it, which grows by one each time.
	Written time.Time
	Version int64
}

// Unread is a part that could not be read.
type Unread struct {
	Err    error // says which part
	Denied bool  // the provider may not read it
}

// unread is an error for every part that could not be read and counts.
func unread(parts []Unread, counts func(Unread) bool) error {
	var all []error
	for _, u := range parts {
		if counts(u) {
			all = append(all, u.Err)
		}
	}
	return errors.Join(all...)
}

// Bucket is a bucket's configuration as far as a share sets it.
type Bucket struct {
	setting.BucketSettings
	Tags   map[string]string
	Policy policy.Stored
	// Foreign says that the bucket may not be read: another account has the name, or the bucket's policy keeps the
	// provider out. The two look the same. All else is unknown then.
	Foreign bool
	// OtherRegion says that the name is taken in another region; it is Foreign then.
	OtherRegion bool
}

// defaultKey is the ARN of the key that the bucket encrypts with. A key that cannot be described is told by its id, so
// that it equals no key of which the ARN is known.
func (s State) defaultKey() string {
	switch {
	case s.Bucket == nil:
		return ""
	case !share.IsKeyARN(s.Bucket.Encryption.KeyID) && s.OfBucket != nil:
		return s.OfBucket.ARN
	}
	return s.Bucket.Encryption.KeyID
}

// Key is a KMS key.
type Key struct {
	setting.KeySettings
	ARN     string
	State   string // Enabled, Disabled, PendingDeletion, …
	Manager string // CUSTOMER or AWS
	Spec    string // SYMMETRIC_DEFAULT, …
	Usage   string // ENCRYPT_DECRYPT, …
	Origin  string // AWS_KMS, …
	Policy  policy.Stored
	Tags    map[string]string
	Aliases []string
}

// NeedsDetails says whether anything matters of a key beyond what it is: a share uses no key of AWS's own.
func (k *Key) NeedsDetails() bool { return k.Manager != KeyManagerAWS }

// Rotates says whether KMS can rotate keys of its kind.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
func (k *Key) Rotates() bool { return k.Origin == KeyOriginKMS && k.Spec == KeySymmetric }

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

// AccessState is to an Access what State is to a Share.
type AccessState struct {
	Key        *Key // as DescribeKey shows it to another account: no policy, tags or aliases
	Identities map[share.Identity]IdentityState
	// Remembered and Replaced are as with a share.
	Remembered, Replaced Remembered
	Quotas               *Quotas
	Unread               []Unread
}
