package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
)

// Role is the part that somebody plays in a share.
type Role string

// The roles. A consumer is asked about as the best-equipped principal of its account, who has every permission there:
// so its answers are those of bucket policy and key policy alone.
const (
	Delegate Role = "delegate"
	Grantee  Role = "grantee"
	Consumer Role = "consumer"
	// Provider is the role of SharedBucket's function in a consumer's account, as far as the share lets it make a canary.
	Provider Role = "provider"
	// Stranger is somebody who must not get in.
	Stranger Role = "stranger"
	// Insider is an identity of the owner's or a consumer's account that nobody declared. What its own account gives it
	// is that account's business, as far as the share lets the account in.
	Insider Role = "insider"
	// Named is somebody whom a policy names, where nothing is declared, and Known an identity that was read there.
	Named Role = "named"
	Known Role = "identity"
)

// Subject is somebody who is asked about, and what is declared of him.
type Subject struct {
	Principal
	Role  Role
	Label string // for people
	// Must is what is declared to work, May how far it may go beyond. Free says that there is no limit: identities of the
	// owner's own account.
	Must, May []share.Scope
	Free      bool
	// Imagined says that no such principal was read: it stands for all like it.
	Imagined bool
	// Home is the account of an imagined principal that no World has; nil: it is among the World's.
	Home *Account
	// Assumed is what was not read and taken as generous for this subject.
	Assumed []Unread
}

// allowAll is the policy of a principal that has every permission its account can give.
var allowAll = Document{
	Name: "every permission there is",
	Text: `{"Version":"2012-10-17","Statement":[{"Sid":"Everything","Effect":"Allow","Action":"*","Resource":"*"}]}`,
}

// equipped is an imagined principal with every permission of its account.
func equipped(account, arn string, kind evaluator.PrincipalType) Principal {
	return Principal{ARN: arn, Account: account, Type: kind, Policies: []Document{allowAll}}
}

// declared makes the subjects of a share.
type declared struct {
	world World
	share share.Share
	// grantees are those of the consumer accounts whose side is known.
	grantees map[string][]share.Grantee
}

// Subjects are everybody who is asked about for a share: those declared, those who must not get in, and every identity
// that was read. grantees are those of consumer accounts, nil where the other side is not known.
func Subjects(s share.Share, grantees map[string][]share.Grantee, w World) []Subject {
	d := declared{world: w, share: s, grantees: grantees}
	var all []Subject
	all = append(all, d.identities(s.Env.Account, s.Delegates, Delegate)...)
	for _, account := range slices.Sorted(maps.Keys(grantees)) {
		all = append(all, d.identities(account, grantees[account], Grantee)...)
	}
	for _, c := range consumersOnce(s.Consumers) {
		all = append(all, d.consumer(c))
	}
	all = append(all, d.providers()...)
	all = append(all, d.strangers()...)
	return append(all, d.others(all)...)
}

// identities are the delegates or grantees of an account. One that was not read is imagined.
func (d declared) identities(account string, grantees []share.Grantee, role Role) []Subject {
	var all []Subject
	for _, id := range share.Identities(grantees) {
		var scopes []share.Scope
		for _, g := range grantees {
			if g.Identity == id {
				scopes = append(scopes, g.Scope.In(account))
			}
		}
		for _, p := range d.holders(account, id) {
			p.Role, p.Must = role, scopes
			p.Free = account == d.share.Env.Account
			p.May = append(slices.Clone(scopes), d.scopesOf(p.Principal, d.world.Accounts[account])...)
			all = append(all, p)
		}
	}
	return all
}

// holders are those who have an identity's policies: the identity itself, or for a group all of its members, with one
// who is in no other group and has no policy of his own.
func (d declared) holders(account string, id share.Identity) []Subject {
	kind := map[share.IdentityKind]evaluator.PrincipalType{share.User: evaluator.User, share.Role: evaluator.Role}[id.Kind]
	if id.Kind != share.Group {
		if p := d.world.principal(account, kind, id.Name); p != nil {
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
		Type: map[share.IdentityKind]evaluator.PrincipalType{share.User: evaluator.User, share.Role: evaluator.Role}[id.Kind],
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
		s.Role, s.May, s.Free = Insider, d.scopesOf(p, d.world.Accounts[p.Account]), p.Account == d.share.Env.Account
		if !s.Free && len(s.May) == 0 {
			s.Role = Stranger
		}
		all = append(all, s)
	}
	return all
}

func label(p Principal) string {
	_, resource, _ := strings.Cut(p.ARN, "iam::"+p.Account+":")
	return cmp.Or(resource, p.ARN) + " of " + p.Account
}

// scopesOf are the scopes of all consumers that a principal belongs to.
func (d declared) scopesOf(p Principal, home Account) []share.Scope {
	var scopes []share.Scope
	for _, c := range d.share.Consumers {
		if p.Account != d.share.Env.Account && belongs(p, home, c.ID) {
			scopes = append(scopes, c.Scope.In(p.Account))
		}
	}
	return scopes
}

// belongs says whether a principal is of a consumer.
func belongs(p Principal, home Account, c share.ConsumerID) bool {
	switch c.Kind {
	case share.KindAccount:
		return p.Account == c.Account
	case share.KindPrincipal:
		return p.ARN == c.Name
	case share.KindPermissionSet:
		name := lastName(p.ARN)
		rest, is := strings.CutPrefix(name, permissionSetRole+c.Name+"_")
		return is && p.Account == c.Account && len(rest) == permissionSetSuffix && strings.Contains(p.ARN, permissionSetPath)
	case share.KindOrganization:
		return home.Organization == c.Name
	case share.KindOrganizationalUnit:
		return slices.ContainsFunc(home.Paths, func(path string) bool { return strings.HasPrefix(path, c.Name+"/") })
	}
	return false
}

// How IAM Identity Center names the roles of permission sets.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
const (
	permissionSetPath   = ":role/aws-reserved/sso.amazonaws.com/"
	permissionSetRole   = "AWSReservedSSO_"
	permissionSetSuffix = 16
)

// consumersOnce are the ids of consumers, each once.
func consumersOnce(consumers []share.Consumer) []share.ConsumerID {
	var ids []share.ConsumerID
	for _, c := range consumers {
		if !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
