package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/outlook"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/render"
	"example.com/sharedbucket/internal/share"
)

// accountPlan is what is to be done in one account.
type accountPlan struct {
	Account string
	Steps   plan.Plan
}

// steps are the plans of all accounts that there are credentials for, the owner's first, and whether the bucket is
// there.
func steps(
	ctx context.Context, configs map[string]aws.Config, ends render.Ends, world proof.World,
) (all []accountPlan, there bool, err error) {
	s := ends.Share
	if c, known := configs[s.Env.Account]; known {
		var owner plan.Plan
		if owner, there, err = ownerSteps(ctx, cloud.New(c, s.Env), s, world); err != nil {
			return nil, there, fmt.Errorf("planning in account %s: %w", s.Env.Account, err)
		}
		all = append(all, accountPlan{s.Env.Account, owner})
	}
	for _, a := range ends.Sides {
		c, known := configs[a.Env.Account]
		if !known {
			continue
		}
		consumer, err := consumerSteps(ctx, cloud.New(c, a.Env), a, world)
		if err != nil {
			return nil, there, fmt.Errorf("planning in account %s: %w", a.Env.Account, err)
		}
		all = append(all, accountPlan{a.Env.Account, consumer})
	}
	return all, there, nil
}

// ownerSteps plans for whichever stack has the bucket: the command acts for none.
func ownerSteps(ctx context.Context, c *cloud.Cloud, s share.Share, w proof.World) (plan.Plan, bool, error) {
	wanted := plan.Wanted{Share: s, Limits: share.Limits{KeyArns: []string{"*"}}} // the provider's are not known here
	now, err := c.ObserveShare(ctx, wanted)
	if err != nil {
		return nil, false, err
	}
	if b := now.Bucket; b != nil && plan.Owned(b.Tags) {
		wanted.Owner = plan.Owner{StackID: b.Tags[plan.TagStackID], LogicalID: b.Tags[plan.TagLogicalID]}
		before := s
		holders, _ := outlook.Holders(w, s.Env.Account, s.PolicyName(), s.Env.BucketARN(s.Bucket))
		before.Delegates = withHolders(s.Delegates, holders)
		wanted.Previous = &before
		if now, err = c.ObserveShare(ctx, wanted); err != nil {
			return nil, true, err
		}
	}
	steps, err := plan.ForShare(wanted, now)
	return steps, now.Bucket != nil, err
}

func consumerSteps(ctx context.Context, c *cloud.Cloud, a share.Access, w proof.World) (plan.Plan, error) {
	before := a
	holders, mark := outlook.Holders(w, a.Env.Account, a.PolicyName, a.Env.BucketARN(a.Bucket))
	before.Grantees = withHolders(a.Grantees, holders)
	wanted := plan.WantedAccess{Access: a, Previous: &before, Mark: mark}
	now, err := c.ObserveAccess(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return plan.ForAccess(wanted, now)
}

// withHolders are grantees and those who still hold a policy of an earlier declaration.
func withHolders(grantees []share.Grantee, holders []share.Identity) []share.Grantee {
	all := append([]share.Grantee{}, grantees...)
	for _, id := range holders {
		all = append(all, share.Grantee{Identity: id, Scope: share.Scope{Level: share.Read}})
	}
	return all
}
