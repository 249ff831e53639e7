// Package setting is what a share sets on its bucket with a call for each: which value it wants, when that has to be
// written over what is there, and what S3, CloudFormation, IAM and CloudTrail call it. Package plan makes steps of
// them, package cloud reads and writes them; commands, templates, the provider's role and the search for who changed
// something follow from here.
//
// Tags and the bucket policy are no settings: others write into them too.
package setting

import (
	"cmp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// Setting is one setting of a bucket at a value.
type Setting interface {
	Names() Names
	// Differs says why the value has to be written over what is there, "" when it is there already.
	Differs(now Settings) string
	// Set puts the value among the settings of a bucket.
	Set(in *Settings)
	// Argument is the value as the aws command takes it.
	Argument() string
	// Property is the value as CloudFormation takes it, made of maps, lists and scalars.
	Property() any
}

// Settings are the settings of a bucket. The zero value is that of a bucket on which none was ever set.
type Settings struct {
	AccessBlocked AccessBlocked
	OwnerEnforced OwnerEnforced
	Versioning    Versioning
	Encryption    Encryption
}

// Wanted are the settings that a share wants, in the order in which they are written. Its encryption is not among
// them: it waits for the key, see Under.
func Wanted(s share.Share) []Setting {
	return []Setting{AccessBlocked(true), OwnerEnforced(true), Versioning(s.Versioning)}
}

// Names are how a setting is called, whatever its value.
type Names struct {
	Operation   string   // of S3, which writes it
	Option      string   // of the aws command for that operation
	Property    string   // of AWS::S3::Bucket
	Read, Write string   // actions of IAM
	ChangedBy   []string // operations that change it, as CloudTrail names them
	Brief       string   // among what a provider does with a bucket
	Purpose     string   // above a command
}

// Every has the names of all settings.
func Every() []Names {
	var all []Names
	for _, s := range append(Wanted(share.Share{}), Encryption{}) {
		all = append(all, s.Names())
	}
	return all
}

// Operations that are asked about by name.
const (
	PutPublicAccessBlock = "PutPublicAccessBlock"
	PutBucketEncryption  = "PutBucketEncryption"
)

// AccessBlocked says whether all four settings of Block Public Access are on.
type AccessBlocked bool

// Names are those of Block Public Access.
func (AccessBlocked) Names() Names {
	return Names{
		Operation: PutPublicAccessBlock, Option: "--public-access-block-configuration",
		Property: "PublicAccessBlockConfiguration",
		Read:     "s3:GetBucketPublicAccessBlock", Write: "s3:PutBucketPublicAccessBlock",
		ChangedBy: []string{"PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"},
		Brief:     "public access blocked", Purpose: "Nothing of it may become public.",
	}
}

// Differs is about any of the four that is off.
func (a AccessBlocked) Differs(now Settings) string {
	if now.AccessBlocked == a {
		return ""
	}
	return "public access is not blocked entirely"
}

// Set blocks it.
func (a AccessBlocked) Set(in *Settings) { in.AccessBlocked = a }

// Argument has all four.
func (AccessBlocked) Argument() string {
	return "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
}

// Property has all four.
func (AccessBlocked) Property() any {
	return map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}
}

// OwnerEnforced says whether the ownership of objects is BucketOwnerEnforced: ACLs are off.
type OwnerEnforced bool

// Names are those of object ownership.
func (OwnerEnforced) Names() Names {
	return Names{
		Operation: "PutBucketOwnershipControls", Option: "--ownership-controls", Property: "OwnershipControls",
		Read: "s3:GetBucketOwnershipControls", Write: "s3:PutBucketOwnershipControls",
		ChangedBy: []string{"PutBucketOwnershipControls", "DeleteBucketOwnershipControls"},
		Brief:     "ACLs off", Purpose: "Its objects belong to this account, whoever writes them.",
	}
}

// Differs is about ACLs that count.
func (o OwnerEnforced) Differs(now Settings) string {
	if now.OwnerEnforced == o {
		return ""
	}
	return "objects may belong to other accounts than the bucket's"
}

// Set switches ACLs off.
func (o OwnerEnforced) Set(in *Settings) { in.OwnerEnforced = o }

// Argument is one rule.
func (OwnerEnforced) Argument() string { return "Rules=[{ObjectOwnership=BucketOwnerEnforced}]" }

// Property is one rule.
func (OwnerEnforced) Property() any {
	return map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}}
}

// Versioning is whether S3 keeps old versions of objects: Enabled, Suspended, or "" where it never was on.
type Versioning string

// Names are those of versioning.
func (Versioning) Names() Names {
	return Names{
		Operation: "PutBucketVersioning", Option: "--versioning-configuration", Property: "VersioningConfiguration",
		Read: "s3:GetBucketVersioning", Write: "s3:PutBucketVersioning", ChangedBy: []string{"PutBucketVersioning"},
		Brief: "versioning", Purpose: "Versioning.",
	}
}

// Differs is about another status.
func (v Versioning) Differs(now Settings) string {
	if now.Versioning == v {
		return ""
	}
	return "versioning is " + cmp.Or(string(now.Versioning), "off")
}

// Set is the new status.
func (v Versioning) Set(in *Settings) { in.Versioning = v }

// Argument is the status.
func (v Versioning) Argument() string { return "Status=" + string(v) }

// Property is the status.
func (v Versioning) Property() any { return map[string]any{"Status": string(v)} }

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

// Names are those of default encryption.
func (Encryption) Names() Names {
	return Names{
		Operation: PutBucketEncryption, Option: "--server-side-encryption-configuration", Property: "BucketEncryption",
		Read: "s3:GetEncryptionConfiguration", Write: "s3:PutEncryptionConfiguration",
		ChangedBy: []string{"PutBucketEncryption", "DeleteBucketEncryption"},
		Brief:     "default encryption with the share's key",
		Purpose:   "What is written is encrypted with the key, unless the writer says otherwise.",
	}
}

// Differs is also about the same key by another name: others would look for it in their account.
func (e Encryption) Differs(now Settings) string {
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
func (e Encryption) Set(in *Settings) { in.Encryption = e }

// Blocked are the blocked encryption types. All are always sent: S3 keeps what is left out, so that somebody's NONE
// would stay. The setting came in November 2025, and no page says of every region that it knows it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
func (e Encryption) Blocked() []string { return append([]string{"SSE-C"}, e.OtherBlocked...) }

// Argument is JSON.
func (e Encryption) Argument() string {
	return `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"` + e.KeyID +
		`"},"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["` + strings.Join(e.Blocked(), `","`) + `"]}}]}`
}

// Property has the key where a template may have a reference to it.
func (e Encryption) Property() any {
	return map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{
		"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": e.KeyID},
		"BucketKeyEnabled":              true,
		"BlockedEncryptionTypes":        map[string]any{"EncryptionType": e.Blocked()},
	}}}
}
