package share

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// IdentityKind is the kind of IAM identity that a policy is put on.
type IdentityKind string

// The kinds, named as in Grantee.
const (
	User  IdentityKind = "User"
	Role  IdentityKind = "Role"
	Group IdentityKind = "Group"
)

// Identity is an IAM user, role or group by name.
type Identity struct {
	Kind IdentityKind
	Name string
}

func (i Identity) String() string {
	return map[IdentityKind]string{User: "user/", Role: "role/", Group: "group/"}[i.Kind] + i.Name
}

// ParseIdentity reads what String writes.
func ParseIdentity(text string) (Identity, error) {
	kind, name, _ := strings.Cut(text, "/")
	i := Identity{Kind: map[string]IdentityKind{"user": User, "role": Role, "group": Group}[kind], Name: name}
	if i.Kind == "" || len(name) > longestName(i.Kind) || !iamName.MatchString(name) {
		return Identity{}, fmt.Errorf("%.200q is no user/NAME, role/NAME or group/NAME", text)
	}
	return i, nil
}

func compareIdentities(a, b Identity) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// InlineLimit is the size in characters, white space apart, of all inline policies of one identity together.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (k IdentityKind) InlineLimit() int {
	return map[IdentityKind]int{User: 2048, Group: 5120, Role: 10240}[k]
}

// longestName is how many characters the name of an identity has at most.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func longestName(kind IdentityKind) int {
	if kind == Group {
		return 128
	}
	return 64
}

// Grantee is an identity of the account and how far it is let in: a delegate in the owner account, a grantee elsewhere.
type Grantee struct {
	Identity Identity
	Scope    Scope
}

// ConsumerKind is the way in which a consumer is named.
type ConsumerKind string

// The kinds, named as in Consumer.
const (
	KindAccount            ConsumerKind = "Account"
	KindPrincipal          ConsumerKind = "Principal"
	KindPermissionSet      ConsumerKind = "PermissionSet"
	KindOrganization       ConsumerKind = "Organization"
	KindOrganizationalUnit ConsumerKind = "OrganizationalUnit"
)

// consumerKinds are all kinds, in the order of the documents.
var consumerKinds = []ConsumerKind{KindAccount, KindPrincipal, KindPermissionSet, KindOrganization,
	KindOrganizationalUnit}

// ConsumerID says who a consumer is: one account, principal, permission set, organization or OU.
type ConsumerID struct {
	Kind    ConsumerKind
	Account string // not for organizations and OUs
	// Name is the account id, the principal's ARN, the permission set's name, the organization's id or the OU's path.
	Name string
}

// Consumer is somebody outside the owner account, and how far it is let in.
type Consumer struct {
	ID    ConsumerID
	Scope Scope
}

// Identities are the identities of grantees, each once, in order.
func Identities(grantees []Grantee) []Identity {
	var all []Identity
	for _, g := range grantees {
		all = append(all, g.Identity)
	}
	return Each(all)
}

// Each are identities in order, each once.
func Each(ids []Identity) []Identity {
	all := slices.SortedFunc(slices.Values(ids), compareIdentities)
	return slices.Compact(all)
}

// compareConsumers orders consumers as documents have them: by kind, then by scope, so that those who share a statement
// stand together.
func compareConsumers(a, b Consumer) int {
	return cmp.Or(
		cmp.Compare(slices.Index(consumerKinds, a.ID.Kind), slices.Index(consumerKinds, b.ID.Kind)),
		compareScopes(a.Scope, b.Scope),
		cmp.Compare(a.ID.Account, b.ID.Account),
		cmp.Compare(a.ID.Name, b.ID.Name),
	)
}

func compareGrantees(a, b Grantee) int {
	return cmp.Or(compareIdentities(a.Identity, b.Identity), compareScopes(a.Scope, b.Scope))
}
