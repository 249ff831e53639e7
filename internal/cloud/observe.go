package cloud

import (
	"context"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// ShareQuery is what has to be known to plan for a share.
type ShareQuery struct {
	Share    share.Share
	Previous *share.Share // nil for a Create or Delete
	Owner    plan.Owner
	// Expected says that the bucket is probably there, so that all of it is read at once instead of looking first.
	Expected bool
	// Contents asks whether the bucket holds objects.
	Contents bool
}

// ObserveShare reads everything that a plan for the share depends on, as much at a time as possible.
func (c *Cloud) ObserveShare(ctx context.Context, q ShareQuery) (plan.State, error) {
	var now plan.State
	var found *plan.Key
	g, gctx := together(ctx)
	g.Go(func() (err error) {
		now.Bucket, err = c.findBucket(gctx, q.Share.Bucket, q.Expected)
		return err
	})
	g.Go(func() (err error) {
		found, err = c.findKey(gctx, c.keyName(q.Share))
		return err
	})
	g.Go(func() (err error) {
		now.Identities, err = c.findIdentities(gctx, identitiesOf(q), q.Share.PolicyName())
		return err
	})
	if err := g.Wait(); err != nil {
		return now, err
	}
	if found == nil && q.Share.KeyARN == "" && now.Bucket != nil && !now.Bucket.Foreign {
		var err error
		if found, err = c.findKeyOfBucket(ctx, q, *now.Bucket); err != nil {
			return now, err
		}
	}
	now.Key = found
	return now, c.lookInside(ctx, q, &now)
}

// keyName is what KMS is asked for first: the declared key, or the alias.
func (c *Cloud) keyName(s share.Share) string {
	if s.KeyARN != "" {
		return s.KeyARN
	}
	return c.env.AliasARN(c.env.Account, s.Alias)
}

// findKeyOfBucket looks for a key that the alias does not lead to: the key that the bucket uses, or one that an earlier
// attempt created and did not live to give an alias.
func (c *Cloud) findKeyOfBucket(ctx context.Context, q ShareQuery, b plan.Bucket) (*plan.Key, error) {
	if arn := b.Encryption.KeyARN; isKeyOf(c.env, arn) {
		k, err := c.findKey(ctx, arn)
		if err != nil || k == nil {
			return nil, err
		}
		// Objects of an adopted bucket are under its key already: only with that key can consumers read them.
		if q.Share.Adopt && k.Manager != plan.KeyManagerAWS || q.Owner.OwnsKey(k, q.Share.Bucket) {
			return k, nil
		}
	}
	arn, err := c.findKeyByTags(ctx, q.Owner, q.Share.Bucket)
	if err != nil || arn == "" {
		return nil, err
	}
	return c.findKey(ctx, arn)
}

// lookInside asks whether the bucket holds objects where the plan depends on it: when the key would change, or when
// the caller wants to know.
func (c *Cloud) lookInside(ctx context.Context, q ShareQuery, now *plan.State) error {
	b := now.Bucket
	if b == nil || b.Foreign {
		return nil
	}
	keyChanges := q.Previous != nil && b.Encryption.KeyARN != "" && (now.Key == nil || b.Encryption.KeyARN != now.Key.ARN)
	if !q.Contents && !keyChanges {
		return nil
	}
	n, _, err := c.countObjects(ctx, q.Share.Bucket, 1)
	now.HoldsObjects = n > 0
	return err
}

func identitiesOf(q ShareQuery) []share.Identity {
	all := share.Identities(q.Share.Delegates)
	if q.Previous != nil {
		all = append(all, share.Identities(q.Previous.Delegates)...)
	}
	return all
}

// ReadBack reads what a share has set, in one round: the part of its state that grants and protects.
func (c *Cloud) ReadBack(ctx context.Context, bucket, keyARN string) (plan.State, error) {
	b, k := &plan.Bucket{}, &plan.Key{ARN: keyARN}
	g, gctx := together(ctx)
	g.Go(func() error { return c.readKeyPolicy(gctx, k) })
	for _, read := range []bucketReader{c.readPolicy, c.readEncryption, c.readPublicAccessBlock, c.readOwnership} {
		g.Go(func() error {
			_, err := read(gctx, bucket, b)
			return err
		})
	}
	return plan.State{Bucket: b, Key: k}, g.Wait()
}

// AccessQuery is what has to be known to plan for an access.
type AccessQuery struct {
	Access   share.Access
	Previous *share.Access // nil for a Create or Delete
	// WithoutKey leaves the key out: what is revoked or read back does not depend on it, and what is declared about it
	// may be wrong.
	WithoutKey bool
}

// ObserveAccess reads everything that a plan for an access depends on.
func (c *Cloud) ObserveAccess(ctx context.Context, q AccessQuery) (plan.AccessState, error) {
	var now plan.AccessState
	g, gctx := together(ctx)
	if !q.WithoutKey {
		g.Go(func() (err error) {
			now.Key, err = c.findForeignKey(gctx, q.Access)
			return err
		})
	}
	g.Go(func() (err error) {
		ids := share.Identities(q.Access.Grantees)
		if q.Previous != nil {
			ids = append(ids, share.Identities(q.Previous.Grantees)...)
		}
		now.Identities, err = c.findIdentities(gctx, ids, q.Access.PolicyName)
		return err
	})
	return now, g.Wait()
}
