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
	var list []policy.Statement
	if len(s.Prefixes) > 0 && s.Level.Reads() {
		list = listStatements(like, folders(s.Prefixes), name, bucketARN)
	}
	like.Sid = sid(name)
	return append([]policy.Statement{objectStatement(like, s, bucketARN)}, list...)
}

// objectStatement is for the objects of a scope: bucket policy and identity side have the same, so that the two can
// never disagree. What needs no condition of its own is in it too: an action works on those of its resources that are
// of its kind.
func objectStatement(like policy.Statement, s share.Scope, bucketARN string) policy.Statement {
	objects := []string{bucketARN + "/*"}
	if len(s.Prefixes) > 0 {
		objects = below(folders(s.Prefixes), bucketARN+"/")
	}
	like.Resource = append(policy.Values{bucketARN}, objects...)
	like.Action = s.Actions()
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

// folders are prefixes as policies name them: {account} is whatever account the requester is of, so that one statement
// gives each account a folder of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func folders(prefixes []string) policy.Values {
	return policy.Sorted(share.Scope{Prefixes: prefixes}.In("${aws:PrincipalAccount}").Prefixes)
}
