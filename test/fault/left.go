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
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// holds checks that there is what a state says, nil for nothing: who has access, and no bucket, alias, key, policy or
// remembered declaration besides.
func (r *runner) holds(ctx context.Context, s *state) error {
	there, err := r.at.Inventory(ctx)
	if err != nil {
		return err
	}
	bucket, may := "", access{}
	if s != nil {
		bucket, may = r.names[s.bucket], r.resolved(s.access)
	}
	all := []error{r.policiesAre(there, s), r.rememberedIs(there, s)}
	if r.consumes() {
		everybody := r.exactly(r.shared, merged(r.always()[r.shared], may))
		return errors.Join(append(all, everybody, r.noCanaryIn(ctx, r.shared))...)
	}
	for _, name := range r.used {
		want := access{}
		if name == bucket {
			want = may
		}
		all = append(all, r.exactly(name, want))
	}
	return errors.Join(append(all, r.bucketsAre(there, bucket), r.aliasesAre(there, bucket), r.keysAre(there, bucket))...)
}

// policiesAre checks that those whom a state names have their policy, inline or managed, and nobody another; and that
// there is no managed policy of a share that nobody has.
func (r *runner) policiesAre(there local.Inventory, s *state) error {
	var all []error
	managed := 0
	for _, user := range employees {
		inline, attached := []string{}, 0
		if s != nil && len(s.access[principal{noAccount, user}]) > 0 {
			if s.managed() {
				attached = 1
			} else {
				inline = append(inline, r.named(s.policyName()))
			}
		}
		managed += attached
		his := there.Identities["user/"+user]
		if !slices.Equal(his.Inline, inline) {
			all = append(all, fmt.Errorf("%s has the inline policies %v, not %v", user, his.Inline, inline))
		}
		if len(his.Attached) != attached || len(ofShares(his.Attached)) != attached {
			all = append(all, fmt.Errorf("%s has the managed policies %v, not %d", user, his.Attached, attached))
		}
	}
	if made := ofShares(there.Policies); len(made) != managed {
		all = append(all, fmt.Errorf("there are the managed policies %v, not %d", made, managed))
	}
	return errors.Join(all...)
}

// ofShares are the managed policies that providers made.
func ofShares(policies []string) []string {
	return slices.DeleteFunc(slices.Clone(policies), func(arn string) bool {
		return !strings.Contains(arn, ":policy"+share.PolicyPath)
	})
}

