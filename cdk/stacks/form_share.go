package stacks

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

const (
	aliasPattern    = `^$|^alias/[a-zA-Z0-9/_-]{1,250}$`
	aliasConstraint = "alias/ and a name, or nothing"
	keyPattern      = `^$|^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$`
	keyConstraint   = "the full ARN of a KMS key, or nothing"

	accountsConstraint = "account ids of twelve digits, separated by commas"
)

var bucketParameter = parameter{
	name: "BucketName", label: "Bucket", description: "Name of the shared bucket", pattern: bucketPattern, constraint: bucketConstraint,
}

func levelParameter(name, label, description string) parameter {
	p := parameter{name: name, label: label, description: description, defaultTo: string(share.ReadWrite)}
	for _, l := range share.Levels {
		p.values = append(p.values, string(l))
	}
	return p
}

func boolParameter(name, label, description string, defaultTo bool) parameter {
	return parameter{name: name, label: label, description: description, defaultTo: strconv.FormatBool(defaultTo), values: []string{"true", "false"}}
}

func listParameter(name, label, description string) parameter {
	return parameter{name: name, label: label, description: description, kind: list, defaultTo: ""}
}

// identityParameters are those of delegates and of grantees.
func identityParameters(prefix string) []parameter {
	return []parameter{
		listParameter(prefix+"Users", "Users", "Names of IAM users of this account, separated by commas"),
		listParameter(prefix+"Roles", "Roles", "Names of IAM roles of this account, separated by commas; names, not ARNs"),
		listParameter(prefix+"Groups", "Groups", "Names of IAM groups of this account, separated by commas"),
		levelParameter(prefix+"Access", "Level", "What these users, roles and groups may do"),
	}
}

var proofParameters = group{"Proof", []parameter{
	boolParameter("Verify", "Verify", "Read back what was applied, and fail when it is not as declared", true),
}}

// providerGroup shows the parameter that the constructs add.
var providerGroup = group{"Provider", []parameter{{name: "ServiceToken", label: "SSM parameter with the provider's ARN", added: true}}}

// OwnerForm is SharedBucketOwner for templates/owner.yaml.
func OwnerForm(app awscdk.App) awscdk.Stack {
	defaults := share.DefaultBucketProperties()
	f := newForm(app, OwnerName, ownerDescription,
		group{"Bucket", []parameter{
			bucketParameter,
			{name: "Versioning", label: "Versioning", description: "Whether S3 keeps old versions of objects", defaultTo: defaults.Versioning,
				values: []string{share.VersioningEnabled, share.VersioningSuspended}},
			{name: "RemovalPolicy", label: "When the stack is deleted",
				description: "Retain leaves bucket and key; Delete deletes an empty bucket and schedules the key's deletion; Empty empties it first. Access is revoked in every case",
				defaultTo:   defaults.RemovalPolicy, values: []string{share.Retain, share.Delete, share.Empty}},
		}},
		group{"Consumers: who of other accounts may use the bucket", []parameter{
			listParameter("ConsumerAccounts", "Accounts", "Ids of whole accounts, separated by commas; they decide themselves who of theirs"),
			listParameter("ConsumerPrincipals", "Roles and users", "ARNs of roles or users of other accounts, separated by commas; they need not exist yet"),
			{name: "ConsumerOrganization", label: "Organization", description: "Id of an organization, all of whose accounts may use the bucket",
				defaultTo: "", pattern: `^$|^o-[a-z0-9]{10,32}$`, constraint: "an organization's id, or nothing"},
			levelParameter("ConsumerAccess", "Level", "What all of these may do"),
		}},
		group{"Delegates: who of this account may use the bucket", identityParameters("Delegate")},
		group{"Encryption", []parameter{
			{name: "KeyArn", label: "Existing key", description: "ARN of a KMS key of this account and region. Empty: one is created", defaultTo: "", pattern: keyPattern, constraint: keyConstraint},
			{name: "Alias", label: "Alias", description: "Alias of the created key. Empty: alias/s3-<bucket>-encryption", defaultTo: "", pattern: aliasPattern, constraint: aliasConstraint},
			{name: "RotationPeriodInDays", label: "Days between rotations", description: "How often KMS rotates the created key", kind: number,
				defaultTo: defaults.Encryption.RotationPeriodInDays, least: share.LeastRotationPeriod, most: share.MostRotationPeriod},
			{name: "DeletionWindowInDays", label: "Days before deletion", description: "How long KMS waits before it deletes the created key, with RemovalPolicy Delete or Empty", kind: number,
				defaultTo: defaults.Encryption.DeletionWindowInDays, least: share.LeastDeletionWindow, most: share.MostDeletionWindow},
			boolParameter("DirectUse", "Direct use", "Let consumers call KMS with the key themselves, not only through S3", false),
		}},
		proofParameters,
		providerGroup,
	)
	bucket := sharedbucket.NewSharedBucket(f.stack, jsii.String("SharedBucket"), &sharedbucket.SharedBucketProps{BucketName: f.text("BucketName")})
	override(cfn(bucket.Resource()),
		property{"Consumers", []any{
			ifElse(f.given("ConsumerAccounts"), map[string]any{"Account": ref("ConsumerAccounts"), "Access": ref("ConsumerAccess")}, nil),
			ifElse(f.given("ConsumerPrincipals"), map[string]any{"Principal": ref("ConsumerPrincipals"), "Access": ref("ConsumerAccess")}, nil),
			ifElse(f.given("ConsumerOrganization"), map[string]any{"Organization": ref("ConsumerOrganization"), "Access": ref("ConsumerAccess")}, nil),
		}},
		property{"Delegates", f.identities("Delegate")},
		property{"Encryption.KeyArn", ref("KeyArn")},
		property{"Encryption.Alias", ref("Alias")},
		property{"Encryption.RotationPeriodInDays", ref("RotationPeriodInDays")},
		property{"Encryption.DeletionWindowInDays", ref("DeletionWindowInDays")},
		property{"Encryption.DirectUse", ref("DirectUse")},
		property{"Versioning", ref("Versioning")},
		property{"RemovalPolicy", ref("RemovalPolicy")},
		property{"Verify", ref("Verify")},
	)
	ownerOutputs(f.stack, bucket)
	readableIDs(f.stack)
	return f.stack
}

