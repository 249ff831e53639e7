package local_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/test/local"
)

// lookUp are who made a call and on what, by the event history of an account in a region, the newest first.
func lookUp(t *testing.T, a *local.Account, region, name string) (found []string) {
	t.Helper()
	client := cloudtrail.NewFromConfig(a.Config(), func(o *cloudtrail.Options) { o.Region = region })
	pages := cloudtrail.NewLookupEventsPaginator(client, &cloudtrail.LookupEventsInput{
		MaxResults: aws.Int32(1), LookupAttributes: []types.LookupAttribute{{
			AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: &name,
		}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			var record struct {
				EventName, AwsRegion, ErrorCode string
				UserIdentity                    struct{ Arn string }
				RequestParameters               map[string]string
			}
			if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &record); err != nil || record.EventName != name {
				t.Errorf("%s, %v", *e.CloudTrailEvent, err)
			}
			_, who, _ := strings.Cut(record.UserIdentity.Arn, "/")
			p := record.RequestParameters
			about := p["bucketName"] + p["userName"]
			found = append(found, strings.Join([]string{record.AwsRegion, who, about, record.ErrorCode}, " "))
		}
	}
	return found
}

func TestEventHistory(t *testing.T) {
	a, other := account(t), account(t)
	ctx := t.Context()
	mallory, err := a.CreateUser(ctx, "mallory", local.AllowAll)
	if err != nil {
		t.Fatal(err)
	}
	client := createBucket(t, a, "history")
	mine := s3.NewFromConfig(mallory.Config())
	for _, c := range []*s3.Client{client, mine} {
		_, err := c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String("history")})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = iam.NewFromConfig(mallory.Config()).DeleteUserPolicy(ctx,
		&iam.DeleteUserPolicyInput{UserName: aws.String("mallory"), PolicyName: aws.String("none")})
	wantCode(t, "deleting a policy that is not there", err, "NoSuchEntity")
	for _, c := range []struct {
		what, region, name string
		account            *local.Account
		want               []string
	}{
		{what: "S3's name for it, the newest first", region: shared.Region, name: "DeleteBucketPublicAccessBlock", account: a,
			want: []string{shared.Region + " mallory history ", shared.Region + " admin history "}},
		{
			what: "in another region", region: "eu-west-1", name: "DeleteBucketPublicAccessBlock", account: a,
		},
		{
			what: "in another account", region: shared.Region, name: "DeleteBucketPublicAccessBlock",
			account: other,
		},
		{what: "IAM, at home, a failure too", region: "us-east-1", name: "DeleteUserPolicy", account: a,
			want: []string{"us-east-1 mallory mallory NoSuchEntity"}},
		{what: "IAM, elsewhere", region: shared.Region, name: "DeleteUserPolicy", account: a},
	} {
		got := lookUp(t, c.account, c.region, c.name)
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
