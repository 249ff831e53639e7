package declaration

import (
	"strings"

	"example.com/sharedbucket/internal/share"
)

// WrittenByProvider says whether what SSM calls the last user of a parameter (LastModifiedUser) is the provider of env.
//
// SSM documents "the ARN of the user"; examples show a session, arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION. An ARN
// of the role itself is taken too, and nothing else: whatever SSM answers otherwise only keeps the schedule from
// repairing. Role names are unique in an account, whatever their paths.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterHistory.html
func WrittenByProvider(user string, env share.Env) bool {
	role := share.ProviderRolePrefix + env.Region
	session, is := strings.CutPrefix(user, env.ARN("sts", "", env.Account, "assumed-role/"+role+"/"))
	return user == env.ARN("iam", "", env.Account, "role/"+role) || is && session != "" && !strings.Contains(session, "/")
}
