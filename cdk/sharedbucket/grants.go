package sharedbucket

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// Users are the names of users, for a Grantee.
func Users(users ...awsiam.IUser) *[]*string { return namesOf(users, awsiam.IUser.UserName) }

// Roles are the names of roles, for a Grantee.
func Roles(roles ...awsiam.IRole) *[]*string { return namesOf(roles, awsiam.IRole.RoleName) }

// Groups are the names of groups, for a Grantee.
func Groups(groups ...awsiam.IGroup) *[]*string { return namesOf(groups, awsiam.IGroup.GroupName) }

func namesOf[T any](all []T, name func(T) *string) *[]*string {
	names := make([]*string, len(all))
	for i, one := range all {
		names[i] = name(one)
	}
	return &names
}

// Bucket is the bucket for what wants an IBucket. Grants of it are not the share's: they add to the identity alone.
func (b *SharedBucket) Bucket() awss3.IBucket {
	if b.bucket == nil {
		b.bucket = awss3.Bucket_FromBucketAttributes(b.Construct, jsii.String("Bucket"), &awss3.BucketAttributes{
			BucketName: b.BucketName(), BucketArn: b.BucketArn(), EncryptionKey: b.Key(),
		})
	}
	return b.bucket
}

// Key is the bucket's key for what wants an IKey.
func (b *SharedBucket) Key() awskms.IKey {
	if b.key == nil {
		b.key = awskms.Key_FromKeyArn(b.Construct, jsii.String("Key"), b.KeyArn())
	}
	return b.key
}

// GrantRead lets a user, role or group read, everywhere or below prefixes. One of the owner account becomes a delegate.
// A user or role of another account becomes a consumer, and a grantee of a SharedBucketAccess in its own stack.
func (b *SharedBucket) GrantRead(grantee awsiam.IGrantable, prefixes ...*string) {
	b.grant(grantee, Read, prefixes)
}

// GrantWrite is GrantRead for the level Write.
func (b *SharedBucket) GrantWrite(grantee awsiam.IGrantable, prefixes ...*string) {
	b.grant(grantee, Write, prefixes)
}

// GrantReadWrite is GrantRead for the level ReadWrite.
func (b *SharedBucket) GrantReadWrite(grantee awsiam.IGrantable, prefixes ...*string) {
	b.grant(grantee, ReadWrite, prefixes)
}

func (b *SharedBucket) grant(to awsiam.IGrantable, level Level, prefixes []*string) {
	who, ok := identityOf(to)
	if !ok {
		b.fail("only users, roles and groups can be granted something")
		return
	}
	entry := Grantee{Access: level}
	if len(prefixes) > 0 {
		entry.Prefixes = &prefixes
	}
	who.name(&entry)
	owner := *awscdk.Stack_Of(b.Construct).Account()
	outside := *who.resource.Env().Account
	switch {
	case outside == owner || isToken(outside) || isToken(owner):
		b.delegates = append(b.delegates, properties(entry))
		b.put("Delegates", b.delegates)
	case who.arn == nil:
		b.fail("a group of another account cannot be let in; grant to its users or roles, or make the account a " +
			"consumer")
	default:
		consumer := Consumer{Principal: &[]*string{who.arn}, Access: level, Prefixes: entry.Prefixes}
		b.consumers = append(b.consumers, properties(consumer))
		b.put("Consumers", b.consumers)
		b.grantThere(who.resource, entry)
	}
}

func (b *SharedBucket) put(name string, list []any) {
	b.resource.Node().DefaultChild().(awscdk.CfnResource).AddPropertyOverride(jsii.String(name), list)
}

func (b *SharedBucket) fail(problem string) {
	awscdk.Annotations_Of(b.Construct).AddError(jsii.String(problem))
}

// grantThere adds a grantee to the access in its own stack. An identity that is only known by its ARN has none.
func (b *SharedBucket) grantThere(identity awscdk.IResource, entry Grantee) {
	stack := awscdk.Stack_Of(identity)
	if *stack.Account() != *identity.Env().Account {
		awscdk.Annotations_Of(b.Construct).AddInfo(jsii.String("let in from the owner's side only: " +
			*identity.Env().Account + " needs a SharedBucketAccess for " + *identity.Node().Path()))
		return
	}
	path := *stack.Node().Path()
	if b.accesses == nil {
		b.accesses = map[string]*SharedBucketAccess{}
	}
	access := b.accesses[path]
	if access == nil {
		owner := awscdk.Stack_Of(b.Construct)
		access = NewSharedBucketAccess(stack, jsii.String("AccessTo-"+*b.Node().Addr()), &SharedBucketAccessProps{
			BucketName: jsii.String(b.name), OwnerAccount: owner.Account(), Region: owner.Region(), Alias: b.alias,
		})
		b.accesses[path] = access
	}
	access.grantees = append(slices.Clip(access.grantees), properties(entry))
	resource := access.resource.Node().DefaultChild().(awscdk.CfnResource)
	resource.AddPropertyOverride(jsii.String("Grantees"), access.grantees)
}

// identity is a user, role or group.
type identity struct {
	resource awscdk.IResource
	arn      *string // nil for a group, which is no principal
	name     func(*Grantee)
}

func identityOf(to awsiam.IGrantable) (identity, bool) {
	for _, one := range []any{to, to.GrantPrincipal()} {
		switch i := one.(type) {
		case awsiam.IRole:
			return identity{i, i.RoleArn(), func(g *Grantee) { g.Role = Roles(i) }}, true
		case awsiam.IUser:
			return identity{i, i.UserArn(), func(g *Grantee) { g.User = Users(i) }}, true
		case awsiam.IGroup:
			return identity{i, nil, func(g *Grantee) { g.Group = Groups(i) }}, true
		}
	}
	return identity{}, false
}
