package cloud

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
)

// Error codes by which something is decided. Error texts are never looked at.
const (
	// S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	noSuchBucket            = "NoSuchBucket"
	noSuchUpload            = "NoSuchUpload"
	notFound                = "NotFound" // HeadBucket and the like, which have no body
	noSuchTagSet            = "NoSuchTagSet"
	noSuchBucketPolicy      = "NoSuchBucketPolicy"
	noEncryption            = "ServerSideEncryptionConfigurationNotFoundError"
	noPublicAccessBlock     = "NoSuchPublicAccessBlockConfiguration"
	noOwnershipControls     = "OwnershipControlsNotFoundError"
	operationAborted        = "OperationAborted"
	bucketNotEmpty          = "BucketNotEmpty"
	bucketAlreadyExists     = "BucketAlreadyExists"
	bucketAlreadyOwnedByYou = "BucketAlreadyOwnedByYou"
	malformedPolicy         = "MalformedPolicy"
	malformedXML            = "MalformedXML"
	illegalLocation         = "IllegalLocationConstraintException"
	permanentRedirect       = "PermanentRedirect"
	accessDenied            = "AccessDenied"

	// KMS: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and each operation's page
	kmsNotFound      = "NotFoundException"
	kmsAccessDenied  = "AccessDeniedException"
	kmsAlreadyExists = "AlreadyExistsException"
	kmsInvalidState  = "KMSInvalidStateException"
	kmsMalformed     = "MalformedPolicyDocumentException"

	// IAM
	noSuchEntity = "NoSuchEntity"

	// CloudFormation: a stack that does not exist is a ValidationError.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
	noSuchStack = "ValidationError"
	throttling  = "Throttling"
)

// Code is the AWS error code in err, "" for none.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func has(err error, codes ...string) bool { return err != nil && slices.Contains(codes, Code(err)) }

// causes says what an error code most likely means where a share is made.
var causes = map[string]string{
	accessDenied:                          "the provider's role, a service control policy or a resource policy does not allow it",
	kmsAccessDenied:                       "the provider's role, a service control policy or the key policy does not allow it",
	bucketAlreadyExists:                   "another account has a bucket of that name: choose another name",
	bucketAlreadyOwnedByYou:               "the account has a bucket of that name already",
	operationAborted:                      "another change of this bucket is under way, or a bucket of that name was deleted shortly before: try again later",
	malformedPolicy:                       "an account in Consumers does not exist, or has not enabled the bucket's region",
	kmsMalformed:                          "an account in Consumers does not exist, or has not enabled the key's region",
	"InvalidBucketAclWithObjectOwnership": "the bucket's ACL lets other accounts in: take those grants out first",
	"LimitExceeded":                       "an identity's inline policies are too large together",
	"LimitExceededException":              "the key policy is too large, or the account has as many keys or aliases as it may",
	"UnmodifiableEntity":                  "only AWS can change that role",
	"TooManyBuckets":                      "the account has as many buckets as it may: ask for a higher quota",
}

// CallError is an AWS call that failed: what was being done to what, AWS's code, and what the code most likely means.
type CallError struct {
	Doing string
	Err   error // from the SDK
}

func (e *CallError) Unwrap() error { return e.Err }

// Error leaves out what the SDK says about the transport: CloudFormation shows the text in a narrow column.
func (e *CallError) Error() string {
	var api smithy.APIError
	if !errors.As(e.Err, &api) {
		return e.Doing + ": " + e.Err.Error()
	}
	text := e.Doing + ": " + api.ErrorCode()
	if cause, known := causes[api.ErrorCode()]; known {
		text += " (" + cause + ")"
	}
	return text + ": " + api.ErrorMessage()
}

// failed is err with what was being done, nil for nil.
func failed(err error, format string, args ...any) error {
	var there *CallError
	if err == nil || errors.As(err, &there) {
		return err
	}
	return &CallError{Doing: fmt.Sprintf(format, args...), Err: err}
}

// Overtaken says that somebody else did a step in the meantime, such as the same event delivered twice: the bucket or
// alias is there already, or the key at hand was given up for the other run's. What is there must be read again.
func Overtaken(err error) bool {
	return has(err, bucketAlreadyOwnedByYou, kmsAlreadyExists, kmsInvalidState)
}
