package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

func (a *application) putInline(ctx context.Context, s plan.Step) error {
	name, document := &s.Identity.Name, s.After.Text()
	return a.late(newIdentity).wait(ctx, func(ctx context.Context) (err error) {
		switch s.Identity.Kind {
		case share.User:
			_, err = a.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: name, PolicyName: &s.PolicyName, PolicyDocument: &document,
			})
		case share.Role:
			_, err = a.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: name, PolicyName: &s.PolicyName, PolicyDocument: &document,
			})
		case share.Group:
			_, err = a.iam.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
				GroupName: name, PolicyName: &s.PolicyName, PolicyDocument: &document,
			})
		}
		return err
	})
}

// deleteInline is done already when identity or policy are gone.
func (a *application) deleteInline(ctx context.Context, s plan.Step) (err error) {
	a.untilReplaced(ctx, s)
	name := &s.Identity.Name
	switch s.Identity.Kind {
	case share.User:
		_, err = a.iam.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: &s.PolicyName})
	case share.Role:
		_, err = a.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: &s.PolicyName})
	case share.Group:
		_, err = a.iam.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: name, PolicyName: &s.PolicyName})
	}
	return ignore(err, noSuchEntity)
}
