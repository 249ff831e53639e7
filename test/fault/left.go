package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/share"
)

// holds checks that there is what a state says, nil for nothing: who has access, and no bucket, alias, key or inline
// policy besides.
func (l *lane) holds(ctx context.Context, s *state) error {
	bucket, may := "", access{}
	if s != nil {
		bucket, may = l.names[s.bucket], l.resolved(s.access)
	}
	all := []error{l.inlineAre(ctx, s), l.rememberedIs(ctx, s)}
	if l.consumes() {
		return errors.Join(append(all, l.exactly(l.shared, may))...)
	}
	for _, name := range l.used {
		want := access{}
		if name == bucket {
			want = may
		}
		all = append(all, l.exactly(name, want))
	}
	return errors.Join(append(all, l.bucketsAre(ctx, bucket), l.aliasesAre(ctx, bucket), l.keysAre(ctx, bucket))...)
}

// inlineAre checks that those whom a state names have their inline policy, and nobody another.
func (l *lane) inlineAre(ctx context.Context, s *state) error {
	var all []error
	for _, user := range employees {
		var want []string
		managed := 0
		if s != nil && len(s.access[asker{noAccount, user}]) > 0 {
			if s.managed() {
				managed = 1
			} else {
				want = []string{l.named(s.policyName())}
			}
		}
		all = append(all, l.managedAre(ctx, user, managed))
		out, err := iam.NewFromConfig(l.at.Config()).ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &user})
		if err == nil && !slices.Equal(out.PolicyNames, want) {
			err = fmt.Errorf("%s has the inline policies %v, not %v", user, out.PolicyNames, want)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (l *lane) abandonManaged(ctx context.Context, client *iam.Client) error {
	there, err := client.ListPolicies(ctx, &iam.ListPoliciesInput{PathPrefix: aws.String(share.PolicyPath)})
	if err != nil {
		return err
	}
	for _, p := range there.Policies {
		for _, user := range employees {
			_, _ = client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &user, PolicyArn: p.Arn})
		}
		versions, err := client.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: p.Arn})
		if err != nil {
			return err
		}
		for _, v := range versions.Versions {
			_, _ = client.DeletePolicyVersion(ctx, // IAM keeps the default one
				&iam.DeletePolicyVersionInput{PolicyArn: p.Arn, VersionId: v.VersionId})
		}
		if _, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: p.Arn}); err != nil {
			return err
		}
	}
	return nil
}

// managedAre checks how many managed policies of shares there are for a user, and that he has them.
func (l *lane) managedAre(ctx context.Context, user string, want int) error {
	client, path := iam.NewFromConfig(l.at.Config()), aws.String(share.PolicyPath)
	attached, err := client.ListAttachedUserPolicies(ctx,
		&iam.ListAttachedUserPoliciesInput{UserName: &user, PathPrefix: path})
	if err != nil {
		return err
	}
	there, err := client.ListPolicies(ctx, &iam.ListPoliciesInput{PathPrefix: path})
	if err != nil {
		return err
	}
	his := slices.DeleteFunc(there.Policies, func(p iamtypes.Policy) bool {
		return !strings.Contains(aws.ToString(p.PolicyName), "-"+user+"-")
	})
	if len(attached.AttachedPolicies) != want || len(his) != want {
		return fmt.Errorf("%s has %d managed policies of %d, not %d", user, len(attached.AttachedPolicies), len(his), want)
	}
	return nil
}

// rememberedIs checks that of the declarations of this life that of the state is remembered, and no other.
func (l *lane) rememberedIs(ctx context.Context, s *state) error {
	var want []string
	if s != nil {
		want = []string{l.names[s.bucket] + " " + l.named(s.policyName())}
	}
	pages := ssm.NewGetParametersByPathPaginator(ssm.NewFromConfig(l.at.Config()), &ssm.GetParametersByPathInput{
		Path: aws.String(declaration.Path), Recursive: aws.Bool(true),
	})
	var have []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, p := range page.Parameters {
			d, err := declaration.Read(aws.ToString(p.Value))
			if err != nil {
				return fmt.Errorf("%s: %w", *p.Name, err)
			}
			if l.ofThisLife(d.StackID) {
				have = append(have, fmt.Sprint(d.Properties["BucketName"], " ", policyNameIn(d.Properties)))
			}
		}
	}
	if !slices.Equal(have, want) {
		return fmt.Errorf("remembered is %v, not %v", have, want)
	}
	return nil
}

