package share

import "slices"

// Common is the share as far as another declaration, nil for none, allows the same: who is let in by both.
func (s Share) Common(with *Share) Share {
	if with == nil {
		with = &Share{}
	}
	s.Consumers = common(s.Consumers, with.Consumers, compareConsumers, func(c *Consumer) (ConsumerID, *Scope) {
		return c.ID, &c.Scope
	})
	s.Delegates = commonGrantees(s.Delegates, with.Delegates)
	s.DirectUse, s.Canary = s.DirectUse && with.DirectUse, s.Canary && with.Canary
	return s
}

// Common is to an access what it is to a share.
func (a Access) Common(with *Access) Access {
	if with == nil {
		with = &Access{}
	}
	a.Grantees = commonGrantees(a.Grantees, with.Grantees)
	return a
}

func commonGrantees(a, b []Grantee) []Grantee {
	return common(a, b, compareGrantees, func(g *Grantee) (Identity, *Scope) { return g.Identity, &g.Scope })
}

// common are those of whom both lists say something, each for every scope that both allow, in order.
func common[T any, ID comparable](a, b []T, compare func(T, T) int, parts func(*T) (ID, *Scope)) []T {
	var both []T
	for _, x := range a {
		for _, y := range b {
			one, scope := parts(&x)
			other, less := parts(&y)
			if met, ok := scope.meet(*less); ok && one == other {
				made := x
				_, of := parts(&made)
				*of = met
				both = append(both, made)
			}
		}
	}
	slices.SortFunc(both, compare)
	return slices.CompactFunc(both, func(x, y T) bool { return compare(x, y) == 0 })
}
