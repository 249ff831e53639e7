package role

import (
	"slices"
)

// Own are the ARNs of what is the provider's own.
type Own struct{ LogGroup, Queue string }

// Statements are the statements of a provider's role.
func Statements(settings Settings, own Own) []Statement { return settle(settings, Parameterized(own)) }

// Every are all statements that a role may have, with words in place of ARNs that only a deployment knows.
func Every() []Statement {
	return inWords(Parameterized(Own{LogGroup: "the log group", Queue: "the dead-letter queue"}))
}

// Parameterized are all statements that a role may have. What a setting decides about is for a template's conditions:
// Limit and Only name the parameter.
func Parameterized(own Own) []Statement {
	shares := slices.Concat(
		bucketStatements(), emptyingStatements(), adoptionStatements(), keyStatements(),
		identityStatements(), managedStatements(), verifyStatements(), canaryStatements(), batchStatements(),
	)
	owned := slices.Concat(memoryStatements(), stackStatements(), ownStatements(own))
	for i := range owned {
		owned[i].Own = true
	}
	return append(shares, owned...)
}

// stackStatements are about CloudFormation's stacks and what belongs to them.
func stackStatements() []Statement {
	return []Statement{
		{
			Sid: "AskStack",
			Actions: []string{"cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResource",
				"cloudformation:DescribeStacks"},
			Resources: []string{stackOfAccount},
			Why: "Lets an event's own stack bear witness: an event counts only while that stack is in a status " +
				"in which CloudFormation sends such events, so that a forged or late one changes nothing. When a " +
				"status came, and whether a resource of which nothing is remembered was deleted since, its events say; " +
				"which of two resources it has, once one was to replace the other, it says itself.",
		},
		{
			Sid:       "FindByTag",
			Actions:   []string{"tag:GetResources"},
			Resources: []string{"*"},
			Why: "Finds the bucket and the key of a stack by their tags: for a Delete with a physical id that " +
				"CloudFormation made up, and for a key that an earlier attempt left without alias or use.",
			Star: "tag:GetResources has no resource types.",
		},
	}
}

// ownFunction is the provider itself.
const ownFunction = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:sharedbucket-provider"

// ownStatements are for what is the provider's own.
func ownStatements(own Own) []Statement {
	return []Statement{
		{
			Sid:       "GoOn",
			Actions:   []string{"lambda:InvokeFunction"},
			Resources: []string{ownFunction},
			Why: "Goes on with the emptying of a bucket in another invocation of itself, when its time is up. Only " +
				"itself: an event that it sends is checked like any other.",
		},
		{
			Sid:       "WriteLog",
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{own.LogGroup},
			Why: "Writes the function's log. There is no logs:CreateLogGroup: a last line after the stack's " +
				"deletion would make the log group anew, without retention.",
		},
		{
			Sid:       "KeepFailedEvents",
			Actions:   []string{"sqs:SendMessage"},
			Resources: []string{own.Queue},
			Why:       "Lambda puts events that it could not deliver into the dead-letter queue, with this role.",
		},
		{
			Sid:       "EncryptFailedEvents",
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Only:      EncryptionKeyArn,
			Condition: condition{"StringEquals": {"kms:ViaService": {"sqs.${AWS::Region}.amazonaws.com"}}},
			Why: "Encrypts those events with the customer managed key of the queue; SQS asks for both rights of " +
				"whoever sends. Not for any other use of the key.",
		},
	}
}
