// Package document makes the documents of a share (policies.go): key policy, bucket policy, and a policy for each
// delegate or grantee. They are pure functions of the declaration and the key's ARN: the same input gives the same
// bytes.
package document

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// SidPrefix begins the Sid of every statement that this project writes. Statements without it are never touched.
const SidPrefix = "SharedBucket"

// sid names a statement by what it is about. Sids are letters and digits alone, as IAM and S3 want them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func sid(parts ...string) string { return SidPrefix + strings.Join(parts, "") }

// keySid names a statement of this share in a key policy. It holds a digest of the bucket's name, because an existing
// key may serve several shares, each of which must recognise its own statements.
func keySid(s share.Share, parts ...string) string {
	return sid(append([]string{digest(s.Bucket)}, parts...)...)
}

// digest makes a Sid of what cannot stand in one: the same text always gives the same thirteen letters and digits. They
// hold 65 bits, so that nobody comes across two names that give the same.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base32.StdEncoding.EncodeToString(sum[:])[:13]
}

// sidSuffix tells scopes apart in one document; the whole bucket needs no telling.
func sidSuffix(s share.Scope) string {
	if len(s.Prefixes) == 0 {
		return string(s.Level)
	}
	return string(s.Level) + digest(strings.Join(s.Prefixes, "\n"))
}

func equal(s share.Scope, t share.Scope) bool { return share.CompareScopes(s, t) == 0 }

// s3Statements are the statements that a scope takes on a bucket, without principals.
func s3Statements(s share.Scope, bucketARN string) []policy.Statement {
	statements := []policy.Statement{objectStatement(s, sid(sidSuffix(s)), bucketARN)}
	if len(s.Prefixes) > 0 && s.Level.Reads() {
		statements = append(statements, listStatements(s, sidSuffix(s), bucketARN)...)
	}
	return statements
}

// objectStatement is for the objects of a scope: bucket policy and identity side have the same, so that the two can
// never disagree. What needs no condition of its own is in it too: an action works on those of its resources that are
// of its kind.
func objectStatement(s share.Scope, sid, bucketARN string) policy.Statement {
	actions := append(s.Level.ObjectActions(), share.GetBucketLocation)
	if len(s.Prefixes) == 0 {
		actions = append(actions, s.Level.ListActions()...)
	}
	return policy.Statement{
		Sid: sid, Effect: policy.Allow,
		Action:   policy.Sorted(actions),
		Resource: append(policy.Values{bucketARN}, below(s, bucketARN+"/")...),
	}
}

// listStatements let list below prefixes; suffix ends their Sids.
func listStatements(s share.Scope, suffix, bucketARN string) []policy.Statement {
	return []policy.Statement{
		listBelowStatement(s, sid("List", suffix), bucketARN), listFolderStatement(s, sid("Folder", suffix), bucketARN),
	}
}

// listBelowStatement lets list team-b/ and whatever begins with it. S3 knows s3:prefix for ListBucket alone: who writes
// below prefixes cannot list unfinished uploads, which would show the keys of everybody.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func listBelowStatement(s share.Scope, sid, bucketARN string) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow,
		Action:    policy.Values{share.ListBucket},
		Resource:  policy.Values{bucketARN},
		Condition: policy.Condition{"StringLike": {"s3:prefix": below(s, "")}},
	}
}

// listFolderStatement lets list team-b without a slash, as `aws s3 ls s3://bucket/team-b` does, but only one level
// deep: with no delimiter the answer would also hold every key below a sibling such as team-b-secret/.
func listFolderStatement(s share.Scope, sid, bucketARN string) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow,
		Action:    policy.Values{share.ListBucket},
		Resource:  policy.Values{bucketARN},
		Condition: policy.Condition{"StringEquals": {"s3:prefix": folders(s), "s3:delimiter": {"/"}}},
	}
}

// below are the patterns of everything in the scope, each after start. team-b/* also matches the bare team-b/.
func below(s share.Scope, start string) policy.Values {
	if len(s.Prefixes) == 0 {
		return policy.Values{start + "*"}
	}
	var patterns []string
	for _, folder := range folders(s) {
		patterns = append(patterns, start+folder+"/*")
	}
	return policy.Sorted(patterns)
}

// folders are the scope's prefixes as policies name them: {account} is whatever account the requester is of, so that
// one statement gives each account a folder of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func folders(s share.Scope) policy.Values {
	var names []string
	for _, p := range s.Prefixes {
		names = append(names, share.Scope{Prefixes: []string{p}}.In("${aws:PrincipalAccount}").Prefixes...)
	}
	return policy.Sorted(names)
}

// throughS3 is the condition under which a key is used by S3 on somebody's behalf, never directly.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func throughS3(e share.Env) policy.Condition {
	return policy.Condition{"StringEquals": {"kms:ViaService": {e.ViaS3()}}}
}

