package document

import (
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

const (
	cipherHeader   = "s3:x-amz-server-side-encryption"
	keyHeader      = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	customerHeader = "s3:x-amz-server-side-encryption-customer-algorithm"
)

// BucketStatements are the share's statements of the bucket policy: what nobody may do, then who may do what.
func BucketStatements(s share.Share, keyARN string) []policy.Statement {
	statements := denials(s, keyARN)
	bucketARN := s.Env.BucketARN(s.Bucket)
	for _, g := range groupsOf(s, func(scope share.Scope) share.Scope { return scope }) {
		who := partyOf(s, g.kind, g.consumers)
		for _, statement := range s3Statements(g.scope, bucketARN) {
			statement.Sid += string(g.kind)
			statement.Principal = &who.principal
			statement.Condition = with(statement.Condition, who.condition)
			statements = append(statements, statement)
		}
	}
	return append(statements, canaryStatements(s)...)
}

// denials refuse requests without TLS, and writes that ask for another encryption than the bucket's. A write without
// any encryption header passes, because it gets the bucket's default; every condition on a header therefore also asks
// for its presence, as StringNotEquals holds for an absent key.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func denials(s share.Share, keyARN string) []policy.Statement {
	bucketARN := s.Env.BucketARN(s.Bucket)
	deny := func(name string, action string, resources policy.Values, c policy.Condition) policy.Statement {
		return policy.Statement{
			Sid: sid("Deny", name), Effect: policy.Deny, Principal: &policy.Principal{Any: true},
			Action: policy.Values{action}, Resource: resources, Condition: c,
		}
	}
	denyPut := func(name string, c policy.Condition) policy.Statement {
		return deny(name, "s3:PutObject", policy.Values{bucketARN + "/*"}, c)
	}
	return []policy.Statement{
		deny("InsecureTransport", "s3:*", policy.Values{bucketARN, bucketARN + "/*"}, policy.Condition{
			"Bool": {"aws:SecureTransport": {"false"}},
		}),
		denyPut("OtherCipher", with(policy.Condition{
			"StringNotEquals": {cipherHeader: {"aws:kms"}},
			"Null":            {cipherHeader: {"false"}},
		}, butForReports(s))),
		// With aws:kms and no key id S3 would take the AWS managed key, which cannot be shared.
		denyPut("UnnamedKey", policy.Condition{
			"StringEquals": {cipherHeader: {"aws:kms"}},
			"Null":         {keyHeader: {"true"}},
		}),
		denyPut("OtherKey", policy.Condition{
			"StringNotEquals": {keyHeader: {keyARN}},
			"Null":            {keyHeader: {"false"}},
		}),
		denyPut("CustomerKey", policy.Condition{
			"Null": {customerHeader: {"false"}},
		}),
	}
}

// butForReports lets the reports of jobs of S3 Batch Operations through, which S3 always writes under SSE-S3: the role
// of the jobs may write nothing else.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html (Report)
func butForReports(s share.Share) policy.Condition {
	if !s.ReEncrypt {
		return nil
	}
	return policy.Condition{"ArnNotEquals": {"aws:PrincipalArn": {s.Env.JobRole()}}}
}

// OursInBucketPolicy recognises the statements of a bucket policy that belong to its share.
func OursInBucketPolicy(sid string) bool { return strings.HasPrefix(sid, SidPrefix) }

// OursThatAllow recognises those of our statements in a bucket policy that let somebody in.
func OursThatAllow(s string) bool { return OursInBucketPolicy(s) && !strings.HasPrefix(s, sid("Deny")) }
