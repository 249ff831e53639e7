package cloud

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// atOnce is how many identities are read at the same time: IAM throttles far below S3 and KMS.
const atOnce = 8

// identities reads each identity. One that must exist may be so new that IAM does not know it everywhere.
func (o *observation) identities(
	ctx context.Context, ids []share.Identity, policyName string, mustExist func(share.Identity) bool,
) map[share.Identity]plan.IdentityState {
	states := make([]plan.IdentityState, len(ids))
	var managed map[share.Identity]*plan.ManagedPolicy
	var g group
	g.SetLimit(atOnce)
	g.Do(func() { managed = o.managedPolicies(ctx, ids, policyName, mustExist) })
	for i, id := range ids {
		g.Do(func() { states[i] = o.identity(ctx, id, policyName, mustExist(id)) })
	}
	g.done()
	all := map[share.Identity]plan.IdentityState{}
	for i, id := range ids {
		states[i].Managed = managed[id]
		all[id] = states[i]
	}
	return all
}

// identity reads the inline policies of an identity: the one under policyName, and all others.
//
// Of one who only loses access, one stale answer must not leave a policy behind: he, or his policy, is gone when two
// different questions say so. They are not waited for: whoever takes access away must not be held up by those who left.
func (o *observation) identity(
	ctx context.Context, id share.Identity, policyName string, mustExist bool,
) plan.IdentityState {
	names, err := o.inlineNames(ctx, id, mustExist)
	gone := has(err, noSuchEntity)
	switch {
	case gone && mustExist:
		return plan.IdentityState{}
	case err != nil && !gone:
		o.failed(err, "listing the inline policies of %s", id)
		return plan.IdentityState{Exists: true}
	}
	listed := slices.Contains(names, policyName)
	if !listed && !mustExist {
		names = append(names, policyName)
	}
	documents := o.inlineDocuments(ctx, id, names)
	if document, read := documents[policyName]; listed && read && document == "" && sleep(ctx, firstPause) {
		maps.Copy(documents, o.inlineDocuments(ctx, id, []string{policyName}))
	}
	state := plan.IdentityState{Exists: !gone || documents[policyName] != "", Others: documents}
	state.Policy = o.document(documents[policyName], "reading inline policy %s of %s", policyName, id)
	maps.DeleteFunc(documents, func(name, document string) bool { return name == policyName || document == "" })
	return state
}

// inlineNames are the names of all inline policies of an identity, which may be new if it must exist.
func (o *observation) inlineNames(ctx context.Context, id share.Identity, mustExist bool) (names []string, err error) {
	list := func(ctx context.Context) (err error) {
		names, err = o.listInline(ctx, id)
		return err
	}
	if mustExist {
		err = o.late(newIdentity).wait(ctx, list)
	} else {
		err = list(ctx)
	}
	return names, err
}

// inlineDocuments reads the named inline policies at the same time. One that is gone is "", one that could not be read
// is left out.
func (o *observation) inlineDocuments(ctx context.Context, id share.Identity, names []string) map[string]string {
	all := map[string]string{}
	var mu sync.Mutex
	var g group
	for _, name := range names {
		g.Do(func() {
			document, err := o.readInline(ctx, id, name)
			if err != nil {
				o.failed(err, "reading inline policy %s of %s", name, id)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			all[name] = document
		})
	}
	g.done()
	return all
}

// listInline are the names of all inline policies. NoSuchEntity means that the identity does not exist.
func (c *Cloud) listInline(ctx context.Context, id share.Identity) (names []string, err error) {
	name := &id.Name
	switch id.Kind {
	case share.User:
		p := iam.NewListUserPoliciesPaginator(c.iam, &iam.ListUserPoliciesInput{UserName: name})
		return collect(ctx, p, func(out *iam.ListUserPoliciesOutput) []string { return out.PolicyNames })
	case share.Role:
		p := iam.NewListRolePoliciesPaginator(c.iam, &iam.ListRolePoliciesInput{RoleName: name})
		return collect(ctx, p, func(out *iam.ListRolePoliciesOutput) []string { return out.PolicyNames })
	case share.Group:
		p := iam.NewListGroupPoliciesPaginator(c.iam, &iam.ListGroupPoliciesInput{GroupName: name})
		return collect(ctx, p, func(out *iam.ListGroupPoliciesOutput) []string { return out.PolicyNames })
	}
	return nil, nil
}

// readInline is the document of an inline policy, "" when it is gone. IAM answers with a URL-encoded document.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html
func (c *Cloud) readInline(ctx context.Context, id share.Identity, name string) (string, error) {
	var encoded *string
	var err error
	switch id.Kind {
	case share.User:
		var out *iam.GetUserPolicyOutput
		if out, err = c.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &id.Name, PolicyName: &name}); err == nil {
			encoded = out.PolicyDocument
		}
	case share.Role:
		var out *iam.GetRolePolicyOutput
		if out, err = c.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &id.Name, PolicyName: &name}); err == nil {
			encoded = out.PolicyDocument
		}
	case share.Group:
		var out *iam.GetGroupPolicyOutput
		if out, err = c.iam.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &id.Name, PolicyName: &name}); err ==
			nil {
			encoded = out.PolicyDocument
		}
	}
	if has(err, noSuchEntity) {
		return "", nil
	}
	if err != nil {
		return "", failed(err, "reading inline policy %s of %s", name, id)
	}
	document, err := url.PathUnescape(aws.ToString(encoded))
	return document, failed(err, "decoding inline policy %s of %s", name, id)
}
