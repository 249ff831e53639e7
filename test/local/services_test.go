package local_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/test/local"
)

// errorCode is what AWS calls an error: its code, or the status when there is no body to hold one.
func errorCode(err error) string {
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError" {
		return api.ErrorCode()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return fmt.Sprint(response.HTTPStatusCode())
	}
	return err.Error()
}

func wantCode(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := errorCode(err); got != want {
		t.Errorf("%s: %q, want %q (%v)", what, got, want, err)
	}
}

func createBucket(t *testing.T, a *local.Account, name string) *s3.Client {
	t.Helper()
	client := s3.NewFromConfig(a.Config())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &name,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(shared.Region),
		},
	}); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestFindByTag(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	elsewhere := a.Config()
	elsewhere.Region = "eu-west-1"
	key, err := kms.NewFromConfig(a.Config()).CreateKey(ctx, &kms.CreateKeyInput{
		Tags: []kmstypes.Tag{{TagKey: aws.String("find"), TagValue: aws.String("me")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := "find-" + a.ID
	client := createBucket(t, a, name)
	if _, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: &name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("find"), Value: aws.String("me")}}},
	}); err != nil {
		t.Fatal(err)
	}
	find := func(config aws.Config, value string) []string {
		found, err := resourcegroupstaggingapi.NewFromConfig(config).GetResources(ctx,
			&resourcegroupstaggingapi.GetResourcesInput{
				ResourceTypeFilters: []string{"s3", "kms"},
				TagFilters:          []tagtypes.TagFilter{{Key: aws.String("find"), Values: []string{value}}},
			})
		if err != nil {
			t.Fatal(err)
		}
		var arns []string
		for _, resource := range found.ResourceTagMappingList {
			arns = append(arns, *resource.ResourceARN)
		}
		return arns
	}
	if diff := cmp.Diff([]string{"arn:aws:s3:::" + name, *key.KeyMetadata.Arn}, find(a.Config(), "me")); diff != "" {
		t.Error(diff)
	}
	if found := append(find(a.Config(), "other"), find(elsewhere, "me")...); len(found) > 0 {
		t.Errorf("found %s", found)
	}
}
