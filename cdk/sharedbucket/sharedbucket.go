package sharedbucket

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/internal/share"
)

// SharedBucket is a Custom::SharedBucket: a bucket and its KMS key, and everybody who may use them.
type SharedBucket struct {
	constructs.Construct
	resource awscdk.CustomResource

	name      string
	alias     *string
	bucket    awss3.IBucket
	key       awskms.IKey
	delegates []any
	consumers []any
	accesses  map[string]*SharedBucketAccess // by the path of their stacks
}

// NewSharedBucket declares a shared bucket in the owner account. It needs a Provider in the same account and region.
func NewSharedBucket(scope constructs.Construct, id *string, props *SharedBucketProps) *SharedBucket {
	return newSharedBucket(scope, id, properties(props), props.Provider)
}

// NewSharedBucketFromProperties is NewSharedBucket for properties that come from elsewhere, such as a share file. They
// are as in a template.
func NewSharedBucketFromProperties(scope constructs.Construct, id *string, properties map[string]any) *SharedBucket {
	return newSharedBucket(scope, id, properties, nil)
}

func newSharedBucket(
	scope constructs.Construct, id *string, declared map[string]any, provider IProvider,
) *SharedBucket {
	b := &SharedBucket{Construct: constructs.NewConstruct(scope, id)}
	check(b.Construct, declared, share.ParseShare)
	b.resource = newResource(b.Construct, bucketType, declared, provider)
	b.name, _ = declared["BucketName"].(string)
	b.delegates, _ = declared["Delegates"].([]any)
	b.consumers, _ = declared["Consumers"].([]any)
	if encryption, ok := declared["Encryption"].(map[string]any); ok {
		if alias, ok := encryption["Alias"].(string); ok {
			b.alias = &alias
		}
	}
	return b
}

// Resource is the custom resource itself, for dependencies and escape hatches. Its Ref is the bucket's name.
func (b *SharedBucket) Resource() awscdk.CustomResource { return b.resource }

// BucketName is the bucket's name, known when the bucket is there.
func (b *SharedBucket) BucketName() *string { return b.attribute("BucketName") }

// BucketArn is the bucket's ARN.
func (b *SharedBucket) BucketArn() *string { return b.attribute("BucketArn") }

// KeyArn is the ARN of the bucket's key.
func (b *SharedBucket) KeyArn() *string { return b.attribute("KeyArn") }

// KeyId is the id of the bucket's key.
func (b *SharedBucket) KeyId() *string { return b.attribute("KeyId") }

// AliasName is the alias of the bucket's key, alias/…; empty for an existing key.
func (b *SharedBucket) AliasName() *string { return b.attribute("AliasName") }

// AccountId is the id of the owner account.
func (b *SharedBucket) AccountId() *string { return b.attribute("AccountId") }

// Region is where bucket and key are.
func (b *SharedBucket) Region() *string { return b.attribute("Region") }

// PolicyName is the name of the delegates' inline policies.
func (b *SharedBucket) PolicyName() *string { return b.attribute("PolicyName") }

// Verified says what was proven after the last change.
func (b *SharedBucket) Verified() *string { return b.attribute("Verified") }

// ExistingObjects says what an adopted bucket was found to hold, and what came of it.
func (b *SharedBucket) ExistingObjects() *string { return b.attribute("ExistingObjects") }

func (b *SharedBucket) attribute(name string) *string {
	return b.resource.GetAttString(jsii.String(name))
}

// SharedBucketAccess is a Custom::SharedBucketAccess: the users, roles and groups of one account that use a bucket of
// another.
type SharedBucketAccess struct {
	constructs.Construct
	resource awscdk.CustomResource
	grantees []any
}

// NewSharedBucketAccess declares access to a shared bucket in an account that consumes. It needs a Provider in the same
// account and region.
func NewSharedBucketAccess(scope constructs.Construct, id *string, props *SharedBucketAccessProps) *SharedBucketAccess {
	return newAccess(scope, id, properties(props), props.Provider)
}

// NewSharedBucketAccessFromProperties is to NewSharedBucketAccess what NewSharedBucketFromProperties is to
// NewSharedBucket.
func NewSharedBucketAccessFromProperties(
	scope constructs.Construct, id *string, properties map[string]any,
) *SharedBucketAccess {
	return newAccess(scope, id, properties, nil)
}

func newAccess(
	scope constructs.Construct, id *string, declared map[string]any, provider IProvider,
) *SharedBucketAccess {
	a := &SharedBucketAccess{Construct: constructs.NewConstruct(scope, id)}
	check(a.Construct, declared, share.ParseAccess)
	a.resource = newResource(a.Construct, accessType, declared, provider)
	a.grantees, _ = declared["Grantees"].([]any)
	return a
}

// Resource is the custom resource itself, for dependencies and escape hatches.
func (a *SharedBucketAccess) Resource() awscdk.CustomResource { return a.resource }

// BucketArn is the shared bucket's ARN.
func (a *SharedBucketAccess) BucketArn() *string { return a.attribute("BucketArn") }

// KeyArn is the ARN of the bucket's key in the owner account.
func (a *SharedBucketAccess) KeyArn() *string { return a.attribute("KeyArn") }

// PolicyName is the name of the grantees' inline policies.
func (a *SharedBucketAccess) PolicyName() *string { return a.attribute("PolicyName") }

// Verified says what was proven after the last change.
func (a *SharedBucketAccess) Verified() *string { return a.attribute("Verified") }

func (a *SharedBucketAccess) attribute(name string) *string {
	return a.resource.GetAttString(jsii.String(name))
}
