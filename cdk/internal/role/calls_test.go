package role_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/internal/role"
)

// actionsOf are the actions that a call needs where they are not one of the same name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var actionsOf = map[string][]string{
	"s3:CreateBucket": {"s3:CreateBucket", "s3:PutBucketOwnershipControls",
		"s3:TagResource"}, // with ObjectOwnership and Tags
	"s3:GetBucketEncryption":             {"s3:GetEncryptionConfiguration"},
	"s3:PutBucketEncryption":             {"s3:PutEncryptionConfiguration"},
	"s3:GetPublicAccessBlock":            {"s3:GetBucketPublicAccessBlock"},
	"s3:PutPublicAccessBlock":            {"s3:PutBucketPublicAccessBlock"},
	"s3:ListObjectVersions":              {"s3:ListBucketVersions"},
	"s3:ListMultipartUploads":            {"s3:ListBucketMultipartUploads"},
	"s3:DeleteObject":                    {"s3:DeleteObjectVersion"}, // always by version
	"s3:PutBucketLifecycleConfiguration": {"s3:PutLifecycleConfiguration"},
	"s3:HeadObject":                      {"s3:GetObject", "s3:GetObjectVersion"},
	"s3:CreateJob":                       {"s3:CreateJob", "iam:PassRole"}, // with RoleArn
	"lambda:Invoke":                      {"lambda:InvokeFunction"},
	"ssm:PutParameter":                   {"ssm:PutParameter", "ssm:AddTagsToResource"},            // with Tags
	"iam:CreatePolicy":                   {"iam:CreatePolicy", "iam:TagPolicy"},                    // with Tags
	"kms:CreateKey":                      {"kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"}, // with Policy and Tags
}

// notFromCloud are actions that AWS takes itself with the role.
var notFromCloud = []string{
	"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo",
	"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage",
}

// inSurvey are the calls in the survey's files that the function makes too (surroundings.go), and nothing else of the
// function.
var inSurvey = []string{
	"iam:GetPolicy", "iam:GetPolicyVersion", "organizations:DescribeOrganization",
}

// byBucketPolicy are calls that the policy of a bucket allows for the time in which it is emptied (document.Emptying).
var byBucketPolicy = []string{"s3:DeleteObjects", "s3:AbortMultipartUpload"}

var (
	call  = regexp.MustCompile(`\.(s3control|s3|kms|iam|tagging|cloudformation|lambda|ssm|cloudtrail)\.([A-Z]\w+)\(\w*ctx`)
	pages = regexp.MustCompile(`\b(s3|kms|iam|resourcegroupstaggingapi|ssm|cloudtrail|cloudformation)\.New(\w+)Paginator\(`)
	// prefix is a client's service prefix in actions.
	prefix = map[string]string{"s3control": "s3", "tagging": "tag", "resourcegroupstaggingapi": "tag"}
)

// The role allows what package cloud calls: no call without its right, no right without its call.
func TestRoleAllowsExactlyTheCallsOfPackageCloud(t *testing.T) {
	files, err := filepath.Glob("../../../internal/cloud/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no source of package cloud", err)
	}
	needed := map[string]bool{}
	for _, a := range slices.Concat(notFromCloud, inSurvey) {
		needed[a] = true
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// The survey is the command's, with its user's own rights.
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "survey") {
			continue
		}
		for _, m := range slices.Concat(call.FindAllSubmatch(source, -1), pages.FindAllSubmatch(source, -1)) {
			for _, a := range actions(string(m[1]), string(m[2])) {
				needed[a] = true
			}
		}
	}
	allowed := map[string]bool{}
	for _, s := range role.Every() {
		for _, a := range s.Actions {
			if !s.Deny {
				allowed[a] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(needed)), slices.Sorted(maps.Keys(allowed))); diff != "" {
		t.Error("actions (-needed by cloud +allowed by the role):", diff)
	}
}

func actions(client, operation string) []string {
	service := client
	if p, ok := prefix[client]; ok {
		service = p
	}
	name := service + ":" + operation
	if slices.Contains(byBucketPolicy, name) {
		return nil
	}
	if all, ok := actionsOf[name]; ok {
		return all
	}
	return []string{name}
}
