package evaluator

import "fmt"

// Operation is what a requester asks of S3.
type Operation string

// need is what an operation needs to be allowed to do, in S3 and, through S3, in KMS.
type need struct {
	s3       action
	onBucket bool
	kms      []action
}

// action is an action as it is written and as it is compared.
type action struct{ name, folded string }

var (
	decrypt         = action{"kms:Decrypt", "kms:decrypt"}
	generateDataKey = action{"kms:GenerateDataKey", "kms:generatedatakey"}
	getObject       = action{"s3:GetObject", "s3:getobject"}
	putObject       = action{"s3:PutObject", "s3:putobject"}
)

// needs are the actions behind each operation.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (Permissions)
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
var needs = map[Operation]*need{
	"GetObject":           {s3: getObject, kms: []action{decrypt}},
	"HeadObject":          {s3: getObject, kms: []action{decrypt}},
	"GetObjectVersion":    {s3: action{"s3:GetObjectVersion", "s3:getobjectversion"}, kms: []action{decrypt}},
	"PutObject":           {s3: putObject, kms: []action{generateDataKey}},
	"MultipartUpload":     {s3: putObject, kms: []action{generateDataKey, decrypt}},
	"DeleteObject":        {s3: action{"s3:DeleteObject", "s3:deleteobject"}},
	"DeleteObjectVersion": {s3: action{"s3:DeleteObjectVersion", "s3:deleteobjectversion"}},
	"GetObjectTagging":    {s3: action{"s3:GetObjectTagging", "s3:getobjecttagging"}},
	"ListBucket":          {s3: action{"s3:ListBucket", "s3:listbucket"}, onBucket: true},
	"GetBucketLocation":   {s3: action{"s3:GetBucketLocation", "s3:getbucketlocation"}, onBucket: true},
}

// ParseOperation checks the name of an operation, which is that of the S3 API; MultipartUpload is all of its calls.
func ParseOperation(name string) (Operation, error) {
	if _, known := needs[Operation(name)]; !known {
		return "", fmt.Errorf("unknown operation %q", name)
	}
	return Operation(name), nil
}
