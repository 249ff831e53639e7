package share

import "cmp"

// IdentityKind is the kind of IAM identity that an inline policy is put on.
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

func compareIdentities(a, b Identity) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// inlineLimit is the size in characters, white space apart, of all inline policies of one identity together.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (k IdentityKind) inlineLimit() int {
	return map[IdentityKind]int{User: 2048, Group: 5120, Role: 10240}[k]
}

// Scope is how far somebody is let in: a level, on the whole bucket or below prefixes.
type Scope struct {
	Access Level
	// Prefixes are folder names without a closing slash, sorted; none means the whole bucket.
	Prefixes []string
}

// Grant is a scope for one identity.
type Grant struct {
	Identity Identity
	Scope    Scope
}

// PrincipalKind is the way in which a consumer is named.
type PrincipalKind string

// The kinds, named as in Consumer.
const (
	KindAccount            PrincipalKind = "Account"
	KindPrincipal          PrincipalKind = "Principal"
	KindPermissionSet      PrincipalKind = "PermissionSet"
	KindOrganization       PrincipalKind = "Organization"
	KindOrganizationalUnit PrincipalKind = "OrganizationalUnit"
)

// kinds are all kinds, in the order of the documents.
var kinds = []PrincipalKind{KindAccount, KindPrincipal, KindPermissionSet, KindOrganization, KindOrganizationalUnit}

// Outsider is one consumer: one account, principal, permission set, organization or OU.
type Outsider struct {
	Kind    PrincipalKind
	Account string // not for organizations and OUs
	// ID is the account id, the principal's ARN, the permission set's name, the organization's id or the OU's path.
	ID string
}

// Admission is a scope for one outsider.
type Admission struct {
	Outsider Outsider
	Scope    Scope
}