// ConsumerForm is SharedBucketConsumer for templates/consumer.yaml. Nothing in it differs from account to account.
func ConsumerForm(app awscdk.App) awscdk.Stack {
	f := newForm(app, ConsumerName, consumerDescription,
		group{"Bucket", []parameter{
			bucketParameter,
			{name: "OwnerAccount", label: "Owner account", description: "Id of the account that owns the bucket", pattern: `^\d{12}$`, constraint: "twelve digits"},
			{name: "BucketRegion", label: "Region", description: "Region of bucket and key. Empty: this region", defaultTo: "", pattern: `^$|^[a-z]{2,}(-[a-z]+)+-\d+$`, constraint: "a region's code, or nothing"},
			{name: "Alias", label: "Alias of the key", description: "Alias of the bucket's key in the owner account, by which the key is found. Empty: alias/s3-<bucket>-encryption", defaultTo: "", pattern: aliasPattern, constraint: aliasConstraint},
			{name: "KeyArn", label: "Key", description: "ARN of the bucket's key, when it has no alias. Empty: found by the alias", defaultTo: "", pattern: keyPattern, constraint: keyConstraint},
		}},
		group{"Grantees: who of this account may use the bucket", append(identityParameters("Grantee"), parameter{
			name: "PolicyName", label: "Name of the inline policy", description: "Name of the inline policy that each of them gets. Empty: access-s3-<bucket>", defaultTo: "", pattern: `^[\w+=,.@-]{0,128}$`, constraint: "a name that IAM takes, or nothing",
		})},
		proofParameters,
		providerGroup,
	)
	access := sharedbucket.NewSharedBucketAccess(f.stack, jsii.String("SharedBucketAccess"), &sharedbucket.SharedBucketAccessProps{
		BucketName: f.text("BucketName"), OwnerAccount: f.text("OwnerAccount"),
	})
	override(cfn(access.Resource()),
		property{"Region", ref("BucketRegion")},
		property{"Alias", ref("Alias")},
		property{"KeyArn", ref("KeyArn")},
		property{"Grantees", f.identities("Grantee")},
		property{"PolicyName", ref("PolicyName")},
		property{"Verify", ref("Verify")},
	)
	consumerOutputs(f.stack, access)
	readableIDs(f.stack)
	return f.stack
}

// identities are the entries of Delegates or Grantees: one for each kind that has names.
func (f form) identities(prefix string) []any {
	var entries []any
	for _, kind := range []string{"User", "Role", "Group"} {
		names := prefix + kind + "s"
		entries = append(entries, ifElse(f.given(names), map[string]any{kind: ref(names), "Access": ref(prefix + "Access")}, nil))
	}
	return entries
}
