package cloud

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// surroundings are a World in the making: what further decides what some of this account's identities can do, besides
// the documents of a share and their own inline policies. It is for the function, which reads those that a share names
// and may read no others.
type surroundings struct {
	*Survey
	cloud *Cloud
	mu    sync.Mutex
	world proof.World
}

func (f *surroundings) read(ctx context.Context, ids []share.Identity) {
	f.world.Accounts = map[string]proof.Account{}
	reads := []func(){func() { f.organization(ctx) }, func() { f.identities(ctx, ids) }}
	sideBySide(len(reads), func(i int) { reads[i]() })
	slices.SortFunc(f.world.Unread, func(a, b proof.Unread) int { return strings.Compare(a.String(), b.String()) })
}

func (f *surroundings) add(what func(*proof.World)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what(&f.world)
}

// organization asks which one the account is in.
func (f *surroundings) organization(ctx context.Context) {
	o, err := f.Organization(ctx)
	f.add(func(w *proof.World) {
		switch {
		case err != nil:
			w.Unread = append(w.Unread, unread(proof.SCPs, f.env.Account, err), unread(proof.RCPs, f.env.Account, err))
		case o != nil:
			w.SeenByMember(f.env.Account, o.ID, o.Management)
		}
	})
}

// identities reads identities with all policies that apply to them but their own inline policies. Groups that users are
// in are read once, as a whole.
func (f *surroundings) identities(ctx context.Context, ids []share.Identity) {
	all := make([]*identityReader, len(ids))
	sideBySide(len(ids), func(i int) {
		all[i] = &identityReader{surroundings: f, id: ids[i]}
		all[i].read(ctx)
	})
	groups := map[string]*identityReader{}
	for _, r := range all {
		for _, name := range r.principal.Groups {
			groups[name] = &identityReader{surroundings: f, id: share.Identity{Kind: share.Group, Name: name}, whole: true}
		}
	}
	names := slices.Sorted(maps.Keys(groups))
	sideBySide(len(names), func(i int) { groups[names[i]].read(ctx) })
	for _, r := range all {
		for _, name := range r.principal.Groups {
			r.join(groups[name])
		}
		f.add(func(w *proof.World) {
			w.Principals = append(w.Principals, r.principal)
			if r.missed != nil {
				u := unread(proof.IdentityPolicies, f.env.Account, r.missed)
				u.ARN = r.principal.ARN
				w.Unread = append(w.Unread, u)
			}
		})
	}
}

// sideBySide runs calls at the same time, a few at once. A panic goes on in the caller's goroutine, where it is
// answered.
func sideBySide(n int, call func(i int)) {
	var g group
	g.SetLimit(atOnce)
	for i := range n {
		g.Do(func() { call(i) })
	}
	g.done()
}

// identityReader reads one identity, with its inline policies when it is read as a whole. missed is the first call that
// failed: what it has may then be incomplete.
type identityReader struct {
	*surroundings
	id        share.Identity
	whole     bool
	principal proof.Principal
	own       sync.Mutex
	missed    error
}

// set writes to the principal, or notes what failed.
func (r *identityReader) set(err error, what func(*proof.Principal)) {
	r.own.Lock()
	defer r.own.Unlock()
	switch {
	case err == nil:
		what(&r.principal)
	case r.missed == nil:
		r.missed = err
	}
}

func (r *identityReader) read(ctx context.Context) {
	r.principal = proof.Principal{ARN: r.env.ARN("iam", "", r.env.Account, r.id.String()), Account: r.env.Account}
	parts := []func(context.Context){r.describe, r.readGroups, r.attached}
	if r.whole {
		parts = append(parts, r.inline)
	}
	sideBySide(len(parts), func(i int) { parts[i](ctx) })
	slices.SortFunc(r.principal.Policies, func(a, b proof.Document) int { return strings.Compare(a.Name, b.Name) })
}

// describe reads what an identity is, with its boundary. A group has none.
func (r *identityReader) describe(ctx context.Context) {
	name := &r.id.Name
	var boundary *types.AttachedPermissionsBoundary
	switch r.id.Kind {
	case share.User:
		out, err := r.iam.GetUser(ctx, &iam.GetUserInput{UserName: name})
		r.set(err, func(p *proof.Principal) {
			u := out.User
			boundary = u.PermissionsBoundary
			p.ARN, p.UserID, p.Tags = aws.ToString(u.Arn), aws.ToString(u.UserId), tagsOf(u.Tags)
		})
	case share.Role:
		out, err := r.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
		r.set(err, func(p *proof.Principal) {
			o := out.Role
			boundary = o.PermissionsBoundary
			p.ARN, p.UserID, p.Tags = aws.ToString(o.Arn), aws.ToString(o.RoleId), tagsOf(o.Tags)
		})
	}
	r.set(nil, func(p *proof.Principal) { p.Type = proof.TypeOf(r.id.Kind) })
	if boundary != nil {
		d, err := r.managedPolicy(ctx, aws.ToString(boundary.PermissionsBoundaryArn))
		r.set(err, func(p *proof.Principal) {
			b := d.AsBoundary()
			p.Boundary = &b
		})
	}
}

func (r *identityReader) readGroups(ctx context.Context) {
	if r.id.Kind != share.User {
		return
	}
	pages := iam.NewListGroupsForUserPaginator(r.iam, &iam.ListGroupsForUserInput{UserName: &r.id.Name})
	all, err := collect(ctx, pages, func(out *iam.ListGroupsForUserOutput) []types.Group { return out.Groups })
	r.set(nil, func(p *proof.Principal) {
		for _, g := range all {
			p.Groups = append(p.Groups, aws.ToString(g.GroupName))
		}
	})
	r.set(err, func(*proof.Principal) {})
}

func (r *identityReader) inline(ctx context.Context) {
	names, err := r.cloud.listInline(ctx, r.id)
	r.set(err, func(*proof.Principal) {})
	sideBySide(len(names), func(i int) {
		text, err := r.cloud.readInline(ctx, r.id, names[i])
		r.set(err, func(p *proof.Principal) {
			p.Policies = append(p.Policies, proof.Inline(r.id, names[i], text))
		})
	})
}

func (r *identityReader) attached(ctx context.Context) {
	policies, err := r.cloud.listAttached(ctx, r.id)
	r.set(err, func(*proof.Principal) {})
	sideBySide(len(policies), func(i int) {
		d, err := r.managedPolicy(ctx, aws.ToString(policies[i].PolicyArn))
		r.set(err, func(p *proof.Principal) { p.Policies = append(p.Policies, d) })
	})
}

// join adds the policies of a group that a user is in.
func (r *identityReader) join(g *identityReader) {
	r.set(g.missed, func(p *proof.Principal) {})
	r.principal.Policies = append(r.principal.Policies, g.principal.Policies...)
}
