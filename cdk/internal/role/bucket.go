package role

import (
	"slices"

	"example.com/sharedbucket/internal/setting"
)

// allBuckets are the buckets that a provider may share unless it is limited.
var allBuckets = []string{"arn:${AWS::Partition}:s3:::*"}

var (
	ofBucket        = setting.EveryOfBucket()
	configureBucket = with(writes(ofBucket), "s3:PutBucketPolicy", "s3:TagResource", "s3:UntagResource")
	readBucket      = with(reads(ofBucket), "s3:GetBucketPolicy", "s3:GetBucketTagging", "s3:ListBucketVersions")
	inAccount       = map[string][]string{"aws:ResourceAccount": {"${AWS::AccountId}"}}
)

// bucketStatements are limited to the account's own buckets by aws:ResourceAccount. A condition on bucket tags would
// tell a share's buckets from all others, but counts only for buckets with ABAC enabled, so the function checks the
// tags itself: https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
func bucketStatements() []Statement {
	return []Statement{
		{
			Sid:       "CreateBucket",
			Actions:   []string{"s3:CreateBucket"},
			Resources: allBuckets,
			Limit:     BucketArns,
			Condition: condition{"StringEquals": {"s3:x-amz-object-ownership": {"BucketOwnerEnforced"}}},
			Why: "Creates the bucket of a share. Only with ACLs off from the first moment on. No condition on " +
				"the resource's account: there is no resource yet.",
		},
		{
			Sid:       "ConfigureBucket",
			Actions:   configureBucket,
			Resources: allBuckets,
			Limit:     BucketArns,
			// CreateBucket asks for two of these rights while there is no bucket, and so no account of a bucket, yet.
			Condition: condition{"StringEqualsIfExists": inAccount},
			Why: "Makes a bucket what the share says: " + briefly(ofBucket) + ", bucket policy, tags; ownership and tags " +
				"also in the call that creates it. No condition on the bucket's tags: it would count only for a bucket that has " +
				"ABAC switched on.",
		},
		{
			Sid:       "ReadBucket",
			Actions:   readBucket,
			Resources: allBuckets,
			Limit:     BucketArns,
			Condition: condition{"StringEquals": inAccount},
			Why: "Compares a bucket with its share before each change, and proves it afterwards. " +
				"ListBucketVersions counts what is in a bucket that is to be deleted: a bucket with anything in " +
				"it stays.",
		},
		{
			Sid:       "RemoveFromBucket",
			Actions:   []string{"s3:DeleteBucket", "s3:DeleteBucketPolicy"},
			Resources: allBuckets,
			Limit:     BucketArns,
			Condition: condition{"StringEquals": inAccount},
			Why: "Revokes: a bucket policy that had only the share's statements is deleted, any other is " +
				"written without them. DeleteBucket is for RemovalPolicy Delete; S3 refuses it for a bucket " +
				"that is not empty, the function for one without its stack's tags. Objects cannot be read, " +
				"written or deleted with this role alone, but for canaries.",
		},
	}
}

// emptyingStatements are for RemovalPolicy Empty, adoptionStatements for Adopt.
func emptyingStatements() []Statement {
	return []Statement{
		{
			Sid:       "EmptyBucket",
			Actions:   []string{"s3:ListBucketMultipartUploads", "s3:PutLifecycleConfiguration"},
			Resources: allBuckets,
			Limit:     BucketArns,
			Condition: condition{"StringEquals": inAccount},
			Why: "RemovalPolicy Empty: finds unfinished uploads, and leaves a bucket that holds too much for an " +
				"hour to a lifecycle rule that expires everything. What is in the bucket is deleted by a right " +
				"that its bucket policy gives this role for the time of emptying: no other bucket does.",
		},
	}
}

func adoptionStatements() []Statement {
	return []Statement{
		{
			Sid:       "AdoptBucket",
			Actions:   adopt(),
			Only:      AdoptableBucketArns,
			Condition: condition{"StringEquals": inAccount},
			Why: "Shares a bucket that exists already, and takes the share away from it. It may not be created " +
				"or deleted: with BucketArns narrowed, an adopted bucket cannot be deleted with this role.",
		},
		{
			Sid:       "SeeAndReEncryptExistingObjects",
			Jobs:      true,
			Actions:   []string{"s3:GetObject", "s3:GetObjectVersion", "s3:UpdateObjectEncryption"},
			Only:      AdoptableBucketArns,
			Below:     allObjects,
			Condition: condition{"StringEquals": inAccount},
			Why: "Asks how the objects of an adopted bucket are encrypted (HeadObject, for which S3 has no right of its " +
				"own), and puts them under the bucket's key with ExistingObjects ReEncrypt. The function never reads an " +
				"object. Whoever controls its code could, in the buckets that are listed: but he could give himself the " +
				"right in their bucket policies as well.",
		},
		{
			Sid:       "ReEncryptExistingObjects",
			Jobs:      true,
			With:      AdoptableBucketArns,
			Actions:   []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
			Resources: []string{ownKeys},
			Condition: condition{
				"StringEquals": {"kms:ViaService": {"s3.${AWS::Region}.amazonaws.com"}}, "StringLike": ofAShare["StringLike"],
			},
			Why: "The other half: S3 uses the key of a share with these rights, and nobody else does.",
		},
		{
			Sid:       "ReEncryptUnderGivenKey",
			Jobs:      true,
			Actions:   []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
			Only:      KeyArns,
			Condition: condition{"StringEquals": {"kms:ViaService": {"s3.${AWS::Region}.amazonaws.com"}}},
			Why:       "The same with an existing key: as the bucket's key, or as the one that objects were under before.",
		},
	}
}

// adopt are the actions on a bucket that is neither created nor deleted.
func adopt() []string {
	return slices.Sorted(slices.Values(slices.Concat(configureBucket, readBucket, []string{"s3:DeleteBucketPolicy"})))
}
