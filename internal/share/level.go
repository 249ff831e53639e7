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

// Lists says whether the level has the action that lists objects.
func (l Level) Lists() bool { return l.Reads() }

// Reads says whether the level has the actions that read objects.
func (l Level) Reads() bool { return l != Write }

// Writes says whether the level has the actions that write objects.
func (l Level) Writes() bool { return l != Read }

// Deletes says whether the level has the actions that delete objects.
func (l Level) Deletes() bool { return l == Full }

// ListActions are the actions on the whole bucket that list objects and unfinished uploads. ListBucket alone can be
// limited to prefixes.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func (l Level) ListActions() []string {
	var a []string
	if l.Lists() {
		a = append(a, ListBucket)
	}
	if l.Writes() {
		a = append(a, "s3:ListBucketMultipartUploads")
	}
	return a
}

// ObjectActions are the actions on objects.
func (l Level) ObjectActions() []string {
	var a []string
	if l.Reads() {
		a = append(a, "s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion")
	}
	if l.Writes() {
		a = append(a, "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging")
	}
	if l.Deletes() {
		a = append(a, "s3:DeleteObject", "s3:DeleteObjectVersion")
	}
	slices.Sort(a)
	return a
}

// KeyActions are the KMS actions, without kms:DescribeKey. A writer needs Decrypt too: for multipart uploads and for
// bucket keys.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
func (l Level) KeyActions() []string {
	if !l.Writes() {
		return []string{"kms:Decrypt"}
	}
	return []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
}

// Actions that every level has.
const (
	DescribeKey       = "kms:DescribeKey"
	GetBucketLocation = "s3:GetBucketLocation"
)

// ListBucket lists objects.
const ListBucket = "s3:ListBucket"

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
