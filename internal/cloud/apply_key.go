package cloud

import (
	"context"

	"example.com/sharedbucket/internal/plan"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// createKey is tried once: CreateKey has no idempotency token, so a second try after a lost answer makes a second key.
// A key whose answer was lost carries the owner's tags and is found by the next plan.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func (a *application) createKey(ctx context.Context, s plan.Step) error {
	out, err := a.kms.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("key of a shared S3 bucket: " + s.Tags[plan.TagForBucket]),
		Policy:      &s.After, Tags: kmsTags(s.Tags),
	}, func(o *kms.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return err
	}
	a.setKey(aws.ToString(out.KeyMetadata.Arn))
	return nil
}

// onKey writes to a key that may have been created a moment ago.
func (a *application) onKey(ctx context.Context, write func(context.Context) error) error {
	return a.retryOn(ctx, []string{kmsNotFound}, write)
}

// createAlias also settles who wins when the same Create runs twice at once, as CloudFormation's asynchronous delivery
// may make it: an alias can be made once, so the other run's key goes and this one's is used, or the other way round.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func (a *application) createAlias(ctx context.Context, s plan.Step) error {
	err := a.onKey(ctx, func(ctx context.Context) error {
		_, err := a.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &s.Resource, TargetKeyId: &s.Value})
		return err
	})
	if !has(err, kmsAlreadyExists) {
		return err
	}
	winner, lookErr := a.findKey(ctx, a.env.AliasARN(a.env.Account, s.Resource))
	switch {
	case lookErr != nil:
		return lookErr
	case winner == nil || winner.ARN == s.Value:
		return nil
	case !a.owner.Owns(winner.Tags) || a.applied().KeyARN != s.Value:
		return err
	}
	a.setKey(winner.ARN)
	return a.scheduleKeyDeletion(ctx, plan.Step{Resource: s.Value, Days: shortestWindow})
}

// shortestWindow is the shortest deletion window KMS takes, for a key that never encrypted anything.
const shortestWindow = 7

func (a *application) deleteAlias(ctx context.Context, s plan.Step) error {
	_, err := a.kms.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: &s.Resource})
	return ignore(err, kmsNotFound)
}

func (a *application) cancelKeyDeletion(ctx context.Context, s plan.Step) error {
	_, err := a.kms.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &s.Resource})
	return err
}

func (a *application) enableKey(ctx context.Context, s plan.Step) error {
	_, err := a.kms.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &s.Resource})
	return err
}

func (a *application) enableKeyRotation(ctx context.Context, s plan.Step) error {
	return a.onKey(ctx, func(ctx context.Context) error {
		_, err := a.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{
			KeyId: &s.Resource, RotationPeriodInDays: aws.Int32(int32(s.Days)),
		})
		return err
	})
}

// putKeyPolicy never asks KMS to skip its check that the caller can write the policy again.
func (a *application) putKeyPolicy(ctx context.Context, s plan.Step) error {
	return a.retryOn(ctx, []string{kmsNotFound, kmsMalformed}, func(ctx context.Context) error {
		_, err := a.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &s.Resource, Policy: &s.After})
		return err
	})
}

func (a *application) tagKey(ctx context.Context, s plan.Step) error {
	_, err := a.kms.TagResource(ctx, &kms.TagResourceInput{KeyId: &s.Resource, Tags: kmsTags(s.Tags)})
	return err
}

func (a *application) untagKey(ctx context.Context, s plan.Step) error {
	_, err := a.kms.UntagResource(ctx, &kms.UntagResourceInput{KeyId: &s.Resource, TagKeys: keysOf(s.Tags)})
	return ignore(err, kmsNotFound)
}

// scheduleKeyDeletion is done already for a key that is gone, or in a state that waits for deletion.
func (a *application) scheduleKeyDeletion(ctx context.Context, s plan.Step) error {
	_, err := a.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
		KeyId: &s.Resource, PendingWindowInDays: aws.Int32(int32(s.Days)),
	})
	if has(err, kmsInvalidState) {
		if k, lookErr := a.describeKey(ctx, s.Resource); lookErr == nil && k.State == plan.KeyPendingDeletion {
			return nil
		}
	}
	return ignore(err, kmsNotFound)
}

func kmsTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for k, v := range tags {
		list = append(list, types.Tag{TagKey: aws.String(k), TagValue: aws.String(v)})
	}
	return list
}
