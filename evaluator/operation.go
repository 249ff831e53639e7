package evaluator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Service is what authorizes a request. S3 and KMS each do it by themselves; others are asked one action at a time.
type Service string

// The services of a request to a bucket.
const (
	S3  Service = "s3"
	KMS Service = "kms"
)

// Operation is what a requester asks for: a call of the S3 API such as GetObject, or one action such as
// kms:DescribeKey. See ParseOperation.
type Operation string

// place is what an action of an operation is about.
type place int

const (
	theBucket place = iota
	theObject
	theKey // of the object, through S3
	theSourceObject
	theSourceKey
	directly // the key, or a resource of another service, by a call of one's own
)

// need is an action that an operation needs, and where.
type need struct {
	action action
	on     place
}

// service is who authorizes the action.
func (n need) service() Service {
	service, _, _ := strings.Cut(n.action.folded, ":")
	return Service(service)
}

// action is an action as it is written and as it is compared.
type action struct{ name, folded string }

func on(where place, actions ...string) []need {
	needs := make([]need, len(actions))
	for i, name := range actions {
		needs[i] = need{action{name, strings.ToLower(name)}, where}
	}
	return needs
}

// operations are the actions behind each call. Those that only a request with more in it needs (PutObjectTagging beside
// PutObject, for tags in the same call) are asked one by one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (Permissions)
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
var operations = map[Operation][]need{
	"GetObject":        read("s3:GetObject"),
	"HeadObject":       read("s3:GetObject"),
	"GetObjectVersion": read("s3:GetObjectVersion"),
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
	"GetObjectAttributes":        read("s3:GetObject", "s3:GetObjectAttributes"),
	"GetObjectVersionAttributes": read("s3:GetObjectVersion", "s3:GetObjectVersionAttributes"),
	"ListParts":                  read("s3:ListMultipartUploadParts"),

	"PutObject":               write("kms:GenerateDataKey"),
	"MultipartUpload":         write("kms:GenerateDataKey", "kms:Decrypt"), // all of its calls
	"CreateMultipartUpload":   write("kms:GenerateDataKey"),
	"UploadPart":              write("kms:GenerateDataKey", "kms:Decrypt"),
	"CompleteMultipartUpload": write("kms:GenerateDataKey", "kms:Decrypt"),
	"AbortMultipartUpload":    on(theObject, "s3:AbortMultipartUpload"),

	"CopyObject":            slices.Concat(source("s3:GetObject"), write("kms:GenerateDataKey")),
	"CopyObjectVersion":     slices.Concat(source("s3:GetObjectVersion"), write("kms:GenerateDataKey")),
	"UploadPartCopy":        slices.Concat(source("s3:GetObject"), write("kms:GenerateDataKey", "kms:Decrypt")),
	"UploadPartCopyVersion": slices.Concat(source("s3:GetObjectVersion"), write("kms:GenerateDataKey", "kms:Decrypt")),

	"DeleteObject":        on(theObject, "s3:DeleteObject"),
	"DeleteObjects":       on(theObject, "s3:DeleteObject"),
	"DeleteObjectVersion": on(theObject, "s3:DeleteObjectVersion"),

	"GetObjectTagging":           on(theObject, "s3:GetObjectTagging"),
	"GetObjectVersionTagging":    on(theObject, "s3:GetObjectVersionTagging"),
	"PutObjectTagging":           on(theObject, "s3:PutObjectTagging"),
	"PutObjectVersionTagging":    on(theObject, "s3:PutObjectVersionTagging"),
	"DeleteObjectTagging":        on(theObject, "s3:DeleteObjectTagging"),
	"DeleteObjectVersionTagging": on(theObject, "s3:DeleteObjectVersionTagging"),

	"ListBucket":           on(theBucket, "s3:ListBucket"),
	"ListObjects":          on(theBucket, "s3:ListBucket"),
	"ListObjectsV2":        on(theBucket, "s3:ListBucket"),
	"HeadBucket":           on(theBucket, "s3:ListBucket"),
	"ListObjectVersions":   on(theBucket, "s3:ListBucketVersions"),
	"ListMultipartUploads": on(theBucket, "s3:ListBucketMultipartUploads"),
	"GetBucketLocation":    on(theBucket, "s3:GetBucketLocation"),
}

func read(actions ...string) []need {
	return append(on(theObject, actions...), on(theKey, "kms:Decrypt")...)
}

func write(kms ...string) []need {
	return append(on(theObject, "s3:PutObject"), on(theKey, kms...)...)
}

func source(get string) []need {
	return append(on(theSourceObject, get), on(theSourceKey, "kms:Decrypt")...)
}

// Operations are the names of all calls that ParseOperation knows, in order.
func Operations() []Operation {
	all := make([]Operation, 0, len(operations))
	for name := range operations {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b Operation) int { return cmp.Compare(a, b) })
	return all
}

var single = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)

// ParseOperation checks an operation: the name of a call of the S3 API (those with Version in their names are the call
// with a versionId; MultipartUpload is all of its calls), or a single action. An action of S3 is about the object when
// the request has a key, and about the bucket when it has none. An action of KMS is a direct call for the bucket's key,
// not one that S3 makes on the requester's behalf. An action of any other service is about Request.Resource, in the
// requester's own account, and so is one of S3 that is about neither bucket nor object, as a job is.
func ParseOperation(name string) (Operation, error) {
	if _, known := operations[Operation(name)]; known || single.MatchString(name) {
		return Operation(name), nil
	}
	known := make([]string, 0, len(operations))
	for _, o := range Operations() {
		known = append(known, string(o))
	}
	return "", fmt.Errorf("unknown operation %q: it is none of %s, nor a single action such as s3:GetObjectAcl or "+
		"kms:DescribeKey", name, strings.Join(known, ", "))
}

// needs are the actions of an operation.
func (o Operation) needs(key, resource string) []need {
	if needs, known := operations[o]; known {
		return needs
	}
	where := directly
	if service, _, _ := strings.Cut(string(o), ":"); Service(service) == S3 && resource == "" {
		where = theObject
		if key == "" {
			where = theBucket
		}
	}
	return on(where, string(o))
}

// Copies says whether the operation reads a Source.
func (o Operation) Copies() bool {
	return slices.ContainsFunc(operations[o], func(n need) bool { return n.on == theSourceObject })
}
