package share

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// SidPrefix begins the Sid of every statement that this project writes. Statements without it are never touched.
const SidPrefix = "SharedBucket"

// sid names a statement by what it is about. Sids are letters and digits alone, as IAM and S3 want them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func sid(parts ...string) string { return SidPrefix + strings.Join(parts, "") }

// digest makes a Sid of what cannot stand in one: the same text always gives the same eight characters.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// sidSuffix tells scopes apart in one document; the whole bucket needs no telling.
func (s Scope) sidSuffix() string {
	if len(s.Prefixes) == 0 {
		return string(s.Access)
	}
	return string(s.Access) + digest(strings.Join(s.Prefixes, "\n"))
}

func (s Scope) equal(t Scope) bool { return compareScopes(s, t) == 0 }

// s3Statements are the statements that a scope takes on a bucket, without principals: the same list serves the bucket
// policy and the identity side, so that the two can never disagree.
func (s Scope) s3Statements(bucketARN string) []policy.Statement {
	if len(s.Prefixes) == 0 {
		return []policy.Statement{
			{
				Sid: sid("Bucket", s.sidSuffix()), Effect: policy.Allow,
				Action:   policy.Sorted(append(s.Access.listActions(), getBucketLocation)),
				Resource: policy.Values{bucketARN},
			},
			s.objectStatement(bucketARN),
		}
	}
	statements := []policy.Statement{
		{
			Sid: sid("Location", s.sidSuffix()), Effect: policy.Allow,
			Action: policy.Values{getBucketLocation}, Resource: policy.Values{bucketARN},
		},
		s.listBelowStatement(bucketARN),
	}
	if s.Access.reads() {
		statements = append(statements, s.listFolderStatement(bucketARN))
	}
	return append(statements, s.objectStatement(bucketARN))
}

// listBelowStatement lets list team-b/ and whatever begins with it.
func (s Scope) listBelowStatement(bucketARN string) policy.Statement {
	return policy.Statement{
		Sid: sid("List", s.sidSuffix()), Effect: policy.Allow,
		Action:    policy.Values(s.Access.listActions()),
		Resource:  policy.Values{bucketARN},
		Condition: policy.Condition{"StringLike": {"s3:prefix": s.below("")}},
	}
}

// listFolderStatement lets list team-b without a slash, as `aws s3 ls s3://bucket/team-b` does, but only one level deep:
// with no delimiter the answer would also hold every key below a sibling such as team-b-secret/.
func (s Scope) listFolderStatement(bucketARN string) policy.Statement {
	return policy.Statement{
		Sid: sid("Folder", s.sidSuffix()), Effect: policy.Allow,
		Action:    policy.Values{"s3:ListBucket"},
		Resource:  policy.Values{bucketARN},
		Condition: policy.Condition{"StringEquals": {"s3:prefix": policy.Sorted(s.Prefixes), "s3:delimiter": {"/"}}},
	}
}

func (s Scope) objectStatement(bucketARN string) policy.Statement {
	return policy.Statement{
		Sid: sid("Objects", s.sidSuffix()), Effect: policy.Allow,
		Action:   policy.Values(s.Access.objectActions()),
		Resource: s.below(bucketARN + "/"),
	}
}

// below are the patterns of everything in the scope, each after start. team-b/* also matches the bare team-b/.
func (s Scope) below(start string) policy.Values {
	if len(s.Prefixes) == 0 {
		return policy.Values{start + "*"}
	}
	patterns := make([]string, len(s.Prefixes))
	for i, p := range s.Prefixes {
		patterns[i] = start + p + "/*"
	}
	return policy.Sorted(patterns)
}

// throughS3 is the condition under which a key is used by S3 on somebody's behalf, never directly.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func throughS3(e Env) policy.Condition {
	return policy.Condition{"StringEquals": {"kms:ViaService": {e.viaS3()}}}
}

// throughBucket is the condition under which a key serves one bucket and nothing else: S3 itself must call, and with
// the encryption context of the bucket (bucket key on) or of an object in it (bucket key off, older objects).
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
func throughBucket(e Env, bucketARN string) policy.Condition {
	context := policy.Condition{"StringLike": {"kms:EncryptionContext:aws:s3:arn": policy.Values{bucketARN, bucketARN + "/*"}}}
	return with(throughS3(e), context)
}

