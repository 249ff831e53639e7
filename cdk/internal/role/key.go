package role

import (
	"slices"

	"example.com/sharedbucket/internal/setting"
)

var ofKey = setting.EveryOfKey()

const (
	ownKeys    = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*"
	ownAliases = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/*"
	// stackOfAccount is what the tag sharedbucket:stack-id holds.
	stackOfAccount = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/*"

	requestStackTag  = "aws:RequestTag/sharedbucket:stack-id"
	resourceStackTag = "aws:ResourceTag/sharedbucket:stack-id"
)

// ofAShare is a key that carries the tag which CreateKey gave it. KMS sees a changed tag up to five minutes late, so
// the function tries again for as long when it is refused on a key that it has just made.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
var ofAShare = condition{"StringLike": {resourceStackTag: {stackOfAccount}}}

// keyStatements ask for the tag of a share wherever something is changed. What tags open is as safe as tags are: the
// role can put the tag on no key that has an alias, and examples/scp-protect-sharedbucket-tags.json keeps everybody
// else from it.
func keyStatements() []Statement {
	return slices.Concat(newKeyStatements(), changeKeyStatements(), nameKeyStatements(), readKeyStatements())
}

func newKeyStatements() []Statement {
	return []Statement{
		{
			Sid:       "CreateKey",
			Actions:   []string{"kms:CreateKey"},
			Resources: []string{"*"},
			Condition: condition{
				"StringEquals": {"kms:KeySpec": {"SYMMETRIC_DEFAULT"}, "kms:KeyUsage": {"ENCRYPT_DECRYPT"}},
				"StringLike":   {requestStackTag: {stackOfAccount}},
			},
			Why: "Creates the key of a share, only a symmetric one and only with the tag that says which stack " +
				"it belongs to.",
			Star: "kms:CreateKey has no resource types: there is no key yet.",
		},
		{
			Sid:       "TagNewKey",
			Actions:   []string{"kms:TagResource"},
			Resources: []string{ownKeys},
			Condition: condition{
				"Null":               {"kms:ResourceAliases": {"true"}},
				"StringLikeIfExists": {requestStackTag: {stackOfAccount}},
			},
			Why: "The tags of CreateKey need this right of their own. KMS does not say which condition keys " +
				"that check knows, so the tag is asked for if there is one, and the key must have no alias: a " +
				"new one has none, while most others do, and the role can take an alias from its shares' keys " +
				"only.",
		},
		{
			Sid:       "NeverTagOtherKeys",
			Deny:      true,
			Actions:   []string{"kms:TagResource"},
			Resources: []string{"*"},
			Condition: condition{"Null": {
				"aws:TagKeys": {"false"}, requestStackTag: {"true"}, resourceStackTag: {"true"},
			}},
			Why:  "Tags without a stack's go on a share's key only.",
			Star: "A denial is for everything.",
		},
	}
}

func changeKeyStatements() []Statement {
	return []Statement{
		{
			Sid: "ChangeOwnKey",
			Actions: with(writes(ofKey), "kms:CancelKeyDeletion", "kms:EnableKey", "kms:PutKeyPolicy",
				"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"),
			Resources: []string{ownKeys},
			Condition: ofAShare,
			Why: "Writes the share's statements into the key policy, " + briefly(ofKey) + ", changes tags, " +
				"deletes the key with RemovalPolicy Delete (KMS waits 7 to 30 days), and takes a key back that " +
				"a share has given up. Only on keys with the tag of a share of this account and region; which " +
				"share's it is, the function checks.",
		},
		{
			Sid:     "OpenGivenKey",
			Actions: []string{"kms:PutKeyPolicy"},
			Only:    KeyArns,
			Why: "Writes the share's statements into the policy of an existing key (Encryption.KeyArn, or the " +
				"key of an adopted bucket). It is neither tagged nor given an alias, enabled, rotated or " +
				"deleted.",
		},
		{
			Sid:       "NeverRiskLockOut",
			Deny:      true,
			Actions:   []string{"kms:CreateKey", "kms:PutKeyPolicy"},
			Resources: []string{"*"},
			Condition: condition{"Bool": {"kms:BypassPolicyLockoutSafetyCheck": {"true"}}},
			Why: "KMS refuses a key policy that would lock its administrators out, unless the caller says " +
				"otherwise. This caller must not.",
			Star: "A denial is for everything.",
		},
	}
}

func nameKeyStatements() []Statement {
	return []Statement{
		{
			Sid:       "NameKey",
			Actions:   []string{"kms:CreateAlias", "kms:DeleteAlias"},
			Resources: []string{ownAliases},
			Why: "Gives the share's key its alias, and takes it away with the key. That needs the right on the " +
				"alias and on the key (NameOwnKey), so an alias of another key stays what it is.",
		},
		{
			Sid:       "NameOwnKey",
			Actions:   []string{"kms:CreateAlias", "kms:DeleteAlias"},
			Resources: []string{ownKeys},
			Condition: ofAShare,
			Why:       "The other half of NameKey: only a share's key gets an alias or loses one.",
		},
	}
}

func readKeyStatements() []Statement {
	return []Statement{
		{
			Sid:       "ReadKey",
			Actions:   with(reads(ofKey), "kms:GetKeyPolicy", "kms:ListResourceTags"),
			Resources: []string{ownKeys},
			Why:       "Compares a key with its share before each change, and proves it afterwards.",
		},
		{
			Sid:       "DescribeKeyOfAnyAccount",
			Actions:   []string{"kms:DescribeKey"},
			Resources: []string{"arn:${AWS::Partition}:kms:*:*:key/*"},
			Why: "Reads the state of the share's key and, in a consumer account, finds the key of the owner " +
				"account through its alias. The other account's key policy must allow that too.",
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
