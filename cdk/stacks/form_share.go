package stacks

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

var bucketParameter = parameter{
	name: "BucketName", label: "Bucket",
	description: "Name of the shared bucket. Another name in a deployed stack ends what it did for the first one",
	pattern:     bucketPattern, constraint: bucketConstraint,
}

func levelParameter(name, label, description string) parameter {
	p := parameter{name: name, label: label, description: description, defaultTo: string(share.ReadWrite)}
	for _, l := range share.Levels {
		p.values = append(p.values, string(l))
	}
	return p
}

func boolParameter(name, label, description string, defaultTo bool) parameter {
	return parameter{
		name: name, label: label, description: description,
		defaultTo: strconv.FormatBool(defaultTo), values: []string{"true", "false"},
	}
}

// textParameter is a text that may be empty.
func textParameter(name, label, description, pattern, constraint string) parameter {
	return parameter{
		name: name, label: label, description: description, defaultTo: "", pattern: pattern, constraint: constraint,
	}
}

func numberParameter(name, label, description string, defaultTo any, least, most float64) parameter {
	return parameter{
		name: name, label: label, description: description, kind: number, defaultTo: defaultTo, least: least, most: most,
	}
}

// identityParameters are those of delegates and of grantees.
func identityParameters(prefix string) []parameter {
	names := func(kind string) parameter {
		return listParameter(prefix+kind, kind, "Names of IAM "+kind+" of this account, separated by commas; names, not ARNs",
			namesPattern, namesConstraint)
	}
	return []parameter{
		names("Users"), names("Roles"), names("Groups"),
		levelParameter(prefix+"Access", "Level", "What these users, roles and groups may do"),
		{
			name: "PolicyType", label: "Kind of policy",
			description: "Auto: inline while IAM has room for it, and beyond that a managed policy of its own; Inline and " +
				"Managed are always that",
			defaultTo: share.PolicyAuto, values: []string{share.PolicyAuto, share.PolicyInline, share.PolicyManaged},
		},
	}
}

// driftParameter is what becomes of drift, of a share and of an organization's access.
var driftParameter = parameter{
	name: "Drift", label: "Drift",
	description: "What the provider's schedule does about what is not as declared: Report logs it and raises " +
		"an alarm, Repair mends it as well",
	defaultTo: share.Report, values: []string{share.Report, share.Repair},
}

// proofParameters say how a deployment is proven. canary is what that means on one side.
func proofParameters(canary string) group {
	return group{"Proof", []parameter{
		boolParameter("Verify", "Verify",
			"Evaluate all policies in force, and fail when they do not come to what is declared", true),
		boolParameter("Canary", "Canary", canary, true),
		driftParameter,
		{name: "Revision", label: "Revision", description: "Any text. Another one has everything looked at and mended again",
			defaultTo: ""},
	}}
}

// providerGroup shows the parameter that the constructs add.
var providerGroup = group{"Provider", []parameter{
	{name: "ServiceToken", label: "SSM parameter with the provider's ARN", added: true},
}}

// ownerParameters are the parameters of OwnerForm.
func ownerParameters() []group {
	defaults := share.DefaultBucketProperties()
	return []group{
		{"Bucket", []parameter{
			bucketParameter,
			{
				name: "Versioning", label: "Versioning", description: "Whether S3 keeps old versions of objects",
				defaultTo: defaults.Versioning, values: []string{share.VersioningEnabled, share.VersioningSuspended},
			},
			{
				name: "RemovalPolicy", label: "When the stack is deleted",
				description: "Retain leaves bucket and key; Delete deletes an empty bucket and schedules the key's " +
					"deletion; Empty empties it first. Access is revoked in every case",
				defaultTo: defaults.RemovalPolicy, values: []string{share.Retain, share.Delete, share.Empty},
			},
		}},
		{"Consumers: who of other accounts may use the bucket", []parameter{
			listParameter("ConsumerAccounts", "Accounts", "Ids of whole accounts, separated by commas; they decide "+
				"themselves who of theirs", accountsPattern, accountsConstraint),
			listParameter("ConsumerPrincipals", "Roles and users", "ARNs of roles or users of other accounts, separated "+
				"by commas; they need not exist yet", principalsPattern, principalsConstraint),
			textParameter("ConsumerOrganization", "Organization", "Id of an organization, all of whose accounts may use "+
				"the bucket", organizationPattern, organizationConstraint),
			levelParameter("ConsumerAccess", "Level", "What all of these may do"),
		}},
		{"Delegates: who of this account may use the bucket", identityParameters("Delegate")},
		{"Encryption", encryptionParameters(defaults.Encryption)},
		proofParameters("Open .sharedbucket/canary/ to the providers of the consumer accounts, so that each can see that " +
			"its side works"),
		providerGroup,
	}
}