// with is a condition that asks for everything that a and b ask for; the two share no operator and key.
func with(a, b policy.Condition) policy.Condition {
	all := policy.Condition{}
	for _, c := range []policy.Condition{a, b} {
		for operator, tests := range c {
			if all[operator] == nil {
				all[operator] = map[string]policy.Values{}
			}
			for key, values := range tests {
				all[operator][key] = values
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// party is who a statement of a resource-based policy lets in.
type party struct {
	principal policy.Principal
	condition policy.Condition
}

// party names outsiders of one kind. All of them exist as far as AWS can tell when it checks a document: a role or user
// becomes its account and a condition on its ARN, so nothing has to be there first, and no unique id is left behind
// when one is deleted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (s Share) party(kind PrincipalKind, outsiders []Outsider) party {
	switch kind {
	case KindOrganization, KindOrganizationalUnit:
		return s.organizationParty(kind, outsiders)
	case KindPrincipal:
		return party{s.roots(outsiders), policy.Condition{"ArnEquals": {"aws:PrincipalArn": ids(outsiders)}}}
	case KindPermissionSet:
		return party{s.roots(outsiders), policy.Condition{"ArnLike": {"aws:PrincipalArn": s.permissionSetARNs(outsiders)}}}
	}
	return party{s.roots(outsiders), nil}
}

// organizationParty is everybody in an organization or below an OU, except the owner account: there a grant to
// everybody would need no identity policy at all. A fixed aws:PrincipalOrgID keeps the policy from being public to S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
func (s Share) organizationParty(kind PrincipalKind, outsiders []Outsider) party {
	var organizations, paths []string
	for _, o := range outsiders {
		organization, _, _ := strings.Cut(o.ID, "/")
		organizations = append(organizations, organization)
		paths = append(paths, o.ID+"/*")
	}
	c := policy.Condition{
		"StringEquals":    {"aws:PrincipalOrgID": policy.Sorted(organizations)},
		"StringNotEquals": {"aws:PrincipalAccount": {s.Env.Account}},
	}
	if kind == KindOrganizationalUnit {
		c["ForAnyValue:StringLike"] = map[string]policy.Values{"aws:PrincipalOrgPaths": policy.Sorted(paths)}
	}
	return party{policy.Principal{Any: true}, c}
}

// permissionSetARNs are the patterns of the roles that IAM Identity Center makes for permission sets, with the region's
// segment and without it (us-east-1). The unique suffix has 16 characters: with 15 for AWSReservedSSO_, 32 for the name
// and one underscore it fills the 64 that a role's name may have. A bare * would also match the set Name_Other.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
func (s Share) permissionSetARNs(outsiders []Outsider) policy.Values {
	var arns []string
	for _, o := range outsiders {
		role := "AWSReservedSSO_" + o.ID + "_" + strings.Repeat("?", 16)
		for _, path := range []string{"role/aws-reserved/sso.amazonaws.com/", "role/aws-reserved/sso.amazonaws.com/*/"} {
			arns = append(arns, s.Env.arn("iam", "", o.Account, path+role))
		}
	}
	return policy.Sorted(arns)
}

func (s Share) roots(outsiders []Outsider) policy.Principal {
	var roots []string
	for _, o := range outsiders {
		roots = append(roots, s.Env.RootARN(o.Account))
	}
	return policy.Principal{AWS: policy.Sorted(roots)}
}

func ids(outsiders []Outsider) policy.Values {
	var all []string
	for _, o := range outsiders {
		all = append(all, o.ID)
	}
	return policy.Sorted(all)
}

// group is outsiders of one kind and scope: they share statements.
type group struct {
	kind      PrincipalKind
	scope     Scope
	outsiders []Outsider
}

// groups are the consumers by kind and scope, in the order of the documents. scopeOf makes scopes coarser where a
// document cannot tell them apart.
func (s Share) groups(scopeOf func(Scope) Scope) []group {
	var groups []group
	for _, kind := range kinds {
		for _, c := range s.Consumers {
			if c.Outsider.Kind != kind {
				continue
			}
			scope := scopeOf(c.Scope)
			i := slices.IndexFunc(groups, func(g group) bool { return g.kind == kind && g.scope.equal(scope) })
			if i < 0 {
				groups = append(groups, group{kind: kind, scope: scope})
				i = len(groups) - 1
			}
			groups[i].outsiders = append(groups[i].outsiders, c.Outsider)
		}
	}
	return groups
}
