package document

import "example.com/sharedbucket/internal/share"

// longestPolicyName is how many characters the name of a policy has at most.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const longestPolicyName = 128

// ManagedPolicyName is the name of the managed policy that an identity gets in place of an inline one of a name. Each
// identity has its own: then one write, which IAM does as a whole, changes what it may do and nobody else. The digest
// tells apart what reads alike when it is cut.
func ManagedPolicyName(policyName string, id share.Identity) string {
	end := "-" + digest(policyName+"\n"+id.String())
	start := policyName + "-" + id.Name
	return start[:min(len(start), longestPolicyName-len(end))] + end
}

// ManagedPolicyARN is the ARN of that policy.
func ManagedPolicyARN(e share.Env, policyName string, id share.Identity) string {
	return e.ARN("iam", "", e.Account, "policy"+share.PolicyPath+ManagedPolicyName(policyName, id))
}
