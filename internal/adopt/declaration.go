package adopt

import (
	"cmp"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// declaration is a share in the making, with where each part of it comes from.
type declaration struct {
	env        share.Env
	bucket     string
	keyARN     string // of the key that the bucket has, "" for one that the share makes
	versioning string
	unproven   string // why the share, deployed beside what is there, is not as declared; "" when it is
	consumers  []consumer
	identities []identity // delegates, and grantees of other accounts
}

// consumer is a candidate for Consumers.
type consumer struct {
	id     share.ConsumerID
	scopes []share.Scope
	from   []string
}

// identity is a candidate for Delegates or Grantees.
type identity struct {
	account string
	id      share.Identity
	arn     string // "" of a group
	scopes  []share.Scope
	from    []string
	named   []proof.Document // its policies that name the bucket
	why     string           // it has no scopes
}

// properties are those of the owner's resource, as a share file has them.
func (d declaration) properties() map[string]any {
	p := map[string]any{"BucketName": d.bucket, "Adopt": "true"}
	if d.versioning != "" {
		p["Versioning"] = d.versioning
	}
	if d.unproven != "" {
		p["Verify"] = "false"
	}
	if d.keyARN != "" {
		p["Encryption"] = map[string]any{"KeyArn": d.keyARN}
	}
	var consumers []any
	for _, c := range d.consumers {
		for _, s := range c.scopes {
			consumers = append(consumers, withScope(consumerProperties(c.id), s))
		}
	}
	if len(consumers) > 0 {
		p["Consumers"] = consumers
	}
	if delegates := d.granteeProperties(d.env.Account); len(delegates) > 0 {
		p["Delegates"] = delegates
	}
	return p
}

func consumerProperties(id share.ConsumerID) map[string]any {
	if id.Kind == share.KindPermissionSet {
		return map[string]any{string(id.Kind): map[string]any{"Account": id.Account, "Name": id.Name}}
	}
	return map[string]any{string(id.Kind): id.Name}
}

func withScope(entry map[string]any, s share.Scope) map[string]any {
	entry["Access"] = string(s.Level)
	if len(s.Prefixes) > 0 {
		var all []any
		for _, p := range s.Prefixes {
			all = append(all, p)
		}
		entry["Prefixes"] = all
	}
	return entry
}

func (d declaration) granteeProperties(account string) []any {
	var all []any
	for _, i := range d.identities {
		if i.account != account {
			continue
		}
		for _, s := range i.scopes {
			all = append(all, withScope(map[string]any{string(i.id.Kind): i.id.Name}, s))
		}
	}
	return all
}

// accounts are the consumer accounts with grantees, sorted.
func (d declaration) accounts() []string {
	var all []string
	for _, i := range d.identities {
		if i.account != d.env.Account {
			all = append(all, i.account)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ends are both ends of a share.
type ends struct {
	share share.Share
	sides []share.Access
}

func (e ends) grantees() map[string][]share.Grantee {
	all := map[string][]share.Grantee{}
	for _, a := range e.sides {
		all[a.Env.Account] = a.Grantees
	}
	return all
}

// parse checks the declaration as its deployment would.
func (d declaration) parse() (ends, error) {
	s, err := share.ParseShare(d.properties(), d.env)
	if err != nil {
		return ends{}, err
	}
	e := ends{share: s}
	for _, account := range d.accounts() {
		env := d.env
		env.Account = account
		p := map[string]any{
			"BucketName": d.bucket, "OwnerAccount": d.env.Account, "Region": d.env.Region,
			"Grantees": d.granteeProperties(account),
		}
		if d.keyARN != "" {
			p["KeyArn"] = d.keyARN
		}
		a, err := share.ParseAccess(p, env)
		if err != nil {
			return ends{}, err
		}
		e.sides = append(e.sides, a)
	}
	return e, nil
}

// beside is a world with the share deployed beside what is there.
func (e ends) beside(w proof.World) proof.World {
	s := e.share
	key := cmp.Or(s.KeyARN, s.Env.PendingKeyARN())
	policies := document.OfShare(s, key, "")
	w.Bucket.Policy = proof.BucketPolicyOf(policies.Bucket.Into(w.Bucket.Policy.Stored()).After)
	if k := w.Bucket.Key; k != nil && k.ARN == s.KeyARN {
		changed := *k
		if !unread(w, proof.KeyPolicy) {
			changed.Policy = proof.KeyPolicyOf(policies.Key.Into(k.Policy.Stored()).After)
		}
		w.Bucket.Key = &changed
	} else {
		made := proof.KeyPolicyOf(policies.KeyPolicy().Stored())
		w.Bucket.Key = &proof.Key{ARN: key, Policy: made, Aliases: []string{s.Alias}}
		w.Unread = slices.DeleteFunc(slices.Clone(w.Unread), func(u proof.Unread) bool { return u.Part == proof.KeyPolicy })
	}
	w.Bucket.BucketKeyEnabled, w.Bucket.RestrictPublicBuckets = true, true
	w.Bucket.Protection = &proof.Protection{
		Algorithm: "aws:kms", SSECBlocked: true, AccessBlocked: true, OwnerEnforced: true,
	}
	w.Principals = slices.Clone(w.Principals)
	give(w.Principals, s.Env.Account, policies)
	for _, a := range e.sides {
		give(w.Principals, a.Env.Account, document.OfAccess(a, key, ""))
	}
	return w
}

// unread says whether a part of the bucket was not read.
func unread(w proof.World, part proof.Part) bool {
	return slices.ContainsFunc(w.Unread, func(u proof.Unread) bool {
		return u.Part == part && u.Account == w.Bucket.Owner
	})
}

// shareDocument is how the share's policy is called where it stands beside one of the same name.
const shareDocument = "the share's policy"

func give(principals []proof.Principal, account string, policies document.Policies) {
	for _, given := range policies.Identities {
		id := given.Identity
		for i, p := range principals {
			if p.Has(account, id) {
				its := proof.IdentityPolicyOf(shareDocument, given.Document.Stored())
				principals[i].Policies = append(slices.Clone(p.Policies), its)
			}
		}
	}
}
