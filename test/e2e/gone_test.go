package e2e

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// A share that left its stack's template, or was replaced, comes to life again by no delivery that is late, while the
// stack is at its next update; and by its next Create.
func TestDeliveryAfterTheResourceIsGone(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	client := cloudformation.NewFromConfig(owner.Config())
	kept, first, second := newBucket(), newBucket(), newBucket()
	declared := func(bucket string) map[string]any {
		return map[string]any{"ServiceToken": owner.provider.ARN, "BucketName": bucket, "RemovalPolicy": "Delete"}
	}
	body := func(bucket string) *string {
		resources := map[string]any{"Kept": map[string]any{"Type": share.BucketType, "Properties": declared(kept)}}
		if bucket != "" {
			resources["Share"] = map[string]any{"Type": share.BucketType, "Properties": declared(bucket)}
		}
		text, err := json.Marshal(map[string]any{"Resources": resources})
		must(t, err)
		return ptr(string(text))
	}
	made, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("living"), TemplateBody: body(first),
	})
	must(t, err)
	update := func(bucket string) {
		t.Helper()
		_, err := client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: ptr("living"), TemplateBody: body(bucket),
		})
		must(t, err)
		out, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: made.StackId})
		must(t, err)
		if got := string(out.Stacks[0].StackStatus); got != "UPDATE_COMPLETE" {
			t.Fatalf("the stack is %s: %v", got, failures(t, owner.Account, "living"))
		}
	}
	wantLate := func(requestType, id string, bucket string) {
		t.Helper()
		e := local.Event{
			RequestType: requestType, StackID: *made.StackId, LogicalResourceID: "Share", ResourceType: share.BucketType,
			PhysicalResourceID: id, ResourceProperties: declared(bucket),
		}
		if requestType == "Update" {
			e.OldResourceProperties = declared(bucket)
			e.ResourceProperties = with(declared(bucket), map[string]any{"Versioning": "Suspended"})
		}
		must(t, aws.ShowStack(t.Context(), e.StackID, "UPDATE_IN_PROGRESS"))
		owner.forgetCalls()
		answer, err := owner.provider.Send(t.Context(), e)
		must(t, err)
		failedWith(t, answer, "delivered once more")
		if w := owner.writes(); len(w) > 0 {
			t.Errorf("a delivery that is late wrote %v", w)
		}
		must(t, aws.ShowStack(t.Context(), e.StackID, "UPDATE_COMPLETE"))
	}
	update(second)
	wantLate("Update", first, first)
	update("")
	wantLate("Create", "", second)
	wantLate("Update", second, second)
	update(second)
	there, err := owner.Inventory(t.Context())
	must(t, err)
	if len(there.Buckets) != 2 || len(owner.remembered()) != 2 {
		t.Errorf("there are %v, remembered are %v", there.Buckets, owner.remembered())
	}
}
