package cloud

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// findKey is the key of this account behind an ARN or alias ARN, nil when there is none.
func (c *Cloud) findKey(ctx context.Context, name string) (*plan.Key, error) {
	k, err := c.describeKey(ctx, name)
	if has(err, kmsNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(err, "describing key %s", name)
	}
	if k.Manager == plan.KeyManagerAWS {
		return k, nil
	}
	g, gctx := together(ctx)
	for _, read := range []func(context.Context, *plan.Key) error{c.readKeyPolicy, c.readKeyTags, c.readRotation, c.readAliases} {
		g.Go(func() error { return read(gctx, k) })
	}
	return k, g.Wait()
}

// findForeignKey is the owner account's key as it can be seen from here, nil when it cannot. The owner's side may not be
// deployed yet; KMS then answers that there is no such key, or only that access is denied.
func (c *Cloud) findForeignKey(ctx context.Context, a share.Access) (*plan.Key, error) {
	k, err := c.describeKey(ctx, a.Lookup())
	if has(err, kmsNotFound, kmsAccessDenied, accessDenied) {
		return nil, nil
	}
	return k, failed(err, "describing key %s", a.Lookup())
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

func (c *Cloud) readKeyPolicy(ctx context.Context, k *plan.Key) error {
	out, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.ARN})
	if err != nil {
		return failed(err, "reading the key policy of %s", k.ARN)
	}
	k.Policy = aws.ToString(out.Policy)
	return nil
}

func (c *Cloud) readKeyTags(ctx context.Context, k *plan.Key) error {
	k.Tags = map[string]string{}
	pages := kms.NewListResourceTagsPaginator(c.kms, &kms.ListResourceTagsInput{KeyId: &k.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed(err, "reading the tags of %s", k.ARN)
		}
		for _, t := range page.Tags {
			k.Tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	return nil
}

// readRotation leaves 0 for a key that waits for its deletion: KMS stops rotating it, and may refuse to say more.
func (c *Cloud) readRotation(ctx context.Context, k *plan.Key) error {
	if k.Origin != plan.KeyOriginKMS || k.Spec != plan.KeySymmetric {
		return nil
	}
	out, err := c.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &k.ARN})
	if has(err, kmsInvalidState) {
		return nil
	}
	if err != nil {
		return failed(err, "reading the rotation of %s", k.ARN)
	}
	if out.KeyRotationEnabled {
		k.RotationDays = int(aws.ToInt32(out.RotationPeriodInDays))
	}
	return nil
}

func (c *Cloud) readAliases(ctx context.Context, k *plan.Key) error {
	pages := kms.NewListAliasesPaginator(c.kms, &kms.ListAliasesInput{KeyId: &k.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed(err, "listing the aliases of %s", k.ARN)
		}
		for _, a := range page.Aliases {
			k.Aliases = append(k.Aliases, aws.ToString(a.AliasName))
		}
	}
	return nil
}

// findKeyByTags is the ARN of the key that owner had made for a bucket, "" for none. The tagging API may lag behind a
// tag by seconds, so it is asked only where nothing better leads to the key.
func (c *Cloud) findKeyByTags(ctx context.Context, owner plan.Owner, bucket string) (string, error) {
	filter := func(key, value string) types.TagFilter {
		return types.TagFilter{Key: aws.String(key), Values: []string{value}}
	}
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(c.tagging, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{"kms:key"},
		TagFilters: []types.TagFilter{
			filter(plan.TagStackID, owner.StackID), filter(plan.TagLogicalID, owner.LogicalID), filter(plan.TagForBucket, bucket),
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", failed(err, "looking for a key tagged with stack %s", owner.StackID)
		}
		for _, r := range page.ResourceTagMappingList {
			return aws.ToString(r.ResourceARN), nil
		}
	}
	return "", nil
}

// isKeyOf says whether arn is a KMS key of this account and region.
func isKeyOf(env share.Env, arn string) bool { return strings.HasPrefix(arn, env.KeyARN("")) }
