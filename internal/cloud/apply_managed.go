package cloud

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// createPolicy makes a managed policy. Its name must be unique within the account, whatever the paths are.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
func (a *application) createPolicy(ctx context.Context, s plan.Step) error {
	in := &iam.CreatePolicyInput{
		PolicyName: &s.PolicyName, Path: aws.String(share.PolicyPath), PolicyDocument: aws.String(s.After.Text()),
		Description: aws.String("what a SharedBucket lets " + s.Identity.String() + " do"),
	}
	for _, k := range slices.Sorted(maps.Keys(s.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(s.Tags[k])})
	}
	_, err := a.iam.CreatePolicy(ctx, in)
	return because(err, entityAlreadyExists, "the same event delivered twice, or a policy of that name under another path",
		"%s %s", s.Operation, s.Resource)
}

func (a *application) createPolicyVersion(ctx context.Context, s plan.Step) error {
	return a.late(newIdentity).wait(ctx, func(ctx context.Context) error {
		_, err := a.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
			PolicyArn: &s.PolicyARN, PolicyDocument: aws.String(s.After.Text()), SetAsDefault: true,
		})
		return err
	})
}

func (a *application) attachPolicy(ctx context.Context, s plan.Step) error {
	name, arn := &s.From.Name, &s.PolicyARN
	return a.late(newIdentity).wait(ctx, func(ctx context.Context) (err error) {
		switch s.From.Kind {
		case share.User:
			_, err = a.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn})
		case share.Role:
			_, err = a.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
		case share.Group:
			_, err = a.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		}
		return err
	})
}

// detachPolicy is done already when identity, policy or attachment are gone.
func (a *application) detachPolicy(ctx context.Context, s plan.Step) (err error) {
	a.untilReplaced(ctx, s)
	name, arn := &s.From.Name, &s.PolicyARN
	switch s.From.Kind {
	case share.User:
		_, err = a.iam.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: arn})
	case share.Role:
		_, err = a.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
	case share.Group:
		_, err = a.iam.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: arn})
	}
	return ignore(err, noSuchEntity)
}

func (a *application) deletePolicyVersion(ctx context.Context, s plan.Step) error {
	_, err := a.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &s.PolicyARN, VersionId: &s.Value})
	return ignore(err, noSuchEntity)
}

// deletePolicy is done already when the policy is gone. It may look attached for a moment after it was detached.
func (a *application) deletePolicy(ctx context.Context, s plan.Step) error {
	err := a.late(detachedPolicy).wait(ctx, func(ctx context.Context) error {
		_, err := a.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &s.PolicyARN})
		return err
	})
	return ignore(err, noSuchEntity)
}

// untilReplaced waits before something goes whose replacement came a moment ago. IAM says of both that they are done
// long before they count everywhere, and in no order.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func (a *application) untilReplaced(ctx context.Context, s plan.Step) {
	if s.Replaced && !a.emulated {
		sleep(ctx, replacement)
	}
}
