package role

import (
	"strings"

	"example.com/sharedbucket/internal/declaration"
)

// memories are the parameters in which shares are remembered, and the path to them: whether SSM asks for the path with
// or without its last slash is not documented.
var memories = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter" +
	strings.TrimSuffix(declaration.Path, "/") + "*"

// memoryStatements are about what is remembered of each share. What is remembered lets nobody in by itself; that nobody
// else writes it is the business of examples/scp-protect-sharedbucket-tags.json.
func memoryStatements() []Statement {
	return []Statement{{
		Sid:       "SeeWhoDrifted",
		Actions:   []string{"cloudtrail:LookupEvents"},
		Resources: []string{"*"},
		If:        WhoDrifted,
		Why: "Asks CloudTrail's event history who changed what the schedule finds otherwise than declared, and nothing " +
			"else: of other events nothing is kept or logged. But whoever controls the function's code can read the account's " +
			"management events of 90 days: WhoDrifted false takes this right away.",
		Star: "cloudtrail:LookupEvents has no resource types.",
	}, {
		Sid: "RememberShares",
		Actions: []string{
			"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameter", "ssm:GetParameterHistory",
			"ssm:GetParametersByPath", "ssm:PutParameter",
		},
		Resources: []string{memories},
		Why: "Keeps what each share declares in a parameter of its own, from its Create to its Delete: whom an Update " +
			"that failed let in is known, whatever the roll-back says. AddTagsToResource is for the tags of a new one. On " +
			"schedule it is looked whether every share is still as declared: which there are, and, before anything is " +
			"mended, whether it was this role that wrote the declaration.",
	}}
}
