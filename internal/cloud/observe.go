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
	l := &look{Cloud: c}
	var now plan.State
	var g group
	g.Do(func() {
		now.Bucket = l.bucket(ctx, want)
	})
	g.Do(func() {
		now.Named = l.key(ctx, want.KeyName())
	})
	g.Do(func() {
		now.Identities = l.identities(ctx, want.Identities(), want.Share.PolicyName(), want.MustExist)
	})
	g.Do(func() {
		now.Remembered = l.remembered(ctx, want.Parameter())
	})
	if name := want.FormerKey(); name != "" {
		g.Do(func() {
			now.Former = l.key(ctx, name)
		})
	}
	var tagged tagged
	if want.LooksForTagged(plan.State{}) {
		g.Do(func() {
			tagged = l.keysByTag(ctx, want)
		})
	}
	if want.Made != "" {
		g.Do(func() {
			now.Made = l.key(ctx, want.Made)
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return now, err
	}
	l.further(ctx, want, &now, tagged)
	now.Unread = l.unread
	return now, ctx.Err()
}

// further looks at what matters in view of what was found.
func (l *look) further(ctx context.Context, want plan.Wanted, now *plan.State, tagged tagged) {
	maps.Copy(now.Identities, l.identities(ctx, want.Forgotten(*now), want.Share.PolicyName(), want.MustExist))
	if name := want.KeyOfBucket(*now); name != "" {
		now.OfBucket = l.key(ctx, name)
	}
	if want.LooksForTagged(*now) && !tagged.asked {
		tagged = l.keysByTag(ctx, want)
	}
	now.Tagged = l.taggedKeys(ctx, tagged, want.NeedsTagged(*now), *now)
	if want.NeedsContents(*now) {
		now.HoldsObjects = l.holdsObjects(ctx, want.Share.Bucket)
	}
	now.Quotas = l.quotas(ctx, want.Attaches(*now))
}

// ObserveAccess reads what is there, as far as a plan for want depends on it.
func (c *Cloud) ObserveAccess(ctx context.Context, want plan.WantedAccess) (plan.AccessState, error) {
	l := &look{Cloud: c}
	var now plan.AccessState
	var g group
	if want.NeedsKey() {
		g.Do(func() {
			now.Key = l.foreignKey(ctx, want.Access)
		})
	}
	g.Do(func() {
		now.Identities = l.identities(ctx, want.Identities(), want.Access.PolicyName, want.MustExist)
	})
	g.Do(func() {
		now.Remembered = l.remembered(ctx, want.Parameter())
	})
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return now, err
	}
	maps.Copy(now.Identities, l.identities(ctx, want.Forgotten(now), want.Access.PolicyName, want.MustExist))
	now.Quotas = l.quotas(ctx, want.Attaches(now))
	now.Unread = l.unread
	return now, ctx.Err()
}

// tagged are the ARNs of keys that tags lead to.
type tagged struct {
	asked bool
	arns  []string
	err   error
}

// look is one observation. It goes on when a part cannot be read, and remembers which.
type look struct {
	*Cloud
	mu     sync.Mutex
	unread []plan.Unread
}

// failed remembers that a part could not be read.
func (l *look) failed(err error, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unread = append(l.unread, plan.Unread{
		Err: failed(err, format, args...), Denied: has(err, accessDenied, kmsAccessDenied),
	})
}

// document is a policy as it is stored. One that is no JSON is a part that could not be read.
func (l *look) document(text, format string, args ...any) policy.Stored {
	d, err := policy.ReadStored(text)
	if err != nil {
		l.failed(err, format, args...)
	}
	return d
}
