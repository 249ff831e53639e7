package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// bucket handles an event of Custom::SharedBucket. The physical id of a finished share is its bucket's name.
func (r resource) bucket(ctx context.Context) outcome {
	if r.RequestType == cfn.RequestDelete {
		return outcome{id: r.PhysicalResourceID, err: r.removeShare(ctx)}
	}
	want, previous, err := r.wantedShare()
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	data, err := r.makeShare(ctx, r.shareQuery(want, previous))
	switch {
	case err != nil:
	case rollsBackReplacement(r.Event, want, previous):
		err = r.cleanUp(ctx, *previous, plan.Unfinished)
	case finishesCreate(r.Event, want, previous):
		_, err = r.aws.Apply(ctx, plan.HandOver(want), r.owner(), r.report)
	}
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	return outcome{id: want.Bucket, data: data}
}

// shareQuery says what kind of change this is. An Update to another bucket is a replacement: the new share is created,
// and CloudFormation deletes the old one afterwards.
//
// The way back from a replacement that failed looks like one too, but the bucket is the resource's own: then what the
// failed Update left behind in the other bucket is cleaned up, and nobody of the old declaration needs revoking here.
func (r resource) shareQuery(want share.Share, previous *share.Share) cloud.ShareQuery {
	q := cloud.ShareQuery{Share: want, Owner: r.owner()}
	if finishesCreate(r.Event, want, previous) {
		q.Previous = previous
		return q
	}
	if r.RequestType == cfn.RequestUpdate && r.PhysicalResourceID == want.Bucket {
		q.Expected = true
		q.Previous = previous
		if previous.Bucket != want.Bucket {
			q.Previous = &want
		}
	}
	return q
}

func rollsBackReplacement(e cfn.Event, want share.Share, previous *share.Share) bool {
	return previous != nil && previous.Bucket != "" && previous.Bucket != want.Bucket && e.PhysicalResourceID == want.Bucket
}

// finishesCreate says whether an Update finishes what a failed Create of the same bucket began, which happens when a
// stack is kept after a failure. Answering with the bucket's name makes CloudFormation delete the failed Create.
func finishesCreate(e cfn.Event, want share.Share, previous *share.Share) bool {
	return previous != nil && previous.Bucket == want.Bucket && e.PhysicalResourceID != want.Bucket
}

// tries is how often an event that was overtaken by its own duplicate looks again.
const tries = 3

// makeShare goes from what is there to the wanted share and proves it.
func (r resource) makeShare(ctx context.Context, q cloud.ShareQuery) (map[string]any, error) {
	var overtaken error
	for range tries {
		keyARN, err := r.applyShare(ctx, q, overtaken)
		switch {
		case err == nil:
			return r.shareData(q.Share, keyARN), nil
		case err == overtaken || !cloud.Overtaken(err):
			return nil, err
		}
		r.log.Warn("overtaken, looking again", "error", err)
		overtaken = err
	}
	return nil, overtaken
}

// applyShare looks, plans, applies and proves once. After it was overtaken, a bucket that is gone means that a Delete
// came in between: then the share is not made again.
func (r resource) applyShare(ctx context.Context, q cloud.ShareQuery, overtaken error) (keyARN string, err error) {
	now, err := r.aws.ObserveShare(ctx, q)
	if err != nil {
		return "", err
	}
	if overtaken != nil && now.Bucket == nil {
		return "", overtaken
	}
	steps, err := plan.ForShare(plan.Wanted{Share: q.Share, Previous: q.Previous, Owner: q.Owner}, now)
	if err != nil {
		return "", err
	}
	r.log.Info("planned", "steps", len(steps), "rounds", len(steps.Rounds()))
	applied, err := r.aws.Apply(ctx, steps, q.Owner, r.report)
	if err != nil {
		return "", errors.Join(err, r.dropOrphan(ctx, q.Share, applied.KeyARN))
	}
	keyARN = applied.KeyARN
	if keyARN == "" {
		keyARN = now.Key.ARN
	}
	if len(steps) == 0 {
		return keyARN, nil // what was observed is what is wanted: there is nothing more to prove
	}
	return keyARN, r.proveShare(ctx, q.Share, keyARN)
}

// dropOrphan gives up the key that a failed attempt created when its bucket is gone again: a Delete may come while a
// Create is still running, and would not have seen the key. Nothing is done as long as the bucket is there, because
// then a Delete will find the key, or a duplicate of the event has succeeded with it.
func (r resource) dropOrphan(ctx context.Context, s share.Share, createdKey string) error {
	if createdKey == "" {
		return nil
	}
	now, err := r.aws.ObserveShare(ctx, cloud.ShareQuery{Share: s, Owner: r.owner()})
	if err != nil || now.Bucket != nil {
		return err
	}
	s.KeyARN = createdKey // its alias may not have been made, and there is no bucket to lead to it
	return r.cleanUp(ctx, s, plan.Unfinished)
}

// shareData are the attributes of Custom::SharedBucket.
func (r resource) shareData(s share.Share, keyARN string) map[string]any {
	return map[string]any{
		"BucketName": s.Bucket,
		"BucketArn":  s.Env.BucketARN(s.Bucket),
		"KeyArn":     keyARN,
		"KeyId":      keyARN[strings.LastIndex(keyARN, "/")+1:],
		"AliasName":  s.Alias,
		"AccountId":  s.Env.Account,
		"Region":     s.Env.Region,
		"PolicyName": s.PolicyName(),
		"Verified":   strconv.FormatBool(s.Verify),
	}
}

// removeShare handles a Delete. A physical id that is not the bucket's name is that of a Create that failed, or that
// CloudFormation stopped waiting for and made up itself: what tags prove to be ours is then cleaned up, RemovalPolicy
// or not.
func (r resource) removeShare(ctx context.Context) error {
	s, _ := share.ParseShare(r.ResourceProperties, r.env)
	return r.cleanUp(ctx, s, plan.Completion(r.PhysicalResourceID == s.Bucket))
}

func (r resource) cleanUp(ctx context.Context, s share.Share, how plan.Completion) error {
	if s.Bucket == "" {
		return nil // nothing can have been made without a name
	}
	now, err := r.aws.ObserveShare(ctx, cloud.ShareQuery{Share: s, Owner: r.owner(), Contents: how == plan.Unfinished})
	if err != nil {
		return err
	}
	steps, err := plan.Removal(s, r.owner(), how, now)
	if err != nil {
		return err
	}
	if _, err = r.aws.Apply(ctx, steps, r.owner(), r.report); err != nil {
		return fmt.Errorf("removing the share of %s: %w", s.Bucket, err)
	}
	return nil
}
