package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// access handles an event of Custom::SharedBucketAccess.
func (r resource) access(ctx context.Context) outcome {
	if r.RequestType == cfn.RequestDelete {
		return outcome{id: r.PhysicalResourceID, err: r.removeAccess(ctx)}
	}
	want, previous, err := r.wantedAccess()
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	data, err := r.makeAccess(ctx, want, previous)
	if err == nil && previous != nil && accessID(*previous) != accessID(want) && r.PhysicalResourceID == accessID(want) {
		// The way back from a replacement that failed: CloudFormation never heard of the other id.
		err = r.revokeAccess(ctx, *previous)
	}
	if err != nil {
		return outcome{id: fallbackID(r.Event), err: err}
	}
	return outcome{id: r.accessID(want, previous), data: data}
}

// accessID is the physical id of an access: another policy name or bucket is another resource. An Update that finishes
// a failed Create keeps the id that one had, or the Delete for it would revoke what the Update has just granted.
func (r resource) accessID(want share.Access, previous *share.Access) string {
	if previous != nil && accessID(*previous) == accessID(want) {
		return r.PhysicalResourceID
	}
	return accessID(want)
}

func (r resource) makeAccess(ctx context.Context, want share.Access, previous *share.Access) (map[string]any, error) {
	now, err := r.aws.ObserveAccess(ctx, cloud.AccessQuery{Access: want, Previous: previous})
	if err != nil {
		return nil, err
	}
	steps, err := plan.ForAccess(plan.WantedAccess{Access: want, Previous: previous}, now)
	if err != nil {
		return nil, err
	}
	r.log.Info("planned", "steps", len(steps))
	if _, err := r.aws.Apply(ctx, steps, r.owner(), r.report); err != nil {
		return nil, err
	}
	keyARN := want.KeyARN
	if now.Key != nil {
		keyARN = now.Key.ARN
	} else {
		r.log.Warn("the owner's key cannot be seen from here; access begins when the owner's side is deployed", "lookedUp", want.Lookup())
	}
	if len(steps) > 0 {
		if err := r.proveAccess(ctx, want, keyARN); err != nil {
			return nil, err
		}
	}
	return map[string]any{
		"BucketArn":  want.Env.BucketARN(want.Bucket),
		"KeyArn":     keyARN,
		"PolicyName": want.PolicyName,
		// Without sight of the key only this account's half is known to be right.
		"Verified": strconv.FormatBool(want.Verify && now.Key != nil),
	}, nil
}

func (r resource) removeAccess(ctx context.Context) error {
	a, _ := share.ParseAccess(r.ResourceProperties, r.env)
	return r.revokeAccess(ctx, a)
}

func (r resource) revokeAccess(ctx context.Context, a share.Access) error {
	if a.Bucket == "" || len(a.Grantees) == 0 {
		return nil
	}
	now, err := r.aws.ObserveAccess(ctx, cloud.AccessQuery{Access: a, WithoutKey: true})
	if err != nil {
		return err
	}
	if _, err = r.aws.Apply(ctx, plan.AccessRemoval(a, now), r.owner(), r.report); err != nil {
		return fmt.Errorf("removing access to %s: %w", a.Bucket, err)
	}
	return nil
}
