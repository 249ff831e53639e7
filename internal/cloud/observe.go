package cloud

import (
	"context"
	"errors"
	"maps"
	"sync"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/policy"
)

// ObserveShare reads what is there, as far as a plan for want depends on it, as much at a time as possible. A part that
// cannot be read is one of State.Unread; an error is only that there was no time, or a panic.
func (c *Cloud) ObserveShare(ctx context.Context, want plan.Wanted) (plan.State, error) {
	o := &observation{Cloud: c}
	var now plan.State
	var g group
	g.Do(func() {
		now.Bucket = o.bucket(ctx, want)
	})
	g.Do(func() {
		now.Named = o.key(ctx, want.KeyName())
	})
	g.Do(func() {
		now.Identities = o.identities(ctx, want.Identities(), want.Share.PolicyName(), want.MustExist)
	})
	g.Do(func() {
		now.Remembered = o.remembered(ctx, want.Parameter())
	})
	g.Do(func() {
		now.Replaced = o.remembered(ctx, want.ReplacedParameter())
	})
	if name := want.FormerKey(); name != "" {
		g.Do(func() {
			now.Former = o.key(ctx, name)
		})
	}
	var tagged tagged
	if want.LooksForTagged(plan.State{}) {
		g.Do(func() {
			tagged = o.keysByTag(ctx, want)
		})
	}
	if want.Made != "" {
		g.Do(func() {
			now.Made = o.key(ctx, want.Made)
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return now, err
	}
	o.further(ctx, want, &now, tagged)
	now.Unread = o.unread
	return now, ctx.Err()
}

// further looks at what matters in view of what was found.
func (o *observation) further(ctx context.Context, want plan.Wanted, now *plan.State, tagged tagged) {
	maps.Copy(now.Identities, o.identities(ctx, want.Forgotten(*now), want.Share.PolicyName(), want.MustExist))
	if name := want.KeyOfBucket(*now); name != "" {
		now.OfBucket = o.key(ctx, name)
	}
	if want.LooksForTagged(*now) && !tagged.asked {
		tagged = o.keysByTag(ctx, want)
	}
	keys, unread := o.taggedKeys(ctx, tagged, *now)
	now.Tagged, unread = want.Tagged(*now, keys, unread)
	o.unread = append(o.unread, unread...)
	if want.NeedsContents(*now) {
		now.HoldsObjects = o.holdsObjects(ctx, want.Share.Bucket)
	}
	now.Quotas = o.quotas(ctx, want.Attaches(*now))
}

// ObserveAccess reads what is there, as far as a plan for want depends on it.
func (c *Cloud) ObserveAccess(ctx context.Context, want plan.WantedAccess) (plan.AccessState, error) {
	o := &observation{Cloud: c}
	var now plan.AccessState
	var g group
	if want.NeedsKey() {
		g.Do(func() {
			now.Key = o.foreignKey(ctx, want.Access)
		})
	}
	g.Do(func() {
		now.Identities = o.identities(ctx, want.Identities(), want.Access.PolicyName, want.MustExist)
	})
	g.Do(func() {
		now.Remembered = o.remembered(ctx, want.Parameter())
	})
	g.Do(func() {
		now.Replaced = o.remembered(ctx, want.ReplacedParameter())
	})
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return now, err
	}
	maps.Copy(now.Identities, o.identities(ctx, want.Forgotten(now), want.Access.PolicyName, want.MustExist))
	now.Quotas = o.quotas(ctx, want.Attaches(now))
	now.Unread = o.unread
	return now, ctx.Err()
}

// tagged are the ARNs of keys that tags lead to.
type tagged struct {
	asked bool
	arns  []string
	err   error
}

// observation is one look at what is there. It goes on when a part cannot be read, and remembers which.
type observation struct {
	*Cloud
	mu     sync.Mutex
	unread []plan.Unread
}

// failed remembers that a part could not be read.
func (o *observation) failed(err error, format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unread = append(o.unread, plan.Unread{
		Err: failed(err, format, args...), Denied: has(err, accessDenied, kmsAccessDenied),
	})
}

// document is a policy as it is stored. One that is no JSON is a part that could not be read.
func (o *observation) document(text, format string, args ...any) policy.Stored {
	d, err := policy.ReadStored(text)
	if err != nil {
		o.failed(err, format, args...)
	}
	return d
}
