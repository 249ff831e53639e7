package inventory

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// Inventory is what files declare, of any number of accounts.
type Inventory struct {
	buckets    []*bucket
	keys       []*key
	identities []*identity
	managed    map[string]document // by ARN
	// loose is what is attached to something of which the name is not known, by account.
	loose []proof.Unread
}

type bucket struct {
	env       share.Env
	name      string
	policy    document
	algorithm string
	keyName   string
	encrypted *Unknown // why the default encryption is not known
	bucketKey bool
	block     map[string]bool
	blocked   *Unknown
	enforced  bool
}

type key struct {
	arn     string
	standIn bool // for an ARN that AWS makes up
	policy  document
	aliases []string
}

// New is an empty inventory.
func New() *Inventory { return &Inventory{managed: map[string]document{}} }

// Buckets are the names of all buckets, sorted.
func (i *Inventory) Buckets() []string {
	var all []string
	for _, b := range i.buckets {
		all = append(all, b.name)
	}
	slices.Sort(all)
	return all
}

func (i *Inventory) note(part proof.Part, env share.Env, u Unknown) {
	i.loose = append(i.loose, proof.Unread{Part: part, Account: env.Account, Why: u.String()})
}

// Bucket adds a bucket, or finds it by its name.
func (i *Inventory) bucket(env share.Env, name string) *bucket {
	for _, b := range i.buckets {
		if b.name == name {
			return b
		}
	}
	b := &bucket{env: env, name: name, block: map[string]bool{}}
	i.buckets = append(i.buckets, b)
	return b
}

// Bucket adds a bucket.
func (i *Inventory) Bucket(env share.Env, name any) {
	if s, unknown := text(name); unknown != nil {
		i.note(proof.BucketPolicy, env, *unknown)
	} else {
		i.bucket(env, s)
	}
}

// ofBucket is a bucket by a name in a file; what is about a bucket of unknown name may be about any of the account.
func (i *Inventory) ofBucket(part proof.Part, env share.Env, name any, set func(*bucket)) {
	s, unknown := text(name)
	if unknown != nil {
		i.note(part, env, *unknown)
		return
	}
	set(i.bucket(env, s))
}

// BucketPolicy adds a bucket's policy.
func (i *Inventory) BucketPolicy(env share.Env, name, policy any) {
	i.ofBucket(proof.BucketPolicy, env, name, func(b *bucket) { b.policy = resourcePolicy(policy, grammar.BucketPolicy) })
}

// Encryption adds a bucket's default encryption. bucketKey is whether the bucket key is on.
func (i *Inventory) Encryption(env share.Env, name, algorithm, keyName, bucketKey any) {
	i.ofBucket(proof.BucketEncryption, env, name, func(b *bucket) {
		if u, found := Find([]any{algorithm, keyName, bucketKey}); found {
			b.encrypted = &u
			return
		}
		b.algorithm, _ = text(algorithm)
		b.keyName, _ = text(keyName)
		b.bucketKey = yes(bucketKey)
	})
}

// AccessBlock adds a setting of a bucket's Block Public Access, by the name that S3 has for it.
func (i *Inventory) AccessBlock(env share.Env, name any, setting string, value any) {
	i.ofBucket(proof.PublicAccessBlock, env, name, func(b *bucket) {
		if u, found := Find(value); found {
			b.blocked = &u
			return
		}
		b.block[setting] = yes(value)
	})
}

// Ownership adds a bucket's object ownership.
func (i *Inventory) Ownership(env share.Env, name, ownership any) {
	i.ofBucket(proof.Ownership, env, name, func(b *bucket) {
		s, _ := text(ownership)
		b.enforced = s == "BucketOwnerEnforced"
	})
}

// Key adds a key with its policy. standIn says that the ARN is not the one that AWS makes up.
func (i *Inventory) Key(env share.Env, arn string, policy any, standIn bool) {
	d := resourcePolicy(policy, grammar.KeyPolicy)
	if d.None() && d.unknown == nil {
		// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
		text := `{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow",` +
			`"Principal":{"AWS":"` + env.RootARN(env.Account) + `"},"Action":"kms:*","Resource":"*"}]}`
		d.Document = proof.ResourcePolicy(text, grammar.KeyPolicy)
	}
	if k := i.key(env, arn); k != nil {
		k.policy = d
		return
	}
	i.keys = append(i.keys, &key{arn: arn, policy: d, standIn: standIn})
}

// KeyPolicy replaces the policy of a key that is declared elsewhere.
func (i *Inventory) KeyPolicy(env share.Env, name, policy any) {
	s, unknown := text(name)
	switch k := i.key(env, s); {
	case unknown != nil:
		i.note(proof.KeyPolicy, env, *unknown)
	case k != nil:
		k.policy = resourcePolicy(policy, grammar.KeyPolicy)
	case share.IsKeyARN(s):
		i.Key(env, s, policy, false)
	default:
		i.note(proof.KeyPolicy, env, Unknown{s, "no file declares this key"})
	}
}

// Alias gives a key an alias.
func (i *Inventory) Alias(env share.Env, alias, name any) {
	s, unknown := text(name)
	a, unknownAlias := text(alias)
	k := i.key(env, s)
	switch {
	case unknown != nil:
		i.note(proof.KeyAliases, env, *unknown)
	case unknownAlias != nil:
		i.note(proof.KeyAliases, env, *unknownAlias)
	case k != nil:
		k.aliases = append(k.aliases, a)
	}
}

// key is a key by its ARN, id, alias or alias's ARN.
func (i *Inventory) key(env share.Env, name string) *key {
	for _, k := range i.keys {
		ofEnv := strings.HasPrefix(k.arn, env.KeyARN(""))
		short := func(a string) bool { return a == name || env.AliasARN(env.Account, a) == name }
		if k.arn == name || ofEnv && (env.KeyARN(name) == k.arn || slices.ContainsFunc(k.aliases, short)) {
			return k
		}
	}
	return nil
}
