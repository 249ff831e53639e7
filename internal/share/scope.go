package share

import (
	"cmp"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// Scope is how far somebody is let in: a level, on the whole bucket or below prefixes.
type Scope struct {
	Level Level
	// Prefixes are folder names without a closing slash, sorted; none means the whole bucket.
	Prefixes []string
}

// meet is the scope that lies in both, and whether there is one.
func (s Scope) meet(t Scope) (Scope, bool) {
	level, ok := s.Level.meet(t.Level)
	if !ok {
		return Scope{}, false
	}
	if len(s.Prefixes) == 0 {
		return Scope{level, t.Prefixes}, true
	}
	if len(t.Prefixes) == 0 {
		return Scope{level, s.Prefixes}, true
	}
	var common []string
	for _, a := range s.Prefixes {
		for _, b := range t.Prefixes {
			switch {
			case a == b || strings.HasPrefix(a, b+"/"):
				common = append(common, a)
			case strings.HasPrefix(b, a+"/"):
				common = append(common, b)
			}
		}
	}
	return Scope{level, policy.Sorted(common)}, len(common) > 0
}

// Union is the scope of everything in either, of one level.
func (s Scope) Union(t Scope) Scope {
	if len(s.Prefixes) == 0 || len(t.Prefixes) == 0 {
		return Scope{Level: s.Level}
	}
	return Scope{s.Level, policy.Sorted(slices.Concat(s.Prefixes, t.Prefixes))}
}

// Actions are what the scope allows on the bucket and on objects, sorted. To list below prefixes takes a condition, and
// is not among them.
func (s Scope) Actions() []string {
	actions := append(s.Level.ObjectActions(), GetBucketLocation)
	if len(s.Prefixes) == 0 {
		actions = append(actions, s.Level.ListActions()...)
	}
	slices.Sort(actions)
	return actions
}

// compareScopes orders scopes: by level, weakest first, then by prefixes.
func compareScopes(a, b Scope) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Levels, a.Level), slices.Index(Levels, b.Level)),
		slices.Compare(a.Prefixes, b.Prefixes),
	)
}

// AccountFolder as a segment of a prefix stands for the account of whoever asks: accounts/{account} is a folder for
// each.
const AccountFolder = "{account}"

// In is the scope as somebody of an account sees it.
func (s Scope) In(account string) Scope {
	in := Scope{Level: s.Level}
	for _, p := range s.Prefixes {
		segments := strings.Split(p, "/")
		for i, segment := range segments {
			if segment == AccountFolder {
				segments[i] = account
			}
		}
		in.Prefixes = append(in.Prefixes, strings.Join(segments, "/"))
	}
	slices.Sort(in.Prefixes)
	in.Prefixes = slices.Compact(in.Prefixes)
	return in
}

// HasEverywhere says whether all of some actions on objects may be done, whatever the object.
func (s Scope) HasEverywhere(actions []string) bool {
	may := s.Level.ObjectActions()
	return len(s.Prefixes) == 0 && !slices.ContainsFunc(actions, func(action string) bool {
		return !slices.Contains(may, action)
	})
}
