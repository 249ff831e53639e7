package cloud

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"example.com/sharedbucket/internal/trail"
)

// lookupPages is how many pages of 50 events are read of one call.
const lookupPages = 4

// deniedLookup is why CloudTrail says nothing.
const deniedLookup = "the provider's role may not cloudtrail:LookupEvents; WhoDrifted gives it the right"

// Events are the newest recorded events of a call, the newest first. older says that there are more.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
func (c *Cloud) Events(ctx context.Context, call trail.Call) (events []trail.Event, older bool, err error) {
	region := call.Region(c.env)
	pages := cloudtrail.NewLookupEventsPaginator(c.cloudtrail, &cloudtrail.LookupEventsInput{
		LookupAttributes: []types.LookupAttribute{{
			AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: &call.Name,
		}},
	})
	for n := 0; pages.HasMorePages(); n++ {
		if n == lookupPages {
			return events, true, nil
		}
		if err := c.lookups.await(ctx, region); err != nil {
			return events, true, err
		}
		page, err := pages.NextPage(ctx, func(o *cloudtrail.Options) { o.Region = region })
		if err != nil {
			const doing = "looking up who called %s"
			return events, true, failed(because(err, kmsAccessDenied, deniedLookup, doing, call.Name), doing, call.Name)
		}
		for _, e := range page.Events {
			if event, err := trail.Parse(aws.ToString(e.CloudTrailEvent)); err == nil {
				events = append(events, event) // of what cannot be read nobody is told
			}
		}
	}
	return events, false, nil
}

// lookups lets calls of LookupEvents go one after the other: CloudTrail takes two a second, of an account in a region.
type lookups struct {
	distance time.Duration
	mu       sync.Mutex
	next     map[string]time.Time // by region, when the next one may go
}

const betweenLookups = 600 * time.Millisecond

func newLookups(distance time.Duration) *lookups {
	return &lookups{distance: distance, next: map[string]time.Time{}}
}

// await waits for the caller's turn.
func (l *lookups) await(ctx context.Context, region string) error {
	l.mu.Lock()
	now := time.Now()
	turn := l.next[region]
	if turn.Before(now) {
		turn = now
	}
	l.next[region] = turn.Add(l.distance)
	l.mu.Unlock()
	if !sleep(ctx, turn.Sub(now)) {
		return ctx.Err()
	}
	return nil
}
