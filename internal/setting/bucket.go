package setting

import (
	"cmp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// BucketSettings are the settings of a bucket. The zero value is that of a bucket on which none was ever set.
type BucketSettings struct {
	AccessBlocked AccessBlocked
	OwnerEnforced OwnerEnforced
	Versioning    Versioning
	Encryption    Encryption
}

// MadeBucket are the settings of a bucket as CreateBucket makes it.
func MadeBucket() BucketSettings {
	return BucketSettings{OwnerEnforced: true, Encryption: Encryption{Algorithm: "AES256"}}
}

// WantedOfBucket are the settings that a share wants of its bucket, in the order in which they are written. Its
// encryption is not among them: it waits for the key, see Under.
func WantedOfBucket(s share.Share) []Of[BucketSettings] {
	return []Of[BucketSettings]{AccessBlocked(true), OwnerEnforced(true), Versioning(s.Versioning)}
}

// AccessBlocked says whether all four settings of Block Public Access are on.
type AccessBlocked bool

// Names are those of Block Public Access.
func (AccessBlocked) Names() Names {
	return Names{
		On: Bucket, Operation: PutPublicAccessBlock, Option: "--public-access-block-configuration",
		Read: "s3:GetBucketPublicAccessBlock", Write: "s3:PutBucketPublicAccessBlock",
		ChangedBy: []string{"PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"},
		Brief:     "public access blocked", Purpose: "Nothing of it may become public.",
	}
}

// Differs is about any of the four that is off.
func (a AccessBlocked) Differs(now BucketSettings) string {
	if now.AccessBlocked == a {
		return ""
	}
	return "public access is not blocked entirely"
}

// Set blocks it.
func (a AccessBlocked) Set(in *BucketSettings) { in.AccessBlocked = a }

// Argument has all four.
func (AccessBlocked) Argument() string {
	return "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
}

// Properties have all four.
func (AccessBlocked) Properties() map[string]any {
	return map[string]any{"PublicAccessBlockConfiguration": map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}}
}

// OwnerEnforced says whether the ownership of objects is BucketOwnerEnforced: ACLs are off.
type OwnerEnforced bool

// Names are those of object ownership.
func (OwnerEnforced) Names() Names {
	return Names{
		On: Bucket, Operation: "PutBucketOwnershipControls", Option: "--ownership-controls",
		Read: "s3:GetBucketOwnershipControls", Write: "s3:PutBucketOwnershipControls",
		ChangedBy: []string{"PutBucketOwnershipControls", "DeleteBucketOwnershipControls"},
		Brief:     "ACLs off", Purpose: "Its objects belong to this account, whoever writes them.",
	}
}

// Differs is about ACLs that count.
func (o OwnerEnforced) Differs(now BucketSettings) string {
	if now.OwnerEnforced == o {
		return ""
	}
	return "objects may belong to other accounts than the bucket's"
}

// Set switches ACLs off.
func (o OwnerEnforced) Set(in *BucketSettings) { in.OwnerEnforced = o }

// Argument is one rule.
func (OwnerEnforced) Argument() string { return "Rules=[{ObjectOwnership=BucketOwnerEnforced}]" }

// Properties are one rule.
func (OwnerEnforced) Properties() map[string]any {
	rule := map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}
	return map[string]any{"OwnershipControls": map[string]any{"Rules": []any{rule}}}
}

// Versioning is whether S3 keeps old versions of objects: Enabled, Suspended, or "" where it never was on.
type Versioning string

// Names are those of versioning.
func (Versioning) Names() Names {
	return Names{
		On: Bucket, Operation: "PutBucketVersioning", Option: "--versioning-configuration",
		Read: "s3:GetBucketVersioning", Write: "s3:PutBucketVersioning", ChangedBy: []string{"PutBucketVersioning"},
		Brief: "versioning", Purpose: "Versioning.",
	}
}

// Differs is about another status.
func (v Versioning) Differs(now BucketSettings) string {
	if now.Versioning == v {
		return ""
	}
	return "versioning is " + cmp.Or(string(now.Versioning), "off")
}

// Set is the new status.
func (v Versioning) Set(in *BucketSettings) { in.Versioning = v }

// Argument is the status.
func (v Versioning) Argument() string { return "Status=" + string(v) }

// Properties are the status.
func (v Versioning) Properties() map[string]any {
	return map[string]any{"VersioningConfiguration": map[string]any{"Status": string(v)}}
}

// Encryption is the default encryption of a bucket.
type Encryption struct {
	Algorithm    string // aws:kms, AES256, …
	KeyID        string // as somebody wrote it: an ARN, a bare key id, an alias; S3 gives back what it was given
	BucketKey    bool
	SSECBlocked  bool
	OtherBlocked []string // further blocked encryption types, kept as they are
}

// Under is the encryption that a share wants, with its key. What others have blocked stays blocked.
func (e Encryption) Under(keyARN string) Encryption {
	return Encryption{
		Algorithm: "aws:kms", KeyID: keyARN, BucketKey: true, SSECBlocked: true, OtherBlocked: slices.Clone(e.OtherBlocked),
	}
}

// Key is the key of SSE-KMS as it is named there, "" under any other encryption.
func (e Encryption) Key() string {
	if e.Algorithm != "aws:kms" {
		return ""
	}
	return e.KeyID
}

// Names are those of default encryption.
func (Encryption) Names() Names {
	return Names{
		On: Bucket, Operation: PutBucketEncryption, Option: "--server-side-encryption-configuration",
		Read: "s3:GetEncryptionConfiguration", Write: "s3:PutEncryptionConfiguration",
		ChangedBy: []string{"PutBucketEncryption", "DeleteBucketEncryption"},
		Brief:     "default encryption with the share's key",
		Purpose:   "What is written is encrypted with the key, unless the writer says otherwise.",
	}
}

// Differs is also about the same key by another name: others would look for it in their account.
func (e Encryption) Differs(now BucketSettings) string {
	switch there := now.Encryption; {
	case there.Algorithm != e.Algorithm || there.KeyID == "":
		return "the default encryption is " + cmp.Or(there.Algorithm, "S3's own") + ", not the share's key"
	case there.KeyID != e.KeyID:
		return "the default encryption uses " + there.KeyID
	case !there.BucketKey:
		return "the bucket key is off"
	case !there.SSECBlocked:
		return "SSE-C is not blocked"
	}
	return ""
}

// Set replaces all of it.
func (e Encryption) Set(in *BucketSettings) { in.Encryption = e }

// Blocked are the blocked encryption types. All are always sent: S3 keeps what is left out, so that somebody's NONE
// would stay. The setting came in November 2025, and no page says of every region that it knows it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
func (e Encryption) Blocked() []string { return append([]string{"SSE-C"}, e.OtherBlocked...) }

// Argument is JSON.
func (e Encryption) Argument() string {
	return `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"` + e.KeyID +
		`"},"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["` + strings.Join(e.Blocked(), `","`) + `"]}}]}`
}

// Properties have the key where a template may have a reference to it.
func (e Encryption) Properties() map[string]any {
	rule := map[string]any{
		"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": e.KeyID},
		"BucketKeyEnabled":              true,
		"BlockedEncryptionTypes":        map[string]any{"EncryptionType": e.Blocked()},
	}
	return map[string]any{"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{rule}}}
}
