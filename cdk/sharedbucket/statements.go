package sharedbucket

import (
	"fmt"
	"slices"
)

// Statement is one statement of the provider's role, with the reason why it is there. The role is made from these,
// and so is docs/provider-role.md.
//
// Resources and conditions are as in AWS::IAM::Policy inside Fn::Sub: ${AWS::AccountId} and the like are filled in by
// CloudFormation. Which resource types and condition keys an action has is said by the service authorization reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/.
type Statement struct {
	Sid       string
	Deny      bool
	Actions   []string
	Resources []string
	// Condition is operator → key → values.
	Condition map[string]map[string][]string
	// Why says what the provider does with it.
	Why string
	// Star says why Resource is * where it is.
	Star string
}

// Limits are what restricts a provider further than to its account.
type Limits struct {
	// BucketArns are ARNs or patterns of the buckets that it may share. Default: every bucket of the account.
	BucketArns []string
	// GranteeArns are ARNs or patterns of the users, roles and groups whose inline policies it may write. Default:
	// every identity of the account but the providers themselves.
	GranteeArns []string
}

// Sids of the statements that Limits are about.
var (
	BucketSids  = []string{"CreateBucket", "ConfigureBucket", "ReadBucket", "RemoveFromBucket"}
	GranteeSids = []string{"WriteInlinePolicies", "ReadInlinePolicies"}
)

