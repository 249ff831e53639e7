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

// s3Statements are those that a scope takes on a bucket. Each is like another one, which says whom it lets in and under
// which condition; name tells them apart from those of other scopes.
func s3Statements(like policy.Statement, s share.Scope, name, bucketARN string) []policy.Statement {
	within, actions := folders(s), s.Actions()
	like.Sid = sid(name)
	statements := []policy.Statement{objectStatement(like, actions, within, bucketARN)}
	if len(within) > 0 && s.Level.Lists() {
		statements = append(statements, listStatements(like, within, name, bucketARN)...)
	}
	return statements
}

// objectStatement is for the objects of a scope, in folders or in the whole bucket: bucket policy and identity side
// have the same, so that the two can never disagree. What needs no condition of its own is in it too: an action works
// on those of its resources that are of its kind.
func objectStatement(like policy.Statement, actions, folders policy.Values, bucketARN string) policy.Statement {
	objects := policy.Values{bucketARN + "/*"}
	if len(folders) > 0 {
		objects = below(folders, bucketARN+"/")
	}
	like.Action, like.Resource = actions, append(policy.Values{bucketARN}, objects...)
	return like
}

// listStatements let list folders. S3 knows s3:prefix for ListBucket alone: who writes below prefixes cannot list
// unfinished uploads, which would show the keys of everybody.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func listStatements(like policy.Statement, folders policy.Values, name, bucketARN string) []policy.Statement {
	like.Action, like.Resource = policy.Values{share.ListBucket}, policy.Values{bucketARN}
	inside, itself := like, like
	// team-b/ and whatever begins with it.
	inside.Sid = sid("List", name)
	inside.Condition = with(like.Condition, policy.Condition{"StringLike": {"s3:prefix": below(folders, "")}})
	// team-b without a slash, as `aws s3 ls s3://bucket/team-b` asks for, but only one level deep: with no delimiter the
	// answer would also hold every key below a sibling such as team-b-secret/.
	itself.Sid = sid("Folder", name)
	itself.Condition = with(like.Condition, policy.Condition{
		"StringEquals": {"s3:prefix": folders, "s3:delimiter": {"/"}},
	})
	return []policy.Statement{inside, itself}
}

// below are the patterns of everything in folders, each after start. team-b/* also matches the bare team-b/.
func below(folders policy.Values, start string) policy.Values {
	var patterns []string
	for _, folder := range folders {
		patterns = append(patterns, start+folder+"/*")
	}
	slices.Sort(patterns)
	return patterns
}

// AccountVariable is what AWS calls the account of whoever asks in a policy: one statement gives each account a folder
// of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
const AccountVariable = "${aws:PrincipalAccount}"

// folders are the prefixes of a scope as policies name them.
func folders(s share.Scope) policy.Values {
	var named policy.Values
	for _, p := range s.Prefixes {
		named = append(named, strings.ReplaceAll(p, share.AccountFolder, AccountVariable))
	}
	slices.Sort(named)
	return named
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

// ownedBy is the condition under which a bucket or key belongs to an account.
func ownedBy(account string) policy.Condition {
	return policy.Condition{"StringEquals": {"aws:ResourceAccount": {account}}}
}

// providersOnly is the condition that a provider's role asks, of whatever account and region: that is how they are
// named.
func providersOnly(e share.Env) policy.Condition {
	return policy.Condition{
		"ArnLike": {"aws:PrincipalArn": {e.ARN("iam", "", "*", "role/"+share.ProviderRolePrefix+"*")}},
	}
}