func policyNameIn(properties map[string]any) any {
	if name, declared := properties["PolicyName"]; declared {
		return name
	}
	return share.DefaultPolicyName(fmt.Sprint(properties["BucketName"]))
}

// ofThisLife says whether a stack is the lane's, or that of the attempt before it.
func (l *lane) ofThisLife(stackID string) bool {
	name, _, _ := strings.Cut(stackID[strings.Index(stackID, ":stack/")+len(":stack/"):], "/")
	return strings.TrimSuffix(name, again) == strings.TrimSuffix(l.stack, again)
}

// bucketsAre checks that of the buckets of this life there is this one alone.
func (l *lane) bucketsAre(ctx context.Context, bucket string) error {
	out, err := l.s3().ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return err
	}
	var all []error
	there := map[string]bool{}
	for _, b := range out.Buckets {
		there[*b.Name] = true
	}
	for _, name := range l.used {
		if there[name] != (name == bucket) {
			all = append(all, fmt.Errorf("bucket %s: there is %t", name, there[name]))
		}
	}
	return errors.Join(all...)
}

// aliasesAre checks that of the aliases of this life there is that of this bucket, and of those others only what goes
// with a key that waits for its deletion.
func (l *lane) aliasesAre(ctx context.Context, bucket string) error {
	client := kms.NewFromConfig(l.owner.Config())
	out, err := client.ListAliases(ctx, &kms.ListAliasesInput{Limit: aws.Int32(100)})
	if err != nil {
		return err
	}
	target := map[string]string{}
	for _, a := range out.Aliases {
		target[*a.AliasName] = aws.ToString(a.TargetKeyId)
	}
	var all []error
	for _, name := range l.used {
		alias := share.DefaultAlias(name)
		id, there := target[alias]
		switch {
		case name == bucket && !there:
			all = append(all, fmt.Errorf("%s is missing", alias))
		case name != bucket && there:
			all = append(all, waits(ctx, client, id))
		}
	}
	return errors.Join(all...)
}

// keysAre checks that every key that was made, but those of this bucket and of the share for the consumer, waits for
// its deletion.
func (l *lane) keysAre(ctx context.Context, bucket string) error {
	l.mu.Lock()
	keys := maps.Clone(l.shadow.keys)
	for _, name := range []string{bucket, l.shared} {
		if b := l.shadow.buckets[name]; b != nil {
			delete(keys, b.key)
		}
	}
	l.mu.Unlock()
	var all []error
	client := kms.NewFromConfig(l.owner.Config())
	for arn := range keys {
		all = append(all, waits(ctx, client, arn))
	}
	return errors.Join(all...)
}

// waits checks that a key waits for its deletion.
func waits(ctx context.Context, client *kms.Client, key string) error {
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err == nil && out.KeyMetadata.KeyState != types.KeyStatePendingDeletion {
		err = fmt.Errorf("key %s is still %s", key, out.KeyMetadata.KeyState)
	}
	return err
}

// wasRetained checks that bucket and object are there and nobody is let in any more, and then takes them away as their
// owner would, by hand.
func (l *lane) wasRetained(ctx context.Context, label string) error {
	name := l.names[label]
	if err := l.exactly(name, nothing); err != nil {
		return err
	}
	if err := l.takeObject(ctx, label); err != nil {
		return err
	}
	l.mu.Lock()
	key := l.shadow.buckets[name].key
	delete(l.shadow.buckets, name)
	l.mu.Unlock()
	keys := kms.NewFromConfig(l.owner.Config())
	_, err := l.s3().DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	_, noAlias := keys.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String(share.DefaultAlias(name))})
	_, noKey := keys.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key})
	return errors.Join(err, noAlias, noKey)
}

// abandon keeps what a failed case left from spoiling the next one.
func (l *lane) abandon(ctx context.Context) error {
	client := iam.NewFromConfig(l.at.Config())
	for _, user := range employees {
		out, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &user})
		if err != nil {
			return err
		}
		for _, name := range out.PolicyNames {
			_, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &user, PolicyName: &name})
			if err != nil {
				return err
			}
		}
	}
	if err := l.abandonManaged(ctx, client); err != nil {
		return err
	}
	l.mu.Lock()
	maps.DeleteFunc(l.shadow.identities, func(who string, _ map[string]string) bool {
		return strings.HasPrefix(who, l.at.ID+"/")
	})
	l.mu.Unlock()
	l.begin()
	return nil
}
