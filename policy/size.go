package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Limits in bytes.
const (
	// BucketPolicyLimit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
	BucketPolicyLimit = 20480
	// KeyPolicyLimit: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
	KeyPolicyLimit = 32768
	// ManagedPolicyLimit is in characters as IAM counts them:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	ManagedPolicyLimit = 6144
)

// Limit is how large a document may be to AWS, and what to do about one that is larger.
type Limit struct {
	What   string // which document
	Bytes  int
	Remedy string
}

// Check is an error for a size beyond the limit that says by how many bytes.
func (l Limit) Check(size int) error {
	if size <= l.Bytes {
		return nil
	}
	return fmt.Errorf("%s has %d bytes, %d over the limit of %d; %s", l.What, size, size-l.Bytes, l.Bytes, l.Remedy)
}

// CharactersIAMCounts is the size of an identity's policy to IAM, which leaves white space out. White space inside a
// string is counted here, as the page does not say whether IAM does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func CharactersIAMCounts(document string) int {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(document)) != nil {
		return utf8.RuneCountInString(document)
	}
	return utf8.RuneCount(compact.Bytes())
}
