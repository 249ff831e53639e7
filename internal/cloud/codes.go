package cloud

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"

	"example.com/sharedbucket/internal/plan"
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
	accessDenied            = "AccessDenied" // IAM's too
	preconditionFailed      = "PreconditionFailed"
	conditionalConflict     = "ConditionalRequestConflict"

	// A name that is taken in another region; whose bucket it is does not count before that.
	permanentRedirect   = "PermanentRedirect"
	wrongRegionInHeader = "AuthorizationHeaderMalformed"
	illegalLocation     = "IllegalLocationConstraintException"
	noSuchResource      = "NoSuchResource" // S3 Control's for a bucket that is not there

	// S3 Batch Operations: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobStatus.html
	jobNotFound = "NotFoundException"
	jobEnded    = "JobStatusException" // a job that has ended cannot be cancelled

	// KMS: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and each operation's page
	kmsNotFound      = "NotFoundException"
	kmsAccessDenied  = "AccessDeniedException"
	kmsAlreadyExists = "AlreadyExistsException"
	kmsInvalidState  = "KMSInvalidStateException"
	kmsMalformed     = "MalformedPolicyDocumentException"
	kmsDisabled      = "DisabledException"
	kmsInvalidARN    = "InvalidArnException"
	kmsValidation    = "ValidationException"

	// IAM
	noSuchEntity        = "NoSuchEntity"
	entityAlreadyExists = "EntityAlreadyExists"
	deleteConflict      = "DeleteConflict"

	// SSM: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html; a denial is as KMS's
	parameterNotFound      = "ParameterNotFound"
	parameterAlreadyExists = "ParameterAlreadyExists"
	tooManyUpdates         = "TooManyUpdates"

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

const (
	refusedDocument = "AWS does not take the document as it is: look at the statements in it that are not the share's"
	unknownAccount  = "an account in Consumers does not exist, or has not enabled the region; or " + refusedDocument
	takenElsewhere  = "the name is taken in another region: choose another name"
	cannotBlock     = "S3 in this region may not know how to block SSE-C, which a share wants blocked"
	orPublic        = ", or the policy is public, which the bucket blocks"
)

// usualCause says what an error code most likely means where a share is made.
var usualCause = map[string]string{
	accessDenied: "the provider's role, a service control policy or a resource policy does " +
		"not allow it",
	kmsAccessDenied: "the provider's role, a service control policy or the key policy does not " +
		"allow it",
	bucketAlreadyExists:     "another account has a bucket of that name: choose another name",
	bucketAlreadyOwnedByYou: "the account has a bucket of that name already",
	operationAborted: "another change of this bucket is under way, or a bucket of that name was " +
		"deleted shortly before: try again later",
	malformedPolicy:                       refusedDocument,
	kmsMalformed:                          refusedDocument + ", or the provider could not write the key policy again",
	permanentRedirect:                     takenElsewhere,
	wrongRegionInHeader:                   takenElsewhere,
	illegalLocation:                       takenElsewhere,
	"InvalidLocationConstraint":           "the account has not enabled the region, or S3 does not know it",
	"InvalidBucketAclWithObjectOwnership": "the bucket's ACL lets other accounts in: take those grants out first",
	"LimitExceeded":                       "an identity's policies meet a quota of IAM by now: try again",
	deleteConflict: "somebody has attached the policy to an identity, or set it as a permissions boundary: " +
		"take it from there, then try again",
	"LimitExceededException": "the key policy is too large, or the account has as many keys or aliases as " +
		"it may",
	"UnmodifiableEntity": "only AWS can change that role",
	"TooManyBuckets":     "the account has as many buckets as it may: ask for a higher quota",
}

// CallError is an AWS call that failed: what was being done to what, AWS's code, and what the code most likely means.
type CallError struct {
	Doing string
	Cause string // "" for the code's usual one
	Err   error  // from the SDK
}

func (e *CallError) Unwrap() error { return e.Err }

// Error leaves out what the SDK says about the transport: CloudFormation shows the text in a narrow column.
func (e *CallError) Error() string {
	var api smithy.APIError
	if !errors.As(e.Err, &api) {
		return e.Doing + ": " + e.Err.Error()
	}
	text := e.Doing + ": " + api.ErrorCode()
	if cause := cmp.Or(e.Cause, usualCause[api.ErrorCode()]); cause != "" {
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

// because is failed with a cause of its own for one code.
func because(err error, code, cause, format string, args ...any) error {
	if !has(err, code) {
		return err
	}
	return &CallError{Doing: fmt.Sprintf(format, args...), Cause: cause, Err: err}
}

// Overtaken says that somebody else did a step in the meantime, such as the same event delivered twice: the bucket,
// alias or policy is there already, the key at hand was given up for the other run's, or a document was changed. What
// is there must be looked at again.
func Overtaken(err error) bool {
	var changed *plan.Changed
	return errors.As(err, &changed) ||
		has(err, bucketAlreadyOwnedByYou, kmsAlreadyExists, kmsInvalidState, entityAlreadyExists)
}
