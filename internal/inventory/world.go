package inventory

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// World is the world of one of the buckets. What no file says of somebody else's identities and of organizations is not
// in it.
func (i *Inventory) World(name string) (proof.World, error) {
	at := slices.IndexFunc(i.buckets, func(b *bucket) bool { return b.name == name })
	if at < 0 {
		return proof.World{}, fmt.Errorf("no file declares bucket %s; there are %s", name,
			cmp.Or(strings.Join(i.Buckets(), ", "), "none"))
	}
	b := i.buckets[at]
	w := world{World: proof.World{Accounts: map[string]proof.Account{}, Unread: slices.Clone(i.loose)}, inventory: i}
	w.Bucket = proof.Bucket{
		Name: b.name, Region: b.env.Region, Owner: b.env.Account, Policy: b.policy.Document, BucketKeyEnabled: b.bucketKey,
		RestrictPublicBuckets: b.block[restrict],
		Protection:            &proof.Protection{Algorithm: cmp.Or(b.algorithm, "AES256"), OwnerEnforced: b.enforced},
	}
	w.Bucket.Protection.AccessBlocked = b.block[restrict] && b.block["BlockPublicAcls"] &&
		b.block["BlockPublicPolicy"] && b.block["IgnorePublicAcls"]
	w.unread(proof.BucketPolicy, b.env.Account, "", b.policy.unknown)
	w.unread(proof.BucketEncryption, b.env.Account, "", b.encrypted)
	w.unread(proof.PublicAccessBlock, b.env.Account, "", b.blocked)
	w.key(b)
	for _, one := range i.identities {
		w.identity(one)
	}
	w.unknownKeys(b)
	slices.SortFunc(w.Principals, func(a, b proof.Principal) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ARN, b.ARN))
	})
	slices.SortFunc(w.Unread, func(a, b proof.Unread) int { return cmp.Compare(a.String(), b.String()) })
	w.Unread = slices.Compact(w.Unread)
	return w.World, nil
}

const restrict = "RestrictPublicBuckets"

// world is a World in the making.
type world struct {
	proof.World
	inventory *Inventory
}

func (w *world) unread(part proof.Part, account, arn string, u *Unknown) {
	if u != nil {
		w.Unread = append(w.Unread, proof.Unread{Part: part, Account: account, ARN: arn, Why: u.String()})
	}
}

var keyARN = regexp.MustCompile(share.KeyARNPattern)

// unknownKeys notes who may use a key that no file declares, where the ARN of the bucket's own is made up: it may be
// the same.
func (w *world) unknownKeys(b *bucket) {
	k := w.inventory.key(b.env, b.keyName)
	if k == nil || !k.standIn {
		return
	}
	for _, p := range w.Principals {
		for _, d := range p.Policies {
			for _, arn := range keyARN.FindAllString(d.Text(), -1) {
				if strings.HasPrefix(arn, b.env.KeyARN("")) && w.inventory.key(b.env, arn) == nil {
					why := Unknown{d.Name, arn + " may be the bucket's key, whose ARN is not known"}
					w.unread(proof.IdentityPolicies, p.Account, p.ARN, &why)
				}
			}
		}
	}
}

func (w *world) key(b *bucket) {
	if b.algorithm != "aws:kms" {
		return
	}
	if b.keyName == "" || strings.HasSuffix(b.keyName, "alias/aws/s3") {
		w.Bucket.Key = &proof.Key{ARN: b.env.PendingKeyARN(), AWSManaged: true, Policy: awsManaged(b.env)}
		return
	}
	k := w.inventory.key(b.env, b.keyName)
	if k == nil {
		if !share.IsKeyARN(b.keyName) {
			w.unread(proof.BucketEncryption, b.env.Account, "", &Unknown{b.keyName, "no file declares this key"})
			return
		}
		w.Bucket.Key = &proof.Key{ARN: b.keyName}
		w.unread(proof.KeyPolicy, b.env.Account, "", &Unknown{b.keyName, "no file declares this key"})
		return
	}
	w.Bucket.Key = &proof.Key{ARN: k.arn, Policy: k.policy.Document, Aliases: k.aliases}
	w.unread(proof.KeyPolicy, b.env.Account, "", k.policy.unknown)
}

// awsManaged is the policy of the AWS managed key aws/s3.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
func awsManaged(env share.Env) proof.Document {
	return proof.NewDocument("", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":[`+
		`"kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*",`+
		`"Condition":{"StringEquals":{"kms:CallerAccount":%q,"kms:ViaService":%q}}}]}`, env.Account, env.ViaS3()), grammar.KeyPolicy)
}

func (w *world) identity(one *identity) {
	p := proof.Principal{ARN: one.arn, Account: one.env.Account, Type: proof.TypeOf(one.id.Kind), Tags: one.tags}
	p.Policies = w.policies(one, one.arn)
	if !one.declared {
		why := Unknown{one.id.String(), "no file declares it, so it may have more than is attached to it here"}
		w.unread(proof.IdentityPolicies, p.Account, p.ARN, &why)
	}
	for _, name := range one.groups {
		g, unknown := text(name)
		w.unread(proof.IdentityPolicies, p.Account, p.ARN, unknown)
		if unknown == nil {
			p.Groups = append(p.Groups, g)
			group := w.inventory.identity(one.env, share.Identity{Kind: share.Group, Name: g})
			p.Policies = append(p.Policies, w.policies(group, one.arn)...)
		}
	}
	if arn, unknown := text(one.boundary); unknown != nil || arn != "" {
		if d := w.managed(arn, unknown, p.Account, p.ARN); d != nil {
			b := d.AsBoundary()
			p.Boundary = &b
		}
	}
	w.Principals = append(w.Principals, p)
}

// policies are an identity's own, for a principal that has them.
func (w *world) policies(one *identity, arn string) []proof.Document {
	var all []proof.Document
	for _, d := range one.inline {
		w.unread(proof.IdentityPolicies, one.env.Account, arn, d.unknown)
		if d.unknown == nil {
			all = append(all, d.Document)
		}
	}
	for _, v := range one.attached {
		a, unknown := text(v)
		if d := w.managed(a, unknown, one.env.Account, arn); d != nil {
			all = append(all, *d)
		}
	}
	return all
}

func (w *world) managed(arn string, unknown *Unknown, account, principal string) *proof.Document {
	d, there := w.inventory.managed[arn]
	switch {
	case unknown != nil:
	case !there:
		unknown = &Unknown{arn, "no file has this managed policy"}
	case d.unknown != nil:
		unknown = d.unknown
	default:
		return &d.Document
	}
	w.unread(proof.IdentityPolicies, account, principal, unknown)
	return nil
}