func (r *runner) abandonManaged(ctx context.Context, client *iam.Client) error {
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

// rememberedIs checks that of the declarations of this life that of the state is remembered, and no other.
func (r *runner) rememberedIs(there local.Inventory, s *state) error {
	var want, have []string
	if s != nil {
		want = []string{r.names[s.bucket] + " " + r.named(s.policyName())}
	}
	for name, value := range there.Parameters {
		if !strings.HasPrefix(name, declaration.Path) {
			continue
		}
		d, err := declaration.Read(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if r.ofThisLife(d.StackID) {
			have = append(have, fmt.Sprint(d.Properties["BucketName"], " ", policyNameIn(d.Properties)))
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

// ofThisLife says whether a stack is the runner's, or that of the attempt before it.
func (r *runner) ofThisLife(stackID string) bool {
	name, _, _ := strings.Cut(stackID[strings.Index(stackID, ":stack/")+len(":stack/"):], "/")
	return strings.TrimSuffix(name, again) == strings.TrimSuffix(r.stack, again)
}

// bucketsAre checks that of the buckets of this life there is this one alone.
func (r *runner) bucketsAre(there local.Inventory, bucket string) error {
	var all []error
	for _, name := range r.used {
		if is := slices.Contains(there.Buckets, name); is != (name == bucket) {
			all = append(all, fmt.Errorf("bucket %s: there is %t", name, is))
		}
	}
	return errors.Join(all...)
}

// aliasesAre checks that of the aliases of this life there is that of this bucket, and of those others only what goes
// with a key that waits for its deletion.
func (r *runner) aliasesAre(there local.Inventory, bucket string) error {
	var all []error
	for _, name := range r.used {
		alias := share.DefaultAlias(name)
		key, is := there.Aliases[alias]
		switch {
		case name == bucket && !is:
			all = append(all, fmt.Errorf("%s is missing", alias))
		case name != bucket && is:
			all = append(all, waits(there, key))
		}
	}
	return errors.Join(all...)
}

// keysAre checks that every key that was made, but those of this bucket and of the share for the consumer, waits for
// its deletion.
func (r *runner) keysAre(there local.Inventory, bucket string) error {
	r.mu.Lock()
	keys := maps.Clone(r.model.keys)
	for _, name := range []string{bucket, r.shared} {
		if b := r.model.buckets[name]; b != nil {
			delete(keys, b.key)
		}
	}
	r.mu.Unlock()
	var all []error
	for arn := range keys {
		all = append(all, waits(there, arn))
	}
	return errors.Join(all...)
}

// waits checks that a key waits for its deletion.
func waits(there local.Inventory, key string) error {
	if state := there.Keys[key]; state != string(types.KeyStatePendingDeletion) {
		return fmt.Errorf("key %s is still %s", key, state)
	}
	return nil
}

// wasRetained checks that bucket and object are there and nobody is let in any more, and then takes them away as their
// owner would, by hand.
func (r *runner) wasRetained(ctx context.Context, label string) error {
	name := r.names[label]
	if err := r.exactly(name, nothing); err != nil {
		return err
	}
	if err := r.takeObject(ctx, label); err != nil {
		return err
	}
	r.mu.Lock()
	key := r.model.buckets[name].key
	delete(r.model.buckets, name)
	r.mu.Unlock()
	keys := kms.NewFromConfig(r.owner.Config())
	_, err := r.s3().DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	_, noAlias := keys.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String(share.DefaultAlias(name))})
	_, noKey := keys.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key})
	return errors.Join(err, noAlias, noKey)
}

// finishForgotten looks at a replacement of which nothing could be taken back: CloudFormation forgets one of the two
// resources then, and asks for nothing of it any more. The new one goes with the next event of the old one; of the old
// one, whose deletion failed, what lets anybody in has to be remembered, so that somebody finds it.
func (r *runner) finishForgotten(ctx context.Context, s *scenario, status string) error {
	if status == "UPDATE_ROLLBACK_FAILED" {
		var err error
		if status, err = r.at.resume(ctx, r.stack); err != nil {
			return err
		}
	}
	if status == "UPDATE_ROLLBACK_COMPLETE" {
		return r.stands(ctx, s.before)
	}
	if status != "UPDATE_COMPLETE" {
		return fmt.Errorf("the update ended in %s", status)
	}
	there, err := r.at.Inventory(ctx)
	if err != nil {
		return err
	}
	known, all := map[string]bool{}, []error{}
	for name, value := range there.Parameters {
		if !strings.HasPrefix(name, declaration.Path) {
			continue
		}
		if d, err := declaration.Read(value); err == nil && r.ofThisLife(d.StackID) {
			known[fmt.Sprint(d.Properties["BucketName"])], known[fmt.Sprint(policyNameIn(d.Properties))] = true, true
		}
	}
	for _, bucket := range r.used {
		if err := r.exactly(bucket, nothing); err != nil && !known[bucket] {
			all = append(all, fmt.Errorf("bucket %s is left, and nothing says so: %w", bucket, err))
		}
	}
	for _, user := range employees {
		for _, policy := range there.Identities["user/"+user].Inline {
			if !known[policy] {
				all = append(all, fmt.Errorf("%s has the inline policy %s, and nothing says so", user, policy))
			}
		}
	}
	return errors.Join(append(all, r.abandon(ctx))...)
}

// abandon keeps what a failed case left from spoiling the next one.
func (r *runner) abandon(ctx context.Context) error {
	client := iam.NewFromConfig(r.at.Config())
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
	if err := r.abandonManaged(ctx, client); err != nil {
		return err
	}
	r.mu.Lock()
	maps.DeleteFunc(r.model.identities, func(who string, _ map[string]string) bool {
		return strings.HasPrefix(who, r.at.ID+"/")
	})
	r.mu.Unlock()
	r.begin()
	return nil
}
