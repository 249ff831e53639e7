package share

// Attribute is a value that Fn::GetAtt reads of a resource.
type Attribute struct{ Name, Meaning string }

const verified = "`true`: by the policies in force, everybody declared can do what the level says, and nobody else " +
	"more; " +
	"`partly`: as far as these could be read; `false`: not verified"

// Attributes are those of each resource type, in the order of the documentation.
var Attributes = map[string][]Attribute{
	BucketType: {
		{"BucketName", "name of the bucket"},
		{"BucketArn", "ARN of the bucket"},
		{"KeyArn", "ARN of the bucket's key"},
		{"KeyId", "id of the bucket's key"},
		{"AliasName", "alias of the key, `alias/…`; empty for an existing key"},
		{"AccountId", "id of the owner account"},
		{"Region", "region of bucket and key"},
		{"PolicyName", "name of the delegates' inline policies"},
		{"Verified", verified},
		{"ExistingObjects", "of an adopted bucket, how many object versions were found under which encryption, and what " +
			"came of them, or how far the jobs of S3 Batch Operations for them have come; empty for any other"},
	},
	AccessType: {
		{"BucketArn", "ARN of the bucket"},
		{"KeyArn", "ARN of the bucket's key; empty as long as the owner's side cannot be seen"},
		{"PolicyName", "name of the grantees' inline policies"},
		{"Verified", verified},
	},
}
