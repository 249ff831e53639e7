package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/internal/share"
)

// Everything is deployed as it should be, and does not work: somebody else's boundary is in the way. The share says so
// instead of the first user.
func TestShareThatABoundaryKeepsFromWorking(t *testing.T) {
	owner := newAccount(t)
	p := three(t, owner)
	iams, ctx := iam.NewFromConfig(owner.Config()), t.Context()
	boundary, err := iams.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: ptr("only-listing"), PolicyDocument: ptr(
		`{"Version":"2012-10-17","Statement":[{"Sid":"List","Effect":"Allow","Action":"s3:List*","Resource":"*"}]}`)})
	must(t, err)
	_, err = iams.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
		UserName: ptr("ann"), PermissionsBoundary: boundary.Policy.Arn,
	})
	must(t, err)
	s := owner.newStack(share.BucketType)
	failedWith(t, s.create(p), "user/ann of "+owner.ID+" cannot", "GetObject", "boundary")
	succeeded(t, s.remove())
	owner.wantNoTrace(p)

	_, err = iams.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
		UserName: ptr("ann"), PermissionsBoundary: ptr("arn:aws:iam::aws:policy/AdministratorAccess"),
	})
	must(t, err)
	again := owner.newStack(share.BucketType)
	if answer := succeeded(t, again.create(p)); answer.Data["Verified"] != "true" {
		t.Errorf("Verified is %v", answer.Data["Verified"])
	}
}

// A denial that reaches a delegate through a group, by an attached policy, is found too.
func TestGroupThatDeniesADelegate(t *testing.T) {
	owner := newAccount(t)
	p := three(t, owner)
	iams, ctx := iam.NewFromConfig(owner.Config()), t.Context()
	denial, err := iams.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: ptr("no-writing"), PolicyDocument: ptr(
		`{"Version":"2012-10-17","Statement":[{"Sid":"NoWriting","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`)})
	must(t, err)
	must(t, owner.CreateGroup(ctx, "readers", "", "ann"))
	_, err = iams.AttachGroupPolicy(ctx,
		&iam.AttachGroupPolicyInput{GroupName: ptr("readers"), PolicyArn: denial.Policy.Arn})
	must(t, err)
	s := owner.newStack(share.BucketType)
	answer := s.create(p)
	failedWith(t, answer, "user/ann of "+owner.ID+" cannot", "PutObject", "NoWriting")
	if strings.Contains(answer.Reason, "GetObject ") {
		t.Errorf("reading works: %s", answer.Reason)
	}
}
