package role

import (
	"slices"

	"example.com/sharedbucket/internal/share"
)

// allGrantees are the identities whose inline policies a provider may write unless it is limited.
var allGrantees = []string{
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:user/*",
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",
	"arn:${AWS::Partition}:iam::${AWS::AccountId}:group/*",
}

var writeInlinePolicies = []string{
	"iam:DeleteGroupPolicy", "iam:DeleteRolePolicy", "iam:DeleteUserPolicy",
	"iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy",
}

// ownPolicies are the managed policies that shares make.
const ownPolicies = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy" + share.PolicyPath + "*"

var attachPolicies = []string{
	"iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
	"iam:DetachGroupPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy",
}

// managedStatements are about managed policies that take the place of inline ones. Another right than that to write
// inline policies they are not: what the one can give, the others can.
func managedStatements() []Statement {
	return []Statement{
		{
			Sid:       "CreatePolicies",
			Actions:   []string{"iam:CreatePolicy", "iam:TagPolicy"},
			Resources: []string{ownPolicies},
			Condition: condition{"StringLike": {requestStackTag: {stackOfAccount}}},
			Why: "PolicyType: makes the managed policy of a delegate or grantee, only below the shares' own path and only " +
				"with the tag that says which stack it belongs to.",
		},
		{
			Sid:       "ChangeOwnPolicies",
			Actions:   []string{"iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"},
			Resources: []string{ownPolicies},
			Why: "Changes these policies and takes them away, only below that path; which share's one is, the function " +
				"checks. No condition on tags: whoever writes inline policies gains nothing by changing these.",
		},
		{
			Sid:       "AttachOwnPolicies",
			Actions:   attachPolicies,
			Resources: allGrantees,
			Limit:     GranteeArns,
			Condition: condition{"ArnLike": {"iam:PolicyARN": {ownPolicies}}},
			Why: "Attaches them to delegates and grantees, and detaches them. No other policy: not even a " +
				"provider can attach one of AWS.",
		},
		{
			Sid:       "ListPolicies",
			Actions:   []string{"iam:GetAccountSummary", "iam:ListPolicies"},
			Resources: []string{"*"},
			Why: "Finds the managed policies below the shares' path, also those that an earlier attempt left attached to " +
				"nobody; and reads IAM's quotas before somebody gets another one.",
			Star: "Neither action has resource types.",
		},
	}
}

// identityStatements are the part to be careful with: whoever can write inline policies can write himself any right.
func identityStatements() []Statement {
	return []Statement{
		{
			Sid:       "WriteInlinePolicies",
			Actions:   writeInlinePolicies,
			Resources: allGrantees,
			Limit:     GranteeArns,
			Why: "Writes and removes the one inline policy of each delegate or grantee. This is the right to " +
				"escalate privileges: whoever controls the function's code can give any of these identities any " +
				"right. Limit it to the identities that take part (GranteeArns), by ARN or by path, where you " +
				"can.",
		},
		{
			Sid:       "NeverOwnRights",
			Deny:      true,
			Actions:   append(slices.Clone(attachPolicies), writeInlinePolicies...),
			Resources: []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + NamePrefix + "*"},
			Why: "No provider, of this or another region, changes its own rights or those of another " +
				"provider.",
		},
		{
			Sid: "ReadIdentities",
			Actions: []string{
				"iam:GetGroupPolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:GetUser", "iam:GetUserPolicy",
				"iam:ListAttachedGroupPolicies", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies",
				"iam:ListGroupPolicies", "iam:ListGroupsForUser", "iam:ListRolePolicies", "iam:ListUserPolicies",
			},
			Resources: allGrantees,
			Limit:     GranteeArns,
			Why: "Compares policies before each change, proves them afterwards, and counts an identity's other policies " +
				"against IAM's limits. Verifies a share: what a delegate or grantee can do depends on the other policies on " +
				"it, on those of its groups, and on its boundary. What may not be read of that makes `Verified` partly.",
		},
	}
}

// verifyStatements read what else decides whether a share works.
func verifyStatements() []Statement {
	return []Statement{
		{
			Sid: "ReadManagedPolicies",
			Actions: []string{
				"iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListEntitiesForPolicy", "iam:ListPolicyTags",
				"iam:ListPolicyVersions",
			},
			Resources: []string{
				"arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/*", "arn:${AWS::Partition}:iam::aws:policy/*",
			},
			Why: "Reads the managed policies and boundaries among them; of those that shares make, whose they are, who has " +
				"them, and what is not in force.",
		},
		{
			Sid:       "SeeOrganization",
			Actions:   []string{"organizations:DescribeOrganization"},
			Resources: []string{"*"},
			Why: "Whether policies of an organization bind this account too. A member may not read those, so that a share " +
				"there is verified partly.",
			Star: "organizations:DescribeOrganization has no resource types.",
		},
	}
}
