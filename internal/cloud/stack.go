package cloud

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	// stackLag is how long DescribeStacks may go on showing the status of before an operation began.
	stackLag = 6 * time.Second
	// roleLag is how long a role that was just made, or got another policy, may be refused what it may do. Measured by
	// others: 7 to 12 seconds.
	roleLag = 30 * time.Second
)

// AwaitStack is the status of a stack of this account and region, "" when there is none of that id. When the status is
// not one that is expected it looks again for some seconds, in case the answer is older than the operation; and for
// longer when CloudFormation refuses to say, in case the role is younger than its policy.
func (c *Cloud) AwaitStack(
	ctx context.Context, id string, expected func(status string) bool,
) (status string, err error) {
	began := time.Now()
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		status, err = c.stackStatus(ctx, id)
		lag := stackLag
		switch {
		case err == nil && expected(status):
			return status, nil
		case has(err, accessDenied, throttling):
			lag = roleLag
		case err != nil:
			return "", err
		}
		if time.Since(began)+pause > c.patience(lag) || !sleep(ctx, pause) {
			return status, err
		}
	}
}

// stackStatus asks for a stack by its id, which also finds deleted stacks, and never another of the same name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
func (c *Cloud) stackStatus(ctx context.Context, id string) (string, error) {
	out, err := c.cloudformation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &id})
	switch {
	case has(err, noSuchStack), err == nil && len(out.Stacks) == 0:
		return "", nil
	case err != nil:
		return "", failed(err, "asking CloudFormation for the event's own stack")
	}
	return string(out.Stacks[0].StackStatus), nil
}

// StackResource is the physical id that a stack has for a resource of its, "" when there is no such resource or stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
func (c *Cloud) StackResource(ctx context.Context, id, logicalID string) (string, error) {
	out, err := c.cloudformation.DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{
		StackName: &id, LogicalResourceId: &logicalID,
	})
	switch {
	case has(err, noSuchStack):
		return "", nil
	case err != nil:
		return "", failed(err, "asking CloudFormation which resource %s is", logicalID)
	}
	return aws.ToString(out.StackResourceDetail.PhysicalResourceId), nil
}

// StackSince is when a stack last came to a status, by its events.
func (c *Cloud) StackSince(ctx context.Context, id, status string) (time.Time, error) {
	const doing = "asking CloudFormation since when the event's own stack is %s"
	e, err := c.newestEvent(ctx, id, func(e types.StackEvent) bool {
		return aws.ToString(e.PhysicalResourceId) == id && string(e.ResourceStatus) == status
	})
	if err == nil && e == nil {
		err = errors.New("no such event")
	}
	if err != nil {
		return time.Time{}, failed(err, doing, status)
	}
	return aws.ToTime(e.Timestamp), nil
}

// StackResourceEvent is what came last of a resource in its stack, by the stack's events: a status, and the physical id
// that it was about, "" where it had none yet. Both are "" when there is no such event.
func (c *Cloud) StackResourceEvent(ctx context.Context, id, logicalID string) (status, physicalID string, err error) {
	e, err := c.newestEvent(ctx, id, func(e types.StackEvent) bool {
		return aws.ToString(e.LogicalResourceId) == logicalID && aws.ToString(e.PhysicalResourceId) != id
	})
	if err != nil {
		return "", "", failed(err, "asking CloudFormation what came of %s", logicalID)
	}
	if e == nil {
		return "", "", nil
	}
	return string(e.ResourceStatus), aws.ToString(e.PhysicalResourceId), nil
}

// pagesOfEvents is how far back newestEvent looks: a page has a hundred events, the newest first.
const pagesOfEvents = 5

// newestEvent is the newest of a stack's events that is one of some, nil for none.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
func (c *Cloud) newestEvent(
	ctx context.Context, id string, is func(types.StackEvent) bool,
) (*types.StackEvent, error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cloudformation,
		&cloudformation.DescribeStackEventsInput{StackName: &id})
	for range pagesOfEvents {
		if !pages.HasMorePages() {
			break
		}
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(out.StackEvents, is); i >= 0 {
			return &out.StackEvents[i], nil
		}
	}
	return nil, nil
}
