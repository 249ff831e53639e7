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

// SizeError is a document that is larger than AWS takes.
type SizeError struct {
	What   string // which document
	Size   int
	Limit  int
	Remedy string
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s has %d bytes, %d over the limit of %d; %s", e.What, e.Size, e.Size-e.Limit, e.Limit, e.Remedy)
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
