package inventory

import (
	"reflect"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

type identity struct {
	env      share.Env
	id       share.Identity
	arn      string
	declared bool // by a file; otherwise only something is attached to it
	inline   []document
	attached []any // ARNs
	boundary any
	groups   []any
	tags     map[string]string
}

// identity adds an identity, or finds it by its name.
func (i *Inventory) identity(env share.Env, id share.Identity) *identity {
	for _, one := range i.identities {
		if one.env.Account == env.Account && one.id == id {
			return one
		}
	}
	one := &identity{env: env, id: id, arn: env.ARN("iam", "", env.Account, id.String())}
	i.identities = append(i.identities, one)
	return one
}

// of is an identity by a name in a file; what is about one of unknown name may be about any of the account.
func (i *Inventory) of(env share.Env, kind share.IdentityKind, name any, set func(*identity)) {
	s, unknown := text(name)
	if unknown != nil {
		i.note(proof.Identities, env, *unknown)
		return
	}
	set(i.identity(env, share.Identity{Kind: kind, Name: s}))
}

// Identity adds a user, role or group. path is IAM's, "" for /.
func (i *Inventory) Identity(env share.Env, kind share.IdentityKind, name, path, boundary any) {
	i.of(env, kind, name, func(one *identity) {
		one.declared, one.boundary = true, boundary
		p, unknown := text(path)
		if unknown != nil {
			i.note(proof.Identities, env, *unknown)
		}
		one.arn = env.ARN("iam", "", env.Account, withPath(one.id, p))
	})
}

// withPath is how an ARN names an identity.
func withPath(id share.Identity, path string) string {
	kind, name, _ := strings.Cut(id.String(), "/")
	return kind + "/" + strings.TrimPrefix(path, "/") + name
}

// Inline adds an inline policy.
func (i *Inventory) Inline(env share.Env, kind share.IdentityKind, name, policyName, policy any) {
	i.of(env, kind, name, func(one *identity) {
		p, _ := text(policyName)
		label := proof.InlineName(one.id, p)
		// A state of Terraform says a policy twice: as its own resource, and as what the role has.
		d := identityPolicy(label, policy)
		if !slices.ContainsFunc(one.inline, func(o document) bool { return d.unknown == nil && o.Is(d.Document) }) {
			one.inline = append(one.inline, d)
		}
	})
}

// Attach attaches a managed policy by its ARN.
func (i *Inventory) Attach(env share.Env, kind share.IdentityKind, name, arn any) {
	i.of(env, kind, name, func(one *identity) {
		same := func(o any) bool { return reflect.DeepEqual(o, arn) }
		if !slices.ContainsFunc(one.attached, same) {
			one.attached = append(one.attached, arn)
		}
	})
}

// Join puts a user into a group.
func (i *Inventory) Join(env share.Env, user, group any) {
	i.of(env, share.User, user, func(one *identity) { one.groups = append(one.groups, group) })
}

// Managed adds a managed policy.
func (i *Inventory) Managed(arn string, policy any) {
	i.managed[arn] = identityPolicy(arn[strings.LastIndexByte(arn, '/')+1:], policy)
}
