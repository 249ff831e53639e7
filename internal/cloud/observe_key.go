package cloud

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// keyReader reads a part of what there is of a key into it.
type keyReader func(context.Context, *plan.Key) error

// key is the key behind an ARN, an id, an alias or an alias ARN, nil when there is none. What stands as a bucket's
// default key may be no name of a key at all.
func (o *observation) key(ctx context.Context, name string) *plan.Key {
	k, err := o.describeKey(ctx, name)
	if has(err, kmsNotFound, kmsInvalidARN, kmsValidation) {
		return nil
	}
	if err != nil {
		o.failed(err, "describing key %s", name)
		return nil
	}
	if !k.NeedsDetails() {
		return k
	}
	var g group
	for _, read := range append(o.keySettings(), o.keyPolicy, o.keyTags, o.aliases) {
		g.Do(func() {
			if err := read(ctx, k); err != nil {
				o.failed(err, "reading key %s", k.ARN)
			}
		})
	}
	g.done()
	return k
}

// foreignKey is the owner account's key as it can be seen from here, nil when it cannot. The owner's side may not be
// deployed yet; KMS then answers that there is no such key, or only that access is denied.
func (o *observation) foreignKey(ctx context.Context, a share.Access) *plan.Key {
	k, err := o.describeKey(ctx, a.Lookup())
	if err != nil && !has(err, kmsNotFound, kmsAccessDenied, accessDenied) {
		o.failed(err, "describing key %s", a.Lookup())
	}
	return k
}

func (c *Cloud) describeKey(ctx context.Context, name string) (*plan.Key, error) {
	out, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name}, inRegionOf(name))
	if err != nil {
		return nil, err
	}
	m := out.KeyMetadata
	return &plan.Key{
		ARN: aws.ToString(m.Arn), State: string(m.KeyState), Manager: string(m.KeyManager),
		Spec: string(m.KeySpec), Usage: string(m.KeyUsage), Origin: string(m.Origin),
	}, nil
}

// inRegionOf sends a call to the region in an ARN: a consumer's function may run in another one than the key's.
func inRegionOf(arn string) func(*kms.Options) {
	return func(o *kms.Options) {
		if p := strings.SplitN(arn, ":", 6); len(p) == 6 && p[3] != "" {
			o.Region = p[3]
		}
	}
}

func (c *Cloud) keyPolicy(ctx context.Context, k *plan.Key) error {
	out, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.ARN})
	if err != nil {
		return failed(err, "reading the key policy of %s", k.ARN)
	}
	k.Policy, err = policy.ReadStored(aws.ToString(out.Policy))
	return failed(err, "reading the key policy of %s", k.ARN)
}

func (c *Cloud) keyTags(ctx context.Context, k *plan.Key) error {
	k.Tags = map[string]string{}
	p := kms.NewListResourceTagsPaginator(c.kms, &kms.ListResourceTagsInput{KeyId: &k.ARN})
	all, err := collect(ctx, p, func(out *kms.ListResourceTagsOutput) []kmstypes.Tag { return out.Tags })
	for _, t := range all {
		k.Tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
	}
	return failed(err, "reading the tags of %s", k.ARN)
}

func (c *Cloud) aliases(ctx context.Context, k *plan.Key) (err error) {
	k.Aliases, err = aliasesOf(ctx, c.kms, k.ARN)
	return failed(err, "listing the aliases of %s", k.ARN)
}

// aliasesOf are the names of a key's aliases.
func aliasesOf(
	ctx context.Context, client *kms.Client, keyARN string, options ...func(*kms.Options),
) (names []string, err error) {
	p := kms.NewListAliasesPaginator(client, &kms.ListAliasesInput{KeyId: &keyARN})
	all, err := collect(ctx, p, func(out *kms.ListAliasesOutput) []kmstypes.AliasListEntry { return out.Aliases },
		options...)
	for _, a := range all {
		names = append(names, aws.ToString(a.AliasName))
	}
	return names, err
}

// keysByTag are the keys that a share had made for its bucket, by the tagging API.
func (o *observation) keysByTag(ctx context.Context, want plan.Wanted) tagged {
	filter := func(key, value string) types.TagFilter {
		return types.TagFilter{Key: aws.String(key), Values: []string{value}}
	}
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(o.tagging, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{"kms:key"},
		TagFilters: []types.TagFilter{
			filter(plan.TagStackID, want.Owner.StackID), filter(plan.TagLogicalID, want.Owner.LogicalID),
			filter(plan.TagForBucket, want.Share.Bucket),
		},
	})
	all, err := collect(ctx, pages, func(out *resourcegroupstaggingapi.GetResourcesOutput) []types.ResourceTagMapping {
		return out.ResourceTagMappingList
	})
	found := tagged{asked: true, err: failed(err, "looking for a key tagged with stack %s", want.Owner.StackID)}
	for _, r := range all {
		found.arns = append(found.arns, aws.ToString(r.ResourceARN))
	}
	return found
}

// taggedKeys are the keys behind ARNs, and what of them could not be read. The tagging API goes on listing deleted keys
// for hours, and may not know a new tag yet: each key is looked at itself, unless it was.
func (o *observation) taggedKeys(ctx context.Context, found tagged, now plan.State) ([]*plan.Key, []plan.Unread) {
	at := &observation{Cloud: o.Cloud}
	if found.err != nil {
		at.failed(found.err, "looking for keys")
	}
	var keys []*plan.Key
	for _, arn := range found.arns {
		k := knownKey(now, arn)
		if k == nil {
			k = at.key(ctx, arn)
		}
		if k != nil {
			keys = append(keys, k)
		}
	}
	return keys, at.unread
}

// knownKey is the key with an ARN that was looked at already.
func knownKey(now plan.State, arn string) *plan.Key {
	for _, k := range []*plan.Key{now.Named, now.OfBucket, now.Made, now.Former} {
		if k != nil && k.ARN == arn {
			return k
		}
	}
	return nil
}
