package document

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Headers of a write by which it asks for another encryption than the bucket's, as condition keys.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
const (
	CipherHeader   = "s3:x-amz-server-side-encryption"
	KeyHeader      = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	CustomerHeader = "s3:x-amz-server-side-encryption-customer-algorithm"
)

// InBucketPolicy is what a share has in the policy of a bucket while it lets nobody in and denies nothing.
func InBucketPolicy(bucket string) Part {
	return Part{SidPrefix: SidPrefix, limit: policy.Limit{
		What: "the bucket policy of " + bucket, Bytes: policy.BucketPolicyLimit, Remedy: groupRemedy,
	}}
}

// bucketPart is what the share has in the bucket policy: what nobody may do, then who may do what, then what the
// providers of consumer accounts may do in the canary's folder, each below its own account. That is for the road to the
// bucket and not for a level, so whoever may only read has one too.
func bucketPart(s share.Share, of consumers, keyARN string) Part {
	part, bucketARN := InBucketPolicy(s.Bucket), s.Env.BucketARN(s.Bucket)
	part.Statements = denials(s, keyARN)
	for _, to := range of.scopes {
		like := policy.Statement{Effect: policy.Allow, Principal: &to.principal, Condition: to.condition}
		name := sidSuffix(to.scope) + string(to.kind)
		part.Statements = append(part.Statements, s3Statements(like, to.scope, name, bucketARN)...)
	}
	folder := policy.Values{bucketARN + "/" + CanaryFolder + AccountVariable + "/*"}
	for _, to := range of.canary {
		part.Statements = append(part.Statements, to.statement(sid("Canary"), CanaryActions, folder, providersOnly(s.Env)))
	}
	return part
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
			"StringNotEquals": {CipherHeader: {"aws:kms"}},
			"Null":            {CipherHeader: {"false"}},
		}, butForReports(s))),
		// With aws:kms and no key id S3 would take the AWS managed key, which cannot be shared.
		denyPut("UnnamedKey", policy.Condition{
			"StringEquals": {CipherHeader: {"aws:kms"}},
			"Null":         {KeyHeader: {"true"}},
		}),
		denyPut("OtherKey", policy.Condition{
			"StringNotEquals": {KeyHeader: {keyARN}},
			"Null":            {KeyHeader: {"false"}},
		}),
		denyPut("CustomerKey", policy.Condition{
			"Null": {CustomerHeader: {"false"}},
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
