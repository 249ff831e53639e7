// Package setting is what a share sets on its bucket and on a key of its own, with a call for each: which value it
// wants, when that has to be written over what is there, and what S3, KMS, CloudFormation, IAM and CloudTrail call it.
// Package plan makes steps of them, package cloud reads and writes them; commands, templates, the provider's role and
// the search for who changed something follow from here.
//
// Tags and policies are no settings: others write into them too. Nor are a key's state and its alias, which say whose
// the key is.
package setting

// Setting is one setting at a value.
type Setting interface {
	Names() Names
	// Argument is the value as the aws command takes it.
	Argument() string
	// Properties are the value as CloudFormation takes it, by the name of the property, made of maps, lists and scalars.
	Properties() map[string]any
}

// Of is a setting among others on the same resource: BucketSettings, or KeySettings.
type Of[Settings any] interface {
	Setting
	// Differs says why the value has to be written over what is there, "" when it is there already, or cannot be.
	Differs(now Settings) string
	// Set puts the value among the settings.
	Set(in *Settings)
}

// Names are how a setting is called, whatever its value.
type Names struct {
	On          Resource
	Operation   string   // of S3 or KMS, which writes it
	Option      string   // of the aws command for that operation
	Read, Write string   // actions of IAM
	ChangedBy   []string // operations that change it, as CloudTrail names them
	Brief       string   // among what a provider does with a bucket, or with a key
	Purpose     string   // above a command
}

// Resource is what has settings.
type Resource struct {
	Service string // as actions of IAM begin
	Command string // of aws, which has the operations
	Option  string // of these, which names the resource
}

// What has settings.
var (
	Bucket = Resource{Service: "s3", Command: "s3api", Option: "--bucket"}
	Key    = Resource{Service: "kms", Command: "kms", Option: "--key-id"}
)

// Operations that are asked about by name.
const (
	PutPublicAccessBlock = "PutPublicAccessBlock"
	PutBucketEncryption  = "PutBucketEncryption"
	EnableKeyRotation    = "EnableKeyRotation"
)