// throughBucket is the condition under which a key serves one bucket and nothing else: S3 itself must call, and with
// the encryption context of the bucket (bucket key on) or of an object in it (bucket key off, older objects).
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
func throughBucket(e share.Env, bucketARN string) policy.Condition {
	context := policy.Condition{"StringLike": {"kms:EncryptionContext:aws:s3:arn": policy.Values{bucketARN,
		bucketARN + "/*"}}}
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

// partyOf names consumers of one kind. All of them exist as far as AWS can tell when it checks a document: a role or
// user becomes its account and a condition on its ARN, so nothing has to be there first, and no unique id is left
// behind when one is deleted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func partyOf(s share.Share, kind share.ConsumerKind, consumers []share.ConsumerID) party {
	switch kind {
	case share.KindOrganization, share.KindOrganizationalUnit:
		return organizationParty(s, kind, consumers)
	case share.KindPrincipal:
		return party{roots(s, consumers), policy.Condition{"ArnEquals": {"aws:PrincipalArn": ids(consumers)}}}
	case share.KindPermissionSet:
		return party{roots(s, consumers), policy.Condition{"ArnLike": {"aws:PrincipalArn": permissionSetARNs(s, consumers)}}}
	}
	return party{roots(s, consumers), nil}
}

// organizationParty is everybody in an organization or below an OU, except the owner account: there a grant to
// everybody would need no identity policy at all. A fixed aws:PrincipalOrgID keeps the policy from being public to S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func organizationParty(s share.Share, kind share.ConsumerKind, consumers []share.ConsumerID) party {
	var organizations, paths []string
	for _, o := range consumers {
		organization, _, _ := strings.Cut(o.Name, "/")
		organizations = append(organizations, organization)
		paths = append(paths, o.Name+"/*")
	}
	c := policy.Condition{
		"StringEquals":    {"aws:PrincipalOrgID": policy.Sorted(organizations)},
		"StringNotEquals": {"aws:PrincipalAccount": {s.Env.Account}},
	}
	if kind == share.KindOrganizationalUnit {
		c["ForAnyValue:StringLike"] = map[string]policy.Values{"aws:PrincipalOrgPaths": policy.Sorted(paths)}
	}
	return party{policy.Principal{Any: true}, c}
}

// permissionSetARNs are the patterns of the roles that IAM Identity Center makes for permission sets, with the region's
// segment and without it (us-east-1). The unique suffix has 16 characters: with 15 for AWSReservedSSO_, 32 for the name
// and one underscore it fills the 64 that a role's name may have. A bare * would also match the set Name_Other.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
func permissionSetARNs(s share.Share, consumers []share.ConsumerID) policy.Values {
	var arns []string
	for _, o := range consumers {
		role := "AWSReservedSSO_" + o.Name + "_" + strings.Repeat("?", 16)
		for _, path := range []string{"role/aws-reserved/sso.amazonaws.com/", "role/aws-reserved/sso.amazonaws.com/*/"} {
			arns = append(arns, s.Env.ARN("iam", "", o.Account, path+role))
		}
	}
	return policy.Sorted(arns)
}

func roots(s share.Share, consumers []share.ConsumerID) policy.Principal {
	var roots []string
	for _, o := range consumers {
		roots = append(roots, s.Env.RootARN(o.Account))
	}
	return policy.Principal{AWS: policy.Sorted(roots)}
}

func ids(consumers []share.ConsumerID) policy.Values {
	var all []string
	for _, o := range consumers {
		all = append(all, o.Name)
	}
	return policy.Sorted(all)
}

// group is consumers of one kind and scope: they share statements.
type group struct {
	kind      share.ConsumerKind
	scope     share.Scope
	consumers []share.ConsumerID
}

// groupsOf are the consumers by kind and scope, in the order of the documents. scopeOf makes scopes coarser where a
// document cannot tell them apart.
func groupsOf(s share.Share, scopeOf func(share.Scope) share.Scope) []group {
	var groups []group
	for _, kind := range share.ConsumerKinds {
		for _, c := range s.Consumers {
			if c.ID.Kind != kind {
				continue
			}
			scope := scopeOf(c.Scope)
			i := slices.IndexFunc(groups, func(g group) bool { return g.kind == kind && equal(g.scope, scope) })
			if i < 0 {
				groups = append(groups, group{kind: kind, scope: scope})
				i = len(groups) - 1
			}
			groups[i].consumers = append(groups[i].consumers, c.ID)
		}
	}
	return groups
}

// wholes are the consumers as accounts, organizations and organizational units, whatever their scope: an account is
// meant as a whole also where only a principal of it is let in.
func wholes(s share.Share) []group {
	var all []group
	var accounts []share.ConsumerID
	for _, id := range s.AccountIDs() {
		accounts = append(accounts, share.ConsumerID{Kind: share.KindAccount, Account: id, Name: id})
	}
	if len(accounts) > 0 {
		all = append(all, group{kind: share.KindAccount, consumers: accounts})
	}
	for _, kind := range []share.ConsumerKind{share.KindOrganization, share.KindOrganizationalUnit} {
		var consumers []share.ConsumerID
		for _, c := range s.Consumers {
			if c.ID.Kind == kind {
				consumers = append(consumers, c.ID)
			}
		}
		if len(consumers) > 0 {
			all = append(all, group{kind: kind, consumers: consumers})
		}
	}
	return all
}
