package template

import (
	"fmt"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/share"
)

// resourceReader reads resources of one type, in a pass.
type resourceReader struct {
	pass int
	how  func(s *stack, to *inventory.Inventory, id string, properties any)
}

// passes: what is named first, then what is about it.
const passes = 2

var readers map[string]resourceReader

func init() {
	readers = map[string]resourceReader{
		"AWS::S3::Bucket":               {0, readBucket},
		"AWS::KMS::Key":                 {0, readKey},
		"AWS::IAM::Role":                {0, readIdentity(share.Role)},
		"AWS::IAM::User":                {0, readIdentity(share.User)},
		"AWS::IAM::Group":               {0, readIdentity(share.Group)},
		"AWS::KMS::Alias":               {1, readAlias},
		"AWS::S3::BucketPolicy":         {1, readBucketPolicy},
		"AWS::IAM::Policy":              {1, readPolicy},
		"AWS::IAM::ManagedPolicy":       {1, readManaged},
		"AWS::IAM::RolePolicy":          {1, readOne(share.Role)},
		"AWS::IAM::UserPolicy":          {1, readOne(share.User)},
		"AWS::IAM::GroupPolicy":         {1, readOne(share.Group)},
		"AWS::IAM::UserToGroupAddition": {1, readMembers},
	}
}

// nameOf is a resource's name as others mean it.
func (s *stack) nameOf(id string) any {
	r := section(section(s.template["Resources"])[id])
	return s.named(id, r, s.name+": Resources."+id)
}

func readBucket(s *stack, to *inventory.Inventory, id string, p any) {
	get, name := inventory.Get, s.nameOf(id)
	to.Bucket(s.env, name)
	rule := get(p, "BucketEncryption", "ServerSideEncryptionConfiguration")
	if rule != nil {
		byDefault := get(rule, "ServerSideEncryptionByDefault")
		algorithm, key := get(byDefault, "SSEAlgorithm"), get(byDefault, "KMSMasterKeyID")
		to.Encryption(s.env, name, algorithm, key, get(rule, "BucketKeyEnabled"))
	}
	for _, setting := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if v := get(p, "PublicAccessBlockConfiguration", setting); v != nil {
			to.AccessBlock(s.env, name, setting, v)
		}
	}
	if ownership := get(p, "OwnershipControls", "Rules", "ObjectOwnership"); ownership != nil {
		to.Ownership(s.env, name, ownership)
	}
	if u, is := p.(inventory.Unknown); is { // its condition is not known
		to.BucketPolicy(s.env, name, u)
	}
}

func readKey(s *stack, to *inventory.Inventory, id string, p any) {
	to.Key(s.env, s.env.KeyARN(s.keyID(id)), inventory.Get(p, "KeyPolicy"), s.given[id] == "")
}

func readAlias(s *stack, to *inventory.Inventory, _ string, p any) {
	to.Alias(s.env, inventory.Get(p, "AliasName"), inventory.Get(p, "TargetKeyId"))
}

func readBucketPolicy(s *stack, to *inventory.Inventory, _ string, p any) {
	to.BucketPolicy(s.env, inventory.Get(p, "Bucket"), inventory.Get(p, "PolicyDocument"))
}

func readIdentity(kind share.IdentityKind) func(*stack, *inventory.Inventory, string, any) {
	return func(s *stack, to *inventory.Inventory, id string, p any) {
		get, name := inventory.Get, s.nameOf(id)
		to.Identity(s.env, kind, name, get(p, "Path"), get(p, "PermissionsBoundary"))
		if u, is := p.(inventory.Unknown); is {
			to.Inline(s.env, kind, name, id, u)
			return
		}
		list := func(property string, add func(any)) {
			v := get(p, property)
			if u, is := v.(inventory.Unknown); is {
				to.Inline(s.env, kind, name, property, u)
				return
			}
			for _, one := range inventory.List(v) {
				add(one)
			}
		}
		list("Policies", func(one any) {
			to.Inline(s.env, kind, name, get(one, "PolicyName"), get(one, "PolicyDocument"))
		})
		list("ManagedPolicyArns", func(one any) { to.Attach(s.env, kind, name, one) })
		if kind == share.User {
			list("Groups", func(one any) { to.Join(s.env, name, one) })
		}
	}
}

// attachedTo are the identities that a policy's Users, Roles and Groups name.
func attachedTo(p any, add func(kind share.IdentityKind, name any)) {
	for property, kind := range map[string]share.IdentityKind{
		"Users": share.User, "Roles": share.Role, "Groups": share.Group,
	} {
		for _, name := range inventory.List(inventory.Get(p, property)) {
			add(kind, name)
		}
	}
}

func readPolicy(s *stack, to *inventory.Inventory, _ string, p any) {
	attachedTo(p, func(kind share.IdentityKind, name any) {
		to.Inline(s.env, kind, name, inventory.Get(p, "PolicyName"), inventory.Get(p, "PolicyDocument"))
	})
}

func readManaged(s *stack, to *inventory.Inventory, id string, p any) {
	r := section(section(s.template["Resources"])[id])
	arn := s.attribute(id, "PolicyArn", r, s.name+": Resources."+id)
	to.Managed(fmt.Sprint(arn), inventory.Get(p, "PolicyDocument"))
	attachedTo(p, func(kind share.IdentityKind, name any) { to.Attach(s.env, kind, name, arn) })
}

func readOne(kind share.IdentityKind) func(*stack, *inventory.Inventory, string, any) {
	return func(s *stack, to *inventory.Inventory, _ string, p any) {
		get := inventory.Get
		to.Inline(s.env, kind, get(p, string(kind)+"Name"), get(p, "PolicyName"), get(p, "PolicyDocument"))
	}
}

func readMembers(s *stack, to *inventory.Inventory, _ string, p any) {
	for _, user := range inventory.List(inventory.Get(p, "Users")) {
		to.Join(s.env, user, inventory.Get(p, "GroupName"))
	}
}