const (
	ownKeys    = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*"
	ownAliases = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/*"
	// stackOfAccount is what the tag sharedbucket:stack-id holds.
	stackOfAccount = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/*"

	requestStackTag  = "aws:RequestTag/sharedbucket:stack-id"
	resourceStackTag = "aws:ResourceTag/sharedbucket:stack-id"
)

// allBuckets are the buckets that a provider may share unless it is limited.
var allBuckets = []string{"arn:${AWS::Partition}:s3:::*"}

// allGrantees are the identities whose inline policies a provider may write unless it is limited.
var allGrantees = []string{
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:user/*",
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:group/*",
}

// Statements are all statements of a provider's role but those for its own log group and dead-letter queue, whose ARNs
// are known in the stack only.
func Statements(limits Limits) []Statement {
	return slices.Concat(
		bucketStatements(orAll(limits.BucketArns, allBuckets)),
		keyStatements(),
		identityStatements(orAll(limits.GranteeArns, allGrantees)),
		[]Statement{{
			Sid:       "FindByTag",
			Actions:   []string{"tag:GetResources"},
			Resources: []string{"*"},
			Why: "Finds the bucket and the key of a stack by their tags: for a Delete with a physical id that CloudFormation made up, " +
				"and for a key that an earlier attempt left without alias.",
			Star: "tag:GetResources has no resource types.",
		}},
	)
}

// AllStatements are the statements of a provider without limits, with names in place of the ARNs of its own resources.
func AllStatements() []Statement {
	return append(Statements(Limits{}), ownStatements("the log group", "the dead-letter queue")...)
}

// bucketStatements are limited to the account's own buckets by aws:ResourceAccount. A condition on bucket tags would
// protect buckets of others from deletion, but counts only for buckets with ABAC enabled, so the function checks the
// tags itself: https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
func bucketStatements(buckets []string) []Statement {
	account := map[string][]string{"aws:ResourceAccount": {"${AWS::AccountId}"}}
	inAccount := map[string]map[string][]string{"StringEquals": account}
	// CreateBucket asks for two of these rights while there is no bucket, and so no account of a bucket, yet.
	inAccountIfAny := map[string]map[string][]string{"StringEqualsIfExists": account}
	return []Statement{
		{
			Sid:       "CreateBucket",
			Actions:   []string{"s3:CreateBucket"},
			Resources: buckets,
			Condition: map[string]map[string][]string{"StringEquals": {"s3:x-amz-object-ownership": {"BucketOwnerEnforced"}}},
			Why: "Creates the bucket of a share. Only with ACLs off from the first moment on. No condition on the resource's account: " +
				"there is no resource yet.",
		},
		{
			Sid: "ConfigureBucket",
			Actions: []string{
				"s3:PutBucketOwnershipControls", // also for the ownership that CreateBucket asks for
				"s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
				"s3:PutEncryptionConfiguration", "s3:TagResource", "s3:UntagResource",
			},
			Resources: buckets,
			Condition: inAccountIfAny,
			Why: "Makes a bucket what the share says: public access blocked, ACLs off, versioning, default encryption with the share's key, " +
				"bucket policy, tags; ownership and tags also in the call that creates it. Adopted buckets exist before and carry no tag of ours, so no tag condition can be asked for.",
		},
		{
			Sid: "ReadBucket",
			Actions: []string{
				"s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging",
				"s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucketVersions",
			},
			Resources: buckets,
			Condition: inAccount,
			Why: "Compares a bucket with its share before each change, and proves it afterwards. ListBucketVersions counts what is in a bucket " +
				"that is to be deleted: a bucket with anything in it stays.",
		},
		{
			Sid:       "RemoveFromBucket",
			Actions:   []string{"s3:DeleteBucket", "s3:DeleteBucketPolicy"},
			Resources: buckets,
			Condition: inAccount,
			Why: "Revokes: a bucket policy that had only the share's statements is deleted, any other is written without them. DeleteBucket is for " +
				"RemovalPolicy Delete; S3 refuses it for a bucket that is not empty, the function for one without its stack's tags. Objects " +
				"cannot be read, written or deleted with this role.",
		},
	}
}

// keyStatements ask for a tag where a key is always one of the share's own. KMS sees a changed tag up to five minutes
// late, so what Create needs right after CreateKey asks for none.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
func keyStatements() []Statement {
	return []Statement{
		{
			Sid:       "CreateKey",
			Actions:   []string{"kms:CreateKey"},
			Resources: []string{"*"},
			Condition: map[string]map[string][]string{
				"StringEquals": {"kms:KeySpec": {"SYMMETRIC_DEFAULT"}, "kms:KeyUsage": {"ENCRYPT_DECRYPT"}},
				"StringLike":   {requestStackTag: {stackOfAccount}},
			},
			Why:  "Creates the key of a share, only a symmetric one and only with the tag that says which stack it belongs to.",
			Star: "kms:CreateKey has no resource types: there is no key yet.",
		},
		{
			Sid:       "TagNewKey",
			Actions:   []string{"kms:TagResource"},
			Resources: []string{ownKeys},
			Condition: map[string]map[string][]string{"StringLike": {requestStackTag: {stackOfAccount}}},
			Why:       "The tags of CreateKey need this right of their own.",
		},
		{
			Sid:       "ChangeOwnKey",
			Actions:   []string{"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"},
			Resources: []string{ownKeys},
			Condition: map[string]map[string][]string{"StringLike": {resourceStackTag: {stackOfAccount}}},
			Why: "Changes tags, and deletes the key with RemovalPolicy Delete (KMS waits 7 to 30 days). Only on keys with the tag that the " +
				"provider gave them: no other key of the account can be deleted with this role.",
		},
		{
			Sid:       "ConfigureKey",
			Actions:   []string{"kms:CancelKeyDeletion", "kms:EnableKey", "kms:EnableKeyRotation", "kms:PutKeyPolicy"},
			Resources: []string{ownKeys},
			Why: "Writes the share's statements into the key policy, of an existing key (Encryption.KeyArn) too, switches rotation on, and takes " +
				"a key of the share back that waits for deletion.",
		},
		{
			Sid:       "NeverRiskLockOut",
			Deny:      true,
			Actions:   []string{"kms:CreateKey", "kms:PutKeyPolicy"},
			Resources: []string{"*"},
			Condition: map[string]map[string][]string{"Bool": {"kms:BypassPolicyLockoutSafetyCheck": {"true"}}},
			Why:       "KMS refuses a key policy that would lock its administrators out, unless the caller says otherwise. This caller must not.",
			Star:      "A denial is for everything.",
		},
		{
			Sid:       "NameKey",
			Actions:   []string{"kms:CreateAlias", "kms:DeleteAlias"},
			Resources: []string{ownAliases, ownKeys},
			Why:       "Gives the share's key its alias, and takes it away with the key. Both need the right on the alias and on the key.",
		},
		{
			Sid:       "ReadKey",
			Actions:   []string{"kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"},
			Resources: []string{ownKeys},
			Why:       "Compares a key with its share before each change, and proves it afterwards.",
		},
		{
			Sid:       "DescribeKeyOfAnyAccount",
			Actions:   []string{"kms:DescribeKey"},
			Resources: []string{"arn:${AWS::Partition}:kms:*:*:key/*"},
			Why: "Reads the state of the share's key and, in a consumer account, finds the key of the owner account through its alias. The other " +
				"account's key policy must allow that too.",
		},
		{
			Sid:       "ListAliases",
			Actions:   []string{"kms:ListAliases"},
			Resources: []string{"*"},
			Why:       "Finds the key that an alias of this account points to, and the aliases of a key.",
			Star:      "kms:ListAliases has no resource types.",
		},
	}
}

// identityStatements are the part to be careful with: whoever can write inline policies can write himself any right.
func identityStatements(grantees []string) []Statement {
	write := []string{
		"iam:DeleteGroupPolicy", "iam:DeleteRolePolicy", "iam:DeleteUserPolicy",
		"iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy",
	}
	return []Statement{
		{
			Sid:       "WriteInlinePolicies",
			Actions:   write,
			Resources: grantees,
			Why: "Writes and removes the one inline policy of each delegate or grantee. This is the right to escalate privileges: whoever controls " +
				"the function's code can give any of these identities any right. Limit it to the identities that take part (GranteeArns), by " +
				"ARN or by path, where you can.",
		},
		{
			Sid:       "NeverOwnRights",
			Deny:      true,
			Actions:   write,
			Resources: []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + roleNamePrefix + "*"},
			Why:       "No provider, of this or another region, changes its own rights or those of another provider.",
		},
		{
			Sid: "ReadInlinePolicies",
			Actions: []string{
				"iam:GetGroupPolicy", "iam:GetRolePolicy", "iam:GetUserPolicy",
				"iam:ListGroupPolicies", "iam:ListRolePolicies", "iam:ListUserPolicies",
			},
			Resources: grantees,
			Why: "Compares inline policies before each change, proves them afterwards, and counts the bytes of an identity's other inline policies " +
				"against IAM's limit.",
		},
	}
}

// ownStatements are for the log group and the dead-letter queue of one provider.
func ownStatements(logGroupARN, queueARN string) []Statement {
	return []Statement{
		{
			Sid:       "WriteLog",
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{logGroupARN},
			Why: "Writes the function's log. There is no logs:CreateLogGroup: a last line after the stack's deletion would make the log group " +
				"anew, without retention.",
		},
		{
			Sid:       "KeepFailedEvents",
			Actions:   []string{"sqs:SendMessage"},
			Resources: []string{queueARN},
			Why:       "Lambda puts events that it could not deliver into the dead-letter queue, with this role.",
		},
	}
}

func orAll(given, otherwise []string) []string {
	if len(given) == 0 {
		return otherwise
	}
	return given
}

// effect is the statement's Effect element.
func (s Statement) effect() string {
	if s.Deny {
		return "Deny"
	}
	return "Allow"
}

func (s Statement) String() string { return fmt.Sprintf("%s %s", s.effect(), s.Sid) }
