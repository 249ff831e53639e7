package terraform

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/share"
)

// Read adds what a plan or state declares to an inventory. What is said besides is for people.
func Read(to *inventory.Inventory, f File, data []byte) (notes []string, err error) {
	p, err := read(f, data)
	if err != nil {
		return nil, err
	}
	// Policies and attachments are about what others declare.
	for pass := range 2 {
		for _, r := range p.resources {
			if reader := readers[r.Type]; reader.how != nil && reader.pass == pass {
				reader.how(p, to, r)
			}
		}
	}
	return p.notes, nil
}

// reader reads resources of one type, in a pass.
type reader struct {
	pass int
	how  func(p *plan, to *inventory.Inventory, r resource)
}

var readers map[string]reader

func init() {
	readers = map[string]reader{
		"aws_s3_bucket":  {0, readBucket},
		"aws_kms_key":    {0, readKey},
		"aws_iam_role":   {0, readIdentity(share.Role)},
		"aws_iam_user":   {0, readIdentity(share.User)},
		"aws_iam_group":  {0, readIdentity(share.Group)},
		"aws_iam_policy": {0, readManaged},
		"aws_kms_alias":  {1, readAlias},
		"aws_kms_key_policy": {1, func(p *plan, to *inventory.Inventory, r resource) {
			to.KeyPolicy(p.Env, p.get(r, "key_id"), p.get(r, "policy"))
		}},
		"aws_s3_bucket_policy": {1, func(p *plan, to *inventory.Inventory, r resource) {
			to.BucketPolicy(p.Env, p.get(r, "bucket"), p.get(r, "policy"))
		}},
		"aws_s3_bucket_server_side_encryption_configuration": {1, func(p *plan, to *inventory.Inventory, r resource) {
			encryption(p, to, p.get(r, "bucket"), p.get(r, "rule"))
		}},
		"aws_s3_bucket_public_access_block": {1, readBlock},
		"aws_s3_bucket_ownership_controls": {1, func(p *plan, to *inventory.Inventory, r resource) {
			to.Ownership(p.Env, p.get(r, "bucket"), inventory.Get(p.get(r, "rule"), "object_ownership"))
		}},
		"aws_iam_role_policy":             {1, readInline(share.Role)},
		"aws_iam_user_policy":             {1, readInline(share.User)},
		"aws_iam_group_policy":            {1, readInline(share.Group)},
		"aws_iam_role_policy_attachment":  {1, readAttachment(share.Role)},
		"aws_iam_user_policy_attachment":  {1, readAttachment(share.User)},
		"aws_iam_group_policy_attachment": {1, readAttachment(share.Group)},
		"aws_iam_policy_attachment":       {1, readAttachments},
		"aws_iam_user_group_membership": {1, func(p *plan, to *inventory.Inventory, r resource) {
			for _, group := range inventory.List(p.get(r, "groups")) {
				to.Join(p.Env, p.get(r, "user"), group)
			}
		}},
		"aws_iam_group_membership": {1, func(p *plan, to *inventory.Inventory, r resource) {
			for _, user := range inventory.List(p.get(r, "users")) {
				to.Join(p.Env, user, p.get(r, "group"))
			}
		}},
	}
}

// readBucket reads a bucket with what older versions of the provider configure in it.
func readBucket(p *plan, to *inventory.Inventory, r resource) {
	name := p.name(r)
	to.Bucket(p.Env, name)
	if policy := p.get(r, "policy"); policy != nil && policy != "" {
		to.BucketPolicy(p.Env, name, policy)
	}
	if c := p.get(r, "server_side_encryption_configuration"); len(inventory.List(c)) > 0 {
		encryption(p, to, name, inventory.Get(c, "rule"))
	}
}

func encryption(p *plan, to *inventory.Inventory, bucket, rule any) {
	byDefault := inventory.Get(rule, "apply_server_side_encryption_by_default")
	to.Encryption(p.Env, bucket, inventory.Get(byDefault, "sse_algorithm"),
		inventory.Get(byDefault, "kms_master_key_id"), inventory.Get(rule, "bucket_key_enabled"))
}

func readBlock(p *plan, to *inventory.Inventory, r resource) {
	for property, setting := range map[string]string{
		"block_public_acls": "BlockPublicAcls", "block_public_policy": "BlockPublicPolicy",
		"ignore_public_acls": "IgnorePublicAcls", "restrict_public_buckets": "RestrictPublicBuckets",
	} {
		to.AccessBlock(p.Env, p.get(r, "bucket"), setting, p.get(r, property))
	}
}

func readKey(p *plan, to *inventory.Inventory, r resource) {
	_, known := r.Values["arn"].(string)
	to.Key(p.Env, fmt.Sprint(p.attribute(r, "arn")), p.get(r, "policy"), !known)
}

func readAlias(p *plan, to *inventory.Inventory, r resource) {
	to.Alias(p.Env, p.name(r), p.get(r, "target_key_id"))
}

func readIdentity(kind share.IdentityKind) func(*plan, *inventory.Inventory, resource) {
	return func(p *plan, to *inventory.Inventory, r resource) {
		name := p.name(r)
		to.Identity(p.Env, kind, name, p.get(r, "path"), p.get(r, "permissions_boundary"))
		for _, one := range inventory.List(p.get(r, "inline_policy")) {
			if policy := inventory.Get(one, "policy"); policy != nil && policy != "" {
				to.Inline(p.Env, kind, name, inventory.Get(one, "name"), policy)
			}
		}
		for _, arn := range inventory.List(p.get(r, "managed_policy_arns")) {
			to.Attach(p.Env, kind, name, arn)
		}
	}
}

func readManaged(p *plan, to *inventory.Inventory, r resource) {
	to.Managed(fmt.Sprint(p.attribute(r, "arn")), p.get(r, "policy"))
}

// propertyOf is the property that names an identity of a kind.
func propertyOf(kind share.IdentityKind) string { return strings.ToLower(string(kind)) }

func readInline(kind share.IdentityKind) func(*plan, *inventory.Inventory, resource) {
	return func(p *plan, to *inventory.Inventory, r resource) {
		to.Inline(p.Env, kind, p.get(r, propertyOf(kind)), p.name(r), p.get(r, "policy"))
	}
}

func readAttachment(kind share.IdentityKind) func(*plan, *inventory.Inventory, resource) {
	return func(p *plan, to *inventory.Inventory, r resource) {
		to.Attach(p.Env, kind, p.get(r, propertyOf(kind)), p.get(r, "policy_arn"))
	}
}

func readAttachments(p *plan, to *inventory.Inventory, r resource) {
	for property, kind := range map[string]share.IdentityKind{
		"users": share.User, "roles": share.Role, "groups": share.Group,
	} {
		for _, name := range inventory.List(p.get(r, property)) {
			to.Attach(p.Env, kind, name, p.get(r, "policy_arn"))
		}
	}
}
