package role

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
			Actions:   writeInlinePolicies,
			Resources: []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + NamePrefix + "*"},
			Why: "No provider, of this or another region, changes its own rights or those of another " +
				"provider.",
		},
		{
			Sid: "ReadInlinePolicies",
			Actions: []string{
				"iam:GetGroupPolicy", "iam:GetRolePolicy", "iam:GetUserPolicy",
				"iam:ListGroupPolicies", "iam:ListRolePolicies", "iam:ListUserPolicies",
			},
			Resources: allGrantees,
			Limit:     GranteeArns,
			Why: "Compares inline policies before each change, proves them afterwards, and counts the bytes of " +
				"an identity's other inline policies against IAM's limit.",
		},
	}
}

// verifyStatements read what else decides whether a share works.
func verifyStatements() []Statement {
	return []Statement{
		{
			Sid: "ReadWhatAppliesToIdentities",
			Actions: []string{
				"iam:GetRole", "iam:GetUser", "iam:ListAttachedGroupPolicies", "iam:ListAttachedRolePolicies",
				"iam:ListAttachedUserPolicies", "iam:ListGroupsForUser",
			},
			Resources: allGrantees,
			Limit:     GranteeArns,
			Why: "Verifies a share: what a delegate or grantee can do depends on the other policies on it, on those of " +
				"its groups, and on its boundary. What may not be read makes `Verified` partly.",
		},
		{
			Sid:     "ReadManagedPolicies",
			Actions: []string{"iam:GetPolicy", "iam:GetPolicyVersion"},
			Resources: []string{
				"arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/*", "arn:${AWS::Partition}:iam::aws:policy/*",
			},
			Why: "Reads the managed policies and boundaries among them.",
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
