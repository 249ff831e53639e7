package document

import (
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// party is who a statement of a resource-based policy lets in.
type party struct {
	principal policy.Principal
	condition policy.Condition
}

// partyOf names consumers of one kind. All of them exist as far as AWS can tell when it checks a document: a role or
// user becomes its account and a condition on its ARN, so nothing has to be there first, and no unique id is left
// behind when one is deleted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func partyOf(env share.Env, kind share.ConsumerKind, consumers []share.ConsumerID) party {
	if kind == share.KindOrganization || kind == share.KindOrganizationalUnit {
		return organizationParty(env, kind, consumers)
	}
	var roots, names, roles []string
	for _, c := range consumers {
		roots, names = append(roots, env.RootARN(c.Account)), append(names, c.Name)
		roles = append(roles, permissionSetARNs(env, c)...)
	}
	p := party{principal: policy.Principal{AWS: policy.Sorted(roots)}}
	switch kind {
	case share.KindPrincipal:
		p.condition = policy.Condition{"ArnEquals": {"aws:PrincipalArn": policy.Sorted(names)}}
	case share.KindPermissionSet:
		p.condition = policy.Condition{"ArnLike": {"aws:PrincipalArn": policy.Sorted(roles)}}
	}
	return p
}

// organizationParty is everybody in an organization or below an OU, except the owner account: there a grant to
// everybody would need no identity policy at all. A fixed aws:PrincipalOrgID keeps the policy from being public to S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func organizationParty(env share.Env, kind share.ConsumerKind, consumers []share.ConsumerID) party {
	var organizations, paths []string
	for _, o := range consumers {
		organization, _, _ := strings.Cut(o.Name, "/")
		organizations = append(organizations, organization)
		paths = append(paths, o.Name+"/*")
	}
	c := policy.Condition{
		"StringEquals":    {"aws:PrincipalOrgID": policy.Sorted(organizations)},
		"StringNotEquals": {"aws:PrincipalAccount": {env.Account}},
	}
	if kind == share.KindOrganizationalUnit {
		c["ForAnyValue:StringLike"] = map[string]policy.Values{"aws:PrincipalOrgPaths": policy.Sorted(paths)}
	}
	return party{policy.Principal{Any: true}, c}
}

// permissionSetARNs are the patterns of the roles that IAM Identity Center makes for a permission set, with the
// region's segment and without it (us-east-1). The unique suffix has 16 characters: with 15 for AWSReservedSSO_, 32 for
// the name and one underscore it fills the 64 that a role's name may have. A bare * would also match the set
// Name_Other.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
func permissionSetARNs(env share.Env, c share.ConsumerID) []string {
	if c.Kind != share.KindPermissionSet {
		return nil
	}
	role := "AWSReservedSSO_" + c.Name + "_" + strings.Repeat("?", 16)
	return []string{
		env.ARN("iam", "", c.Account, "role/aws-reserved/sso.amazonaws.com/"+role),
		env.ARN("iam", "", c.Account, "role/aws-reserved/sso.amazonaws.com/*/"+role),
	}
}