func encryptionParameters(defaults share.EncryptionProperties) []parameter {
	return []parameter{
		textParameter("KeyArn", "Existing key", "ARN of a KMS key of this account and region, which the provider's "+
			"KeyArns must list. Empty: one is created", keyPattern, keyConstraint),
		textParameter("Alias", "Alias", "Alias of the created key. Empty: alias/s3-<bucket>-encryption",
			aliasPattern, aliasConstraint),
		numberParameter("RotationPeriodInDays", "Days between rotations", "How often KMS rotates the created key",
			defaults.RotationPeriodInDays, share.LeastRotationPeriod, share.MostRotationPeriod),
		numberParameter("DeletionWindowInDays", "Days before deletion", "How long KMS waits before it deletes the created "+
			"key, with RemovalPolicy Delete or Empty", defaults.DeletionWindowInDays, share.LeastDeletionWindow,
			share.MostDeletionWindow),
		boolParameter("DirectUse", "Direct use", "Let consumers call KMS with the key themselves, not only through S3",
			false),
	}
}

// empties says whether a bucket is to be emptied, which may take as long as CloudFormation waits.
func (f form) empties() string {
	return f.condition("Empties", awscdk.Fn_ConditionEquals(f.text("RemovalPolicy"), share.Empty))
}

// OwnerForm is SharedBucketOwner for templates/owner.yaml.
func OwnerForm(app awscdk.App) awscdk.Stack {
	f := newForm(app, ownerName, ownerDescription, ownerParameters()...)
	bucket := sharedbucket.NewSharedBucket(f.stack, jsii.String("SharedBucket"), &sharedbucket.SharedBucketProps{
		BucketName: f.text("BucketName"),
	})
	override(cfn(bucket.Resource()),
		property{"Consumers", []any{
			f.consumer("Account", "ConsumerAccounts"),
			f.consumer("Principal", "ConsumerPrincipals"),
			f.consumer("Organization", "ConsumerOrganization"),
		}},
		property{"Delegates", f.identities("Delegate")},
		property{"PolicyType", ref("PolicyType")},
		property{"Encryption.KeyArn", ref("KeyArn")},
		property{"Encryption.Alias", ref("Alias")},
		property{"Encryption.RotationPeriodInDays", ref("RotationPeriodInDays")},
		property{"Encryption.DeletionWindowInDays", ref("DeletionWindowInDays")},
		property{"Encryption.DirectUse", ref("DirectUse")},
		property{"Versioning", ref("Versioning")},
		property{"RemovalPolicy", ref("RemovalPolicy")},
		property{"ServiceTimeout", ifElse(f.empties(), "3600", "960")},
		property{"Verify", ref("Verify")},
		property{"Drift", ref("Drift")},
		property{"Canary", ref("Canary")},
		property{"Revision", ref("Revision")},
	)
	ownerOutputs(f.stack, bucket)
	readableIDs(f.stack)
	return f.stack
}

// consumer is an entry of Consumers, where its parameter is given.
func (f form) consumer(kind, parameter string) any {
	return ifElse(f.given(parameter), map[string]any{kind: ref(parameter), "Access": ref("ConsumerAccess")}, nil)
}

func consumerParameters() []group {
	return []group{
		{"Bucket", []parameter{
			bucketParameter,
			{
				name: "OwnerAccount", label: "Owner account", description: "Id of the account that owns the bucket",
				pattern: accountPattern, constraint: "twelve digits",
			},
			textParameter("BucketRegion", "Region", "Region of bucket and key. Empty: this region", regionPattern,
				regionConstraint),
			textParameter("Alias", "Alias of the key", "Alias of the bucket's key in the owner account, by which the key is "+
				"found. Empty: alias/s3-<bucket>-encryption", aliasPattern, aliasConstraint),
			textParameter("KeyArn", "Key", "ARN of the bucket's key, when it has no alias. Empty: found by the alias",
				keyPattern, keyConstraint),
		}},
		{"Grantees: who of this account may use the bucket", append(identityParameters("Grantee"),
			textParameter("PolicyName", "Name of the policy", "Name of the policy that each of them gets, or its start. "+
				"Empty: access-s3-<bucket>", `^[\w+=,.@-]{0,128}$`, "a name that IAM takes, or nothing"))},
		proofParameters("Write, read and delete one small object in the bucket, and fail when that is refused. The owner's " +
			"share must have it too"),
		providerGroup,
	}
}

// ConsumerForm is SharedBucketConsumer for templates/consumer.yaml. Nothing in it differs from account to account.
func ConsumerForm(app awscdk.App) awscdk.Stack {
	f := newForm(app, consumerName, consumerDescription, consumerParameters()...)
	props := &sharedbucket.SharedBucketAccessProps{BucketName: f.text("BucketName"), OwnerAccount: f.text("OwnerAccount")}
	access := sharedbucket.NewSharedBucketAccess(f.stack, jsii.String("SharedBucketAccess"), props)
	override(cfn(access.Resource()),
		property{"Region", ref("BucketRegion")},
		property{"Alias", ref("Alias")},
		property{"KeyArn", ref("KeyArn")},
		property{"Grantees", f.identities("Grantee")},
		property{"PolicyName", ref("PolicyName")},
		property{"PolicyType", ref("PolicyType")},
		property{"Verify", ref("Verify")},
		property{"Drift", ref("Drift")},
		property{"Canary", ref("Canary")},
		property{"Revision", ref("Revision")},
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
		entry := map[string]any{kind: ref(names), "Access": ref(prefix + "Access")}
		entries = append(entries, ifElse(f.given(names), entry, nil))
	}
	return entries
}
