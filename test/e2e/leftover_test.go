package e2e

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// replaced is a real stack whose share was to be replaced. The stack went back, and the new bucket could not be
// deleted: CloudFormation has forgotten it.
type replaced struct {
	*account
	client        *cloudformation.Client
	before, after string // buckets
}

func (r replaced) body(bucket, revision string, more bool) *string {
	resources := map[string]any{"Share": map[string]any{"Type": share.BucketType, "Properties": map[string]any{
		"ServiceToken": r.provider.ARN, "BucketName": bucket, "RemovalPolicy": "Delete", "Revision": revision,
	}}}
	if more { // what cannot be, and comes after the share
		resources["Broken"] = map[string]any{"Type": share.BucketType, "DependsOn": "Share", "Properties": map[string]any{
			"ServiceToken": r.provider.ARN, "BucketName": "No_Bucket",
		}}
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	must(r.t, err)
	return ptr(string(text))
}

// update updates the stack and returns its status.
func (r replaced) update(body *string) string {
	r.t.Helper()
	_, err := r.client.UpdateStack(r.t.Context(), &cloudformation.UpdateStackInput{
		StackName: ptr("replaced"), TemplateBody: body,
	})
	must(r.t, err)
	out, err := r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: ptr("replaced")})
	must(r.t, err)
	return string(out.Stacks[0].StackStatus)
}

func newReplaced(t *testing.T) replaced {
	t.Helper()
	owner := newAccount(t)
	r := replaced{owner, cloudformation.NewFromConfig(owner.Config()), newBucket(), newBucket()}
	_, err := r.client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("replaced"), TemplateBody: r.body(r.before, "", false),
	})
	must(t, err)
	roles := iam.NewFromConfig(owner.Config())
	deny := local.Document(map[string]any{
		"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::" + r.after,
	})
	_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("deny"), PolicyDocument: &deny,
	})
	must(t, err)
	if status := r.update(r.body(r.after, "", true)); status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("the stack is %s: %v", status, failures(t, owner.Account, "replaced"))
	}
	_, err = roles.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("deny"),
	})
	must(t, err)
	r.wantBuckets(r.before, r.after)
	return r
}

func (r replaced) wantBuckets(buckets ...string) {
	r.t.Helper()
	there, err := r.Inventory(r.t.Context())
	must(r.t, err)
	slices.Sort(there.Buckets)
	slices.Sort(buckets)
	if !slices.Equal(there.Buckets, buckets) || len(r.remembered()) != len(buckets) {
		r.t.Errorf("there are the buckets %v, not %v; remembered is %v", there.Buckets, buckets, r.remembered())
	}
}

// What CloudFormation has forgotten is listed, and goes with the next event of the resource that the stack has.
func TestReplacementThatIsLeftOver(t *testing.T) {
	t.Parallel()
	t.Run("an Update", func(t *testing.T) {
		r := newReplaced(t)
		program, err := local.BuildAuthorizer(t.Context(), t.TempDir())
		must(t, err)
		list := exec.CommandContext(t.Context(), program, "list")
		list.Env = r.Admin.Environment()
		out, err := list.CombinedOutput()
		want := r.after + " is left over: an update of replaced/Share was to put it in the place of " + r.before
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %s", err, out)
		}
		if status := r.update(r.body(r.before, "another", false)); status != "UPDATE_COMPLETE" {
			t.Fatalf("the stack is %s: %v", status, failures(t, r.Account, "replaced"))
		}
		r.wantBuckets(r.before)
	})
	t.Run("the Delete", func(t *testing.T) {
		r := newReplaced(t)
		_, err := r.client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: ptr("replaced")})
		must(t, err)
		r.wantBuckets()
	})
}
