package proof

import (
	"cmp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// identities are the delegates or grantees of an account. One that was not read is imagined.
func (d declared) identities(account string, grantees []share.Grantee, role Role) []Subject {
	var all []Subject
	for _, id := range share.Identities(grantees) {
		var scopes []share.Scope
		for _, g := range grantees {
			if g.Identity == id {
				scopes = append(scopes, g.Scope)
			}
		}
		for _, p := range d.holders(account, id) {
			p.Role, p.Must = role, slices.Clone(scopes)
			all = append(all, p)
		}
	}
	return all
}

// holders are those who have an identity's policies: the identity itself, or for a group all of its members, with one
// who is in no other group and has no policy of his own.
func (d declared) holders(account string, id share.Identity) []Subject {
	if id.Kind != share.Group {
		if p := d.world.principal(account, TypeOf(id.Kind), id.Name); p != nil {
			return []Subject{d.known(*p, id.String()+" of "+account)}
		}
		return []Subject{d.unknown(account, id)}
	}
	member := d.unknown(account, share.Identity{Kind: share.User, Name: "any-member-of-" + id.Name})
	member.Label = "any member of " + id.String() + " of " + account
	if group := d.group(account, id.Name); group != nil {
		member.Policies, member.Assumed = group, nil
	}
	all := []Subject{member}
	for _, p := range d.world.Principals {
		if p.Account == account && slices.Contains(p.Groups, id.Name) {
			all = append(all, d.known(p, "user/"+lastName(p.ARN)+" of "+account+", a member of "+id.String()))
		}
	}
	return all
}

// group are the policies of a group, which a World has as a principal of type group.
func (d declared) group(account, name string) []Document {
	if p := d.world.principal(account, GroupType, name); p != nil {
		return p.Policies
	}
	return nil
}

func (d declared) known(p Principal, label string) Subject {
	s := Subject{Principal: p, Label: label}
	if u := d.world.unreadPrincipal(p.ARN); u != nil {
		s.Assumed = append(s.Assumed, *u)
		s.Policies = append(slices.Clone(p.Policies), allowAll)
	}
	return s
}

// unknown is an identity that was not read: either it does not exist, then it has no policies, or its account's
// identities could not be read.
func (d declared) unknown(account string, id share.Identity) Subject {
	p := Principal{
		ARN: d.share.Env.ARN("iam", "", account, id.String()), Account: account,
		Type: TypeOf(id.Kind),
	}
	s := Subject{Principal: p, Label: id.String() + " of " + account, Imagined: true}
	if u := d.world.unread(Identities, account); u != nil {
		s.Assumed, s.Policies = []Unread{*u}, []Document{allowAll}
	}
	return s
}

// others are all further identities that were read.
func (d declared) others(already []Subject) []Subject {
	asked := map[string]bool{}
	for _, s := range already {
		asked[s.ARN] = asked[s.ARN] || !s.Imagined
	}
	var all []Subject
	for _, p := range d.world.Principals {
		if asked[p.ARN] || p.Type == GroupType {
			continue
		}
		s := d.known(p, label(p))
		s.Role = Insider
		all = append(all, s)
	}
	return all
}

func label(p Principal) string {
	_, resource, _ := strings.Cut(p.ARN, "iam::"+p.Account+":")
	return cmp.Or(resource, p.ARN) + " of " + p.Account
}
