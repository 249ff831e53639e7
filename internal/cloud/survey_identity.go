package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// perPage is the largest page of GetAccountAuthorizationDetails.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
const perPage = 1000

// Identities reads every user, role and group of the account with every policy that applies to them, in bulk: a call
// for a thousand of them, and one for each managed policy that the answer leaves out.
func (s *Survey) Identities(ctx context.Context) ([]proof.Principal, []proof.Unread) {
	d := details{
		survey: s, managed: map[string]proof.Document{}, boundaries: map[string]proof.Document{},
		missing: map[string]error{}, groups: map[string][]proof.Document{},
	}
	var users []types.UserDetail
	var roles []types.RoleDetail
	var groups []types.GroupDetail
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(s.iam, &iam.GetAccountAuthorizationDetailsInput{
		MaxItems: aws.Int32(perPage),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, []proof.Unread{unread(proof.Identities, s.env.Account, err)}
		}
		users, roles = append(users, page.UserDetailList...), append(roles, page.RoleDetailList...)
		groups = append(groups, page.GroupDetailList...)
		for _, p := range page.Policies {
			d.keep(p)
		}
	}
	for _, g := range groups {
		d.group(ctx, g)
	}
	for _, u := range users {
		d.user(ctx, u)
	}
	for _, r := range roles {
		d.role(ctx, r)
	}
	return d.principals, d.unread
}

// details are an account's identities on their way into a proof.
type details struct {
	survey     *Survey
	managed    map[string]proof.Document // by ARN
	boundaries map[string]proof.Document // those of them that are boundaries
	missing    map[string]error          // managed policies that could not be read
	groups     map[string][]proof.Document
	principals []proof.Principal
	unread     []proof.Unread
}

func (d *details) keep(p types.ManagedPolicyDetail) {
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion {
			d.managed[aws.ToString(p.Arn)] = managedDocument(p.PolicyName, v.Document)
		}
	}
}

// policy is a managed policy's document. Whether the answer holds policies of AWS that serve as boundaries only is not
// documented, so what is not in it is asked for.
func (d *details) policy(ctx context.Context, arn, principal string) *proof.Document {
	if p, there := d.managed[arn]; there {
		return &p
	}
	err, known := d.missing[arn]
	if !known {
		var p proof.Document
		if p, err = d.survey.managedPolicy(ctx, arn); err == nil {
			d.managed[arn] = p
			return &p
		}
		d.missing[arn] = err
	}
	u := unread(proof.IdentityPolicies, d.survey.env.Account, err)
	u.ARN, u.Why = principal, arn+": "+u.Why
	d.unread = append(d.unread, u)
	return nil
}

func (s *Survey) managedPolicy(ctx context.Context, arn string) (proof.Document, error) {
	p, err := s.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return proof.Document{}, err
	}
	v, err := s.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: &arn, VersionId: p.Policy.DefaultVersionId,
	})
	if err != nil {
		return proof.Document{}, err
	}
	return managedDocument(p.Policy.PolicyName, v.PolicyVersion.Document), nil
}

func managedDocument(name, text *string) proof.Document {
	return proof.NewDocument(aws.ToString(name), decoded(text), grammar.Identity)
}

func inline(id share.Identity, policies []types.PolicyDetail) []proof.Document {
	var all []proof.Document
	for _, p := range policies {
		all = append(all, proof.Inline(id, aws.ToString(p.PolicyName), decoded(p.PolicyDocument)))
	}
	return all
}

func (d *details) attached(ctx context.Context, policies []types.AttachedPolicy, principal string) []proof.Document {
	var all []proof.Document
	for _, p := range policies {
		if document := d.policy(ctx, aws.ToString(p.PolicyArn), principal); document != nil {
			all = append(all, *document)
		}
	}
	return all
}

func (d *details) boundary(
	ctx context.Context, b *types.AttachedPermissionsBoundary, principal string,
) *proof.Document {
	if b == nil || aws.ToString(b.PermissionsBoundaryArn) == "" {
		return nil
	}
	arn := aws.ToString(b.PermissionsBoundaryArn)
	known, is := d.boundaries[arn]
	if !is {
		p := d.policy(ctx, arn, principal)
		if p == nil {
			return nil
		}
		known = p.AsBoundary()
		d.boundaries[arn] = known
	}
	return &known
}

func (d *details) group(ctx context.Context, g types.GroupDetail) {
	name, arn := aws.ToString(g.GroupName), aws.ToString(g.Arn)
	id := share.Identity{Kind: share.Group, Name: name}
	policies := append(inline(id, g.GroupPolicyList), d.attached(ctx, g.AttachedManagedPolicies, arn)...)
	d.groups[name] = policies
	d.principals = append(d.principals, proof.Principal{
		ARN: arn, Account: d.survey.env.Account, Type: proof.GroupType, Policies: policies,
	})
}

func (d *details) user(ctx context.Context, u types.UserDetail) {
	arn := aws.ToString(u.Arn)
	p := proof.Principal{
		ARN: arn, Account: d.survey.env.Account, Type: evaluator.User, UserID: aws.ToString(u.UserId),
		Tags: tagsOf(u.Tags), Groups: u.GroupList, Boundary: d.boundary(ctx, u.PermissionsBoundary, arn),
	}
	id := share.Identity{Kind: share.User, Name: aws.ToString(u.UserName)}
	p.Policies = append(inline(id, u.UserPolicyList), d.attached(ctx, u.AttachedManagedPolicies, arn)...)
	for _, g := range u.GroupList {
		p.Policies = append(p.Policies, d.groups[g]...)
	}
	d.principals = append(d.principals, p)
}

func (d *details) role(ctx context.Context, r types.RoleDetail) {
	arn := aws.ToString(r.Arn)
	p := proof.Principal{
		ARN: arn, Account: d.survey.env.Account, Type: evaluator.Role, UserID: aws.ToString(r.RoleId),
		Tags: tagsOf(r.Tags), Boundary: d.boundary(ctx, r.PermissionsBoundary, arn),
	}
	id := share.Identity{Kind: share.Role, Name: aws.ToString(r.RoleName)}
	p.Policies = append(inline(id, r.RolePolicyList), d.attached(ctx, r.AttachedManagedPolicies, arn)...)
	d.principals = append(d.principals, p)
}

func tagsOf(tags []types.Tag) map[string]string {
	all := map[string]string{}
	for _, t := range tags {
		all[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return all
}
