package role

import "example.com/sharedbucket/internal/document"

// canaryObjects are what canaries write, in any bucket.
const canaryObjects = "arn:${AWS::Partition}:s3:::*/" + document.CanaryFolder

// ofOthers is what another account owns: this account's own buckets are no business of a canary's.
var ofOthers = map[string][]string{"aws:ResourceAccount": {"${AWS::AccountId}"}}

// canaryStatements let the provider see, from a consumer's account, that what is deployed works.
func canaryStatements() []Statement {
	return []Statement{
		{
			Sid:       "Canary",
			Actions:   document.CanaryActions,
			Resources: []string{canaryObjects + "${AWS::AccountId}/*"},
			Condition: condition{"StringNotEquals": ofOthers},
			Why: "Writes, reads and deletes one small object through the real bucket policy, key policy and KMS of a share of " +
				"another account. Only in other accounts' buckets and only below this account's own folder, which a share " +
				"opens for it; it can touch no other object.",
		},
		{
			Sid:       "NeverDeeper",
			Deny:      true,
			Actions:   document.CanaryActions,
			Resources: []string{"arn:${AWS::Partition}:s3:::*/*/" + document.CanaryFolder + "*"},
			Condition: condition{"StringNotEquals": ofOthers},
			Why: "The * for any bucket's name in Canary would also stand for folders above the canary's. These are not " +
				"meant.",
		},
		{
			Sid:       "UseKeyForCanary",
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Resources: []string{"arn:${AWS::Partition}:kms:*:*:key/*"},
			Condition: condition{"StringLike": {"kms:ViaService": {"s3.*.amazonaws.com"}}},
			Why: "What S3 asks of the other account's key for that object. Only through S3, so only for objects that " +
				"the role may use.",
		},
		{
			Sid:       "RemoveCanaries",
			Actions:   []string{"s3:DeleteObjectVersion"},
			Resources: []string{canaryObjects + "*"},
			Condition: condition{"StringEquals": inAccount},
			Why: "Deletes what a canary left that was cut off, when a share's bucket is to be deleted, which would not be " +
				"empty for it. The function deletes only what is named and as small as a canary.",
		},
	}
}
