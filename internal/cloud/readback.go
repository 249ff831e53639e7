package cloud

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// ReadBack is what a proof needs after the steps that led to a state, in one reading: what lets somebody in and what
// protects the bucket, and the inline policies that steps wrote, as they are there now; all else is as in after. The
// World has what further decides what the delegates can do. Without steps, after itself is what was observed.
func (c *Cloud) ReadBack(
	ctx context.Context, want plan.Wanted, after plan.State, steps plan.Plan,
) (plan.State, proof.World, error) {
	o := &observation{Cloud: c}
	s := &surroundings{Survey: c.survey(), cloud: c}
	seen := after
	seen.Identities = maps.Clone(after.Identities)
	var g group
	g.Do(func() { s.read(ctx, share.Identities(want.Share.Delegates)) })
	if len(steps) > 0 {
		o.settings(ctx, &g, want, &seen)
	}
	o.written(ctx, &g, steps, seen.Identities)
	err := g.Wait()
	seen.Unread = o.unread
	return seen, s.world, err
}

// ReadBackAccess is to an access what ReadBack is to a share. The owner's key stays as it was seen: the owner's side
// may be deployed at this moment.
func (c *Cloud) ReadBackAccess(
	ctx context.Context, want plan.WantedAccess, after plan.AccessState, steps plan.Plan,
) (plan.AccessState, proof.World, error) {
	o := &observation{Cloud: c}
	s := &surroundings{Survey: c.survey(), cloud: c}
	seen := after
	seen.Identities = maps.Clone(after.Identities)
	var g group
	g.Do(func() { s.read(ctx, share.Identities(want.Access.Grantees)) })
	o.written(ctx, &g, steps, seen.Identities)
	err := g.Wait()
	seen.Unread = o.unread
	return seen, s.world, err
}

// Documents are the policies of buckets and keys that steps wrote, as they are there now; what is gone has none.
func (c *Cloud) Documents(ctx context.Context, steps []plan.Step) ([]policy.Stored, error) {
	all := make([]policy.Stored, len(steps))
	var g group
	for i, s := range steps {
		g.Go(func() error {
			if s.Operation == plan.PutKeyPolicy {
				k := plan.Key{ARN: s.Resource}
				err := c.keyPolicy(ctx, &k)
				all[i] = k.Policy
				return ignore(err, kmsNotFound)
			}
			var b plan.Bucket
			_, err := c.readPolicy(ctx, s.Resource, &b)
			all[i] = b.Policy
			return ignore(err, noSuchBucket)
		})
	}
	return all, g.Wait()
}

// settings reads the key policy and the bucket again.
func (o *observation) settings(ctx context.Context, g *group, want plan.Wanted, seen *plan.State) {
	if k := want.Key(*seen); k != nil {
		again := *k
		seen.Named = &again
		g.Go(func() error { return o.keyPolicy(ctx, &again) })
	}
	if seen.Bucket == nil {
		return
	}
	again := *seen.Bucket
	seen.Bucket = &again
	for _, read := range append(o.protection(), o.readPolicy, o.readEncryption) {
		g.Go(func() error {
			there, err := read(ctx, want.Share.Bucket, &again)
			if err == nil && !there {
				err = fmt.Errorf("bucket %s is not there when read back", want.Share.Bucket)
			}
			return err
		})
	}
}

// written reads the policies of identities that steps wrote or took away, into their states.
func (o *observation) written(
	ctx context.Context, g *group, steps plan.Plan, states map[share.Identity]plan.IdentityState,
) {
	for _, p := range steps.Policies() {
		g.Go(func() error {
			read := o.inlineAgain
			if p.ARN != "" {
				read = o.managedAgain
			}
			set, err := read(ctx, p)
			if err != nil {
				return err
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			state := states[p.Of]
			set(&state)
			states[p.Of] = state
			return nil
		})
	}
}

func (o *observation) inlineAgain(ctx context.Context, p plan.IdentityPolicy) (func(*plan.IdentityState), error) {
	text, err := o.readInline(ctx, p.Of, p.Name)
	if err != nil {
		return nil, err
	}
	document := o.document(text, "reading inline policy %s of %s", p.Name, p.Of)
	return func(s *plan.IdentityState) { s.Policy = document }, nil
}

func (o *observation) managedAgain(ctx context.Context, p plan.IdentityPolicy) (func(*plan.IdentityState), error) {
	var m *plan.ManagedPolicy
	o.findManaged(ctx, p.ARN, func(there *types.Policy) {
		m = o.managed(ctx, p.ARN, aws.ToString(there.DefaultVersionId), p.Of)
	})
	return func(s *plan.IdentityState) { s.Managed = m }, nil
}
