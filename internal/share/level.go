package share

import "slices"

// Level is what a consumer, delegate or grantee may do.
type Level string

// The levels, each a row of the table in docs/reference.md.
const (
	Read      Level = "Read"
	Write     Level = "Write"
	ReadWrite Level = "ReadWrite"
	Full      Level = "Full"
)

// Levels are all levels, weakest first.
var Levels = []Level{Read, Write, ReadWrite, Full}

func (l Level) reads() bool   { return l != Write }
func (l Level) writes() bool  { return l != Read }
func (l Level) deletes() bool { return l == Full }

// listActions are the actions on the bucket that S3 can limit to a prefix.
//
// The service authorization reference names s3:prefix for ListBucket but not clearly for ListBucketMultipartUploads.
// Where the key is absent the condition fails, so a prefix-scoped writer then cannot list uploads: the safe side.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func (l Level) listActions() []string {
	var a []string
	if l.reads() {
		a = append(a, "s3:ListBucket")
	}
	if l.writes() {
		a = append(a, "s3:ListBucketMultipartUploads")
	}
	return a
}

// objectActions are the actions on objects.
func (l Level) objectActions() []string {
	var a []string
	if l.reads() {
		a = append(a, "s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion")
	}
	if l.writes() {
		a = append(a, "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging")
	}
	if l.deletes() {
		a = append(a, "s3:DeleteObject", "s3:DeleteObjectVersion")
	}
	slices.Sort(a)
	return a
}

// keyActions are the KMS actions, without kms:DescribeKey. A writer needs Decrypt too: for multipart uploads and for
// bucket keys.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
func (l Level) keyActions() []string {
	if !l.writes() {
		return []string{"kms:Decrypt"}
	}
	return []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
}

const (
	describeKey       = "kms:DescribeKey"
	getBucketLocation = "s3:GetBucketLocation"
)

// meet is the most that both levels allow, and whether that is anything.
func (l Level) meet(m Level) (Level, bool) {
	switch {
	case l == m || m == Full || (m == ReadWrite && l != Full):
		return l, true
	case l == Full || l == ReadWrite:
		return m, true
	}
	return "", false // Read and Write have nothing in common but the bucket's location
}
