package document

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

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
