package cloud

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// managedPolicies are the managed policies that were made for identities, attached or not. One call lists all that
// there are below the path, so a share without any costs no more than that.
//
// As with inline policies, that of one who only loses access is asked for by itself too: one stale answer must not
// leave it behind.
func (o *observation) managedPolicies(
	ctx context.Context, ids []share.Identity, policyName string, mustExist func(share.Identity) bool,
) map[share.Identity]*plan.ManagedPolicy {
	if len(ids) == 0 {
		return nil
	}
	var mu sync.Mutex
	versions := map[string]string{} // of policies that there are, the default one
	add := func(p *types.Policy) {
		mu.Lock()
		defer mu.Unlock()
		versions[aws.ToString(p.Arn)] = aws.ToString(p.DefaultVersionId)
	}
	var g group
	g.SetLimit(atOnce)
	g.Do(func() { o.listManaged(ctx, add) })
	for _, id := range ids {
		if !mustExist(id) {
			g.Do(func() { o.findManaged(ctx, document.ManagedPolicyARN(o.env, policyName, id), add) })
		}
	}
	g.done()
	found := make([]*plan.ManagedPolicy, len(ids))
	sideBySide(len(ids), func(i int) {
		arn := document.ManagedPolicyARN(o.env, policyName, ids[i])
		if version, there := versions[arn]; there {
			found[i] = o.managed(ctx, arn, version, ids[i])
		}
	})
	all := map[share.Identity]*plan.ManagedPolicy{}
	for i, id := range ids {
		all[id] = found[i]
	}
	return all
}

func (o *observation) listManaged(ctx context.Context, add func(*types.Policy)) {
	p := iam.NewListPoliciesPaginator(o.iam, &iam.ListPoliciesInput{
		PathPrefix: aws.String(share.PolicyPath), Scope: types.PolicyScopeTypeLocal,
	})
	all, err := collect(ctx, p, func(out *iam.ListPoliciesOutput) []types.Policy { return out.Policies })
	for _, one := range all {
		add(&one)
	}
	if err != nil {
		o.failed(err, "listing the managed policies below %s", share.PolicyPath)
	}
}

func (o *observation) findManaged(ctx context.Context, arn string, add func(*types.Policy)) {
	out, err := o.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	switch {
	case has(err, noSuchEntity):
	case err != nil:
		o.failed(err, "looking for the managed policy %s", arn)
	default:
		add(out.Policy)
	}
}

// managed reads a managed policy that is there, nil when a part of it cannot be read or it went in the meantime.
func (o *observation) managed(ctx context.Context, arn, version string, id share.Identity) *plan.ManagedPolicy {
	m := &plan.ManagedPolicy{Version: version}
	parts := []func() error{
		func() error {
			out, err := o.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: &version})
			if err == nil {
				m.Policy = o.document(decoded(out.PolicyVersion.Document), "reading the managed policy %s", arn)
			}
			return err
		},
		func() error { return o.policyVersions(ctx, arn, m) },
		func() error { return o.policyTags(ctx, arn, m) },
		func() error { return o.policyAttachments(ctx, arn, id, m) },
	}
	var g group
	for _, part := range parts {
		g.Go(part)
	}
	if err := g.Wait(); err != nil {
		o.failed(err, "reading the managed policy %s", arn)
		return nil
	}
	return m
}

func (o *observation) policyVersions(ctx context.Context, arn string, m *plan.ManagedPolicy) error {
	p := iam.NewListPolicyVersionsPaginator(o.iam, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	all, err := collect(ctx, p, func(out *iam.ListPolicyVersionsOutput) []types.PolicyVersion { return out.Versions })
	for _, v := range all {
		if id := aws.ToString(v.VersionId); id != m.Version {
			m.Older = append(m.Older, id)
		}
	}
	return err
}

func (o *observation) policyTags(ctx context.Context, arn string, m *plan.ManagedPolicy) error {
	p := iam.NewListPolicyTagsPaginator(o.iam, &iam.ListPolicyTagsInput{PolicyArn: &arn})
	all, err := collect(ctx, p, func(out *iam.ListPolicyTagsOutput) []types.Tag { return out.Tags })
	m.Tags = tagsOf(all)
	return err
}

func (o *observation) policyAttachments(
	ctx context.Context, arn string, id share.Identity, m *plan.ManagedPolicy,
) error {
	add := func(kind share.IdentityKind, name *string) {
		if to := (share.Identity{Kind: kind, Name: aws.ToString(name)}); to == id {
			m.Attached = true
		} else {
			m.AttachedTo = append(m.AttachedTo, to)
		}
	}
	pages := iam.NewListEntitiesForPolicyPaginator(o.iam, &iam.ListEntitiesForPolicyInput{
		PolicyArn: &arn, PolicyUsageFilter: types.PolicyUsageTypePermissionsPolicy,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, u := range page.PolicyUsers {
			add(share.User, u.UserName)
		}
		for _, r := range page.PolicyRoles {
			add(share.Role, r.RoleName)
		}
		for _, g := range page.PolicyGroups {
			add(share.Group, g.GroupName)
		}
	}
	return nil
}

// quotas are those that new managed policies meet, nil when nobody gets one.
func (o *observation) quotas(ctx context.Context, ids []share.Identity) *plan.Quotas {
	if len(ids) == 0 {
		return nil
	}
	q := &plan.Quotas{Attached: map[share.Identity]int{}, AttachedLimit: map[share.IdentityKind]int{}}
	attached := make([]int, len(ids))
	var g group
	g.SetLimit(atOnce)
	g.Go(func() error {
		out, err := o.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
		if err != nil {
			return failed(err, "reading IAM's quotas")
		}
		q.Policies = int(out.SummaryMap["Policies"])
		q.PoliciesLimit = int(out.SummaryMap["PoliciesQuota"])
		for kind, name := range map[share.IdentityKind]string{share.User: "AttachedPoliciesPerUserQuota",
			share.Role: "AttachedPoliciesPerRoleQuota", share.Group: "AttachedPoliciesPerGroupQuota"} {
			q.AttachedLimit[kind] = int(out.SummaryMap[name])
		}
		return nil
	})
	for i, id := range ids {
		g.Go(func() error {
			policies, err := o.listAttached(ctx, id)
			attached[i] = len(policies)
			return failed(err, "listing the managed policies of %s", id)
		})
	}
	if err := g.Wait(); err != nil {
		o.failed(err, "reading IAM's quotas")
		return nil
	}
	for i, id := range ids {
		q.Attached[id] = attached[i]
	}
	return q
}

// listAttached are the managed policies of an identity, whosever they are.
func (c *Cloud) listAttached(ctx context.Context, id share.Identity) ([]types.AttachedPolicy, error) {
	type attached = []types.AttachedPolicy
	name := &id.Name
	switch id.Kind {
	case share.User:
		p := iam.NewListAttachedUserPoliciesPaginator(c.iam, &iam.ListAttachedUserPoliciesInput{UserName: name})
		return collect(ctx, p, func(out *iam.ListAttachedUserPoliciesOutput) attached { return out.AttachedPolicies })
	case share.Role:
		p := iam.NewListAttachedRolePoliciesPaginator(c.iam, &iam.ListAttachedRolePoliciesInput{RoleName: name})
		return collect(ctx, p, func(out *iam.ListAttachedRolePoliciesOutput) attached { return out.AttachedPolicies })
	case share.Group:
		p := iam.NewListAttachedGroupPoliciesPaginator(c.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: name})
		return collect(ctx, p, func(out *iam.ListAttachedGroupPoliciesOutput) attached { return out.AttachedPolicies })
	}
	return nil, nil
}
