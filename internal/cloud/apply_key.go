package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// createKey is tried once: CreateKey has no idempotency token, so a second try after a lost answer makes a second key.
// A key whose answer was lost carries the owner's tags and is found by the next plan.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func (a *application) createKey(ctx context.Context, s plan.Step) error {
	out, err := a.kms.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String(share.KeyDescription(s.Tags[plan.TagForBucket])),
		Policy:      aws.String(s.After.Text()), Tags: kmsTags(s.Tags),
	}, func(o *kms.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return err
	}
	a.setKey(aws.ToString(out.KeyMetadata.Arn))
	return nil
}

// onKey writes to a key of the share's own, which may have been created, or taken up again, a moment ago.
func (a *application) onKey(ctx context.Context, s plan.Step, write func(context.Context) error) error {
	return waitFor(ctx, write, a.causes(s)...)
}

// causes are those for which KMS may refuse a step for a while. The tags of a key of the share's own decide whether
// this role may write to it, and new ones count only after minutes.
func (a *application) causes(s plan.Step) []lateness {
	causes := []lateness{newKey}
	if s.TakenUp {
		causes = append(causes, takenUpKey)
	}
	if s.NewTags {
		causes = append(causes, a.late(newTags))
	}
	if s.NewAccounts {
		causes = append(causes, newAccount)
	}
	return causes
}

// createAlias is refused when somebody else was faster, such as another run of the same event. Then its outcome is not
// settled here: the next plan finds the key that won.
func (a *application) createAlias(ctx context.Context, s plan.Step) error {
	return a.onKey(ctx, s, func(ctx context.Context) error {
		_, err := a.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &s.Resource, TargetKeyId: &s.Value})
		return err
	})
}

func (a *application) deleteAlias(ctx context.Context, s plan.Step) error {
	_, err := a.kms.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: &s.Resource})
	return ignore(err, kmsNotFound)
}

// cancelKeyDeletion brings a key back and makes it its new owner's at once. Whatever else fails then, a removal finds
// it by its tags; and when KMS refuses the tags, it waits for its deletion again. Otherwise a key would be left that is
// awake and nobody's.
func (a *application) cancelKeyDeletion(ctx context.Context, s plan.Step) error {
	if err := a.wakeKey(ctx, s); err != nil {
		return err
	}
	tagging := s
	tagging.TakenUp = true
	err := a.tagKey(ctx, tagging)
	if err == nil {
		return nil
	}
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBack)
	defer cancel()
	return errors.Join(err, a.scheduleKeyDeletion(back, s))
}

// giveBack is for a few tries of one call, also when time is up: the function keeps more than that for its answer.
const giveBack = 2 * time.Second

// wakeKey is done already for a key that does not wait for its deletion: the answer of an earlier try may have been
// lost.
func (a *application) wakeKey(ctx context.Context, s plan.Step) error {
	return a.onKey(ctx, s, func(ctx context.Context) error {
		_, err := a.kms.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &s.Resource})
		if a.already(ctx, err, s.Resource, false) {
			return nil
		}
		return err
	})
}

func (a *application) enableKey(ctx context.Context, s plan.Step) error {
	return a.onKey(ctx, s, func(ctx context.Context) error {
		_, err := a.kms.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &s.Resource})
		return err
	})
}

// putKeyPolicy never asks KMS to skip its check that the caller can write the policy again. Like putBucketPolicy, it
// looks once more before it writes.
func (a *application) putKeyPolicy(ctx context.Context, s plan.Step) error {
	if s.OursPrefix != "" {
		now := plan.Key{ARN: s.Resource}
		if err := a.keyPolicy(ctx, &now); err != nil {
			return err
		}
		if !s.PlannedFrom(now.Policy) {
			return &plan.Changed{Document: "the key policy of " + s.Resource}
		}
	}
	err := waitFor(ctx, func(ctx context.Context) error {
		_, err := a.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &s.Resource, Policy: aws.String(s.After.Text())})
		return err
	}, a.causes(s)...)
	if s.NewAccounts {
		return because(err, kmsMalformed, unknownAccount, "%s %s", s.Operation, s.Resource)
	}
	return err
}

func (a *application) tagKey(ctx context.Context, s plan.Step) error {
	return a.onKey(ctx, s, func(ctx context.Context) error {
		_, err := a.kms.TagResource(ctx, &kms.TagResourceInput{KeyId: &s.Resource, Tags: kmsTags(s.Tags)})
		return err
	})
}

func (a *application) untagKey(ctx context.Context, s plan.Step) error {
	err := waitFor(ctx, func(ctx context.Context) error {
		_, err := a.kms.UntagResource(ctx, &kms.UntagResourceInput{KeyId: &s.Resource, TagKeys: keysOf(s.Tags)})
		return err
	}, a.late(newTags))
	return ignore(err, kmsNotFound)
}

// scheduleKeyDeletion is done already for a key that is gone, or in a state that waits for deletion. One that nobody
// uses is looked at once more: with an alias, somebody is about to.
func (a *application) scheduleKeyDeletion(ctx context.Context, s plan.Step) error {
	if s.NoAlias {
		switch names, err := aliasesOf(ctx, a.kms, s.Resource); {
		case err != nil:
			return ignore(err, kmsNotFound)
		case len(names) > 0:
			return &plan.Changed{Document: "the aliases of " + s.Resource}
		}
	}
	err := a.late(newTags).wait(ctx, func(ctx context.Context) error {
		_, err := a.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
			KeyId: &s.Resource, PendingWindowInDays: aws.Int32(int32(s.Days)),
		})
		return err
	})
	if a.already(ctx, err, s.Resource, true) {
		return nil
	}
	return ignore(err, kmsNotFound)
}

// already says of a key whose state KMS refused to change whether it waits for its deletion, or does not, already.
func (a *application) already(ctx context.Context, err error, key string, waits bool) bool {
	if !has(err, kmsInvalidState) {
		return false
	}
	k, err := a.describeKey(ctx, key)
	return err == nil && (k.State == plan.KeyPendingDeletion) == waits
}

func kmsTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for k, v := range tags {
		list = append(list, types.Tag{TagKey: aws.String(k), TagValue: aws.String(v)})
	}
	return list
}
