package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

const bucket = "account-a-bucket"

// fakeAWS empties a bucket at once; what a bucket with much in it does is for bigBucket.

func (f *fakeAWS) Empty(
	ctx, stop context.Context, bucket string, from empty.Checkpoint,
) (empty.Checkpoint, error) {
	if err := f.before(ctx, "Empty"); err != nil {
		return from, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.Buckets[bucket]
	from.Report.Deleted += b.Objects
	b.Objects = 0
	return empty.Checkpoint{Report: from.Report}, nil
}

func (f *fakeAWS) Count(
	context.Context, context.Context, string, empty.Checkpoint, int,
) (int, bool, error) {
	return 0, true, nil
}

func (f *fakeAWS) Expire(ctx context.Context, _ string) error { return f.before(ctx, "Expire") }

func (f *fakeAWS) Again(ctx context.Context, _ string, event []byte) error {
	f.again = append(f.again, event)
	return f.before(ctx, "Again")
}

func TestEmptyBucketGoesWithItsContents(t *testing.T) {
	s := newFixture(t, ownerEnv)
	p := properties("RemovalPolicy", "Empty")
	s.want(s.create(p), "SUCCESS", bucket, "")
	s.aws.Buckets[bucket].Objects = 7
	var policyWhenEmptied string
	s.aws.before = func(_ context.Context, what string) error {
		if what == "Empty" {
			policyWhenEmptied = s.aws.Buckets[bucket].Policy.Text()
		}
		return nil
	}
	s.want(s.delete(bucket, p), "SUCCESS", bucket, "")
	s.wantNothing()
	if !strings.Contains(policyWhenEmptied, "SharedBucketDenyWrites") || strings.Contains(policyWhenEmptied,
		"222222222222") {
		t.Errorf("while it was emptied the bucket's policy was %s", policyWhenEmptied)
	}
}

func TestOnlyOwnBucketsAreEmptied(t *testing.T) {
	for name, change := range map[string]func(*fixture){
		"another stack's": func(s *fixture) { s.aws.Buckets[bucket].Tags[plan.TagStackID] = "another" },
		"nobody's":        func(s *fixture) { s.aws.Buckets[bucket].Tags = nil },
		"an adopted one":  func(s *fixture) { s.aws.Buckets[bucket].Tags[plan.TagAdopted] = "true" },
		"a handed over one, for the failed Create": func(s *fixture) {
			s.aws.Buckets[bucket].Tags[plan.TagHandedOver] = "true"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			p := properties("RemovalPolicy", "Empty")
			s.create(p)
			s.aws.Buckets[bucket].Objects = 7
			change(s)
			s.aws.before = func(_ context.Context, what string) error {
				if what == "Empty" || what == string(plan.DeleteBucket) {
					t.Error("emptied")
				}
				return nil
			}
			id := bucket
			if strings.Contains(name, "failed Create") {
				id = "unfinished-Share-0"
			}
			s.delete(id, p)
		})
	}
}

// No answer is given by an invocation that handed over, and the one that went on answers once.
func TestHandedOverIsNotAnswered(t *testing.T) {
	s := newFixture(t, ownerEnv)
	p := properties("RemovalPolicy", "Empty")
	s.create(p)
	e := s.event(cfn.RequestDelete, share.BucketType, bucket, p, nil)
	ctx, cancel := context.WithTimeout(inLambda(t.Context()), 400*time.Millisecond)
	defer cancel()
	slow := &bigBucket{fakeAWS: s.aws, versions: 100, rate: 0}
	s.provider.Connect = func(share.Env) AWS { return slow }
	before := len(s.answers)
	if err := s.provider.Handle(ctx, Event{Event: e}); err != nil || len(s.answers) != before || len(s.aws.again) != 1 {
		t.Fatalf("error %v, %d answers, handed over %d times", err, len(s.answers)-before, len(s.aws.again))
	}
	var next Event
	must(t, json.Unmarshal(s.aws.again[0], &next))
	if next.Emptying.Hop != 1 || next.RequestID != e.RequestID || next.ResponseURL != e.ResponseURL {
		t.Errorf("the next event is %+v", next)
	}
	s.provider.Connect = func(share.Env) AWS { return s.aws }
	must(t, s.provider.Handle(inLambda(t.Context()), next))
	if len(s.answers) != before+1 {
		t.Errorf("%d answers", len(s.answers)-before)
	}
	s.wantNothing()
}

// Calling the function again may take as long as the answer, which is not needed then, and is not cut off with the rest
// of the work.
func TestHandingOverHasTheTimeOfTheAnswer(t *testing.T) {
	s := newFixture(t, ownerEnv)
	p := properties("RemovalPolicy", "Empty")
	s.create(p)
	slow := &bigBucket{fakeAWS: s.aws, versions: 100, rate: 0}
	s.provider.Connect = func(share.Env) AWS { return handsOverSlowly{slow} }
	ctx, cancel := context.WithTimeout(inLambda(t.Context()), 400*time.Millisecond)
	defer cancel()
	before := len(s.answers)
	must(t, s.provider.Handle(ctx, Event{Event: s.event(cfn.RequestDelete, share.BucketType, bucket, p, nil)}))
	if len(s.answers) != before || len(s.aws.again) != 1 {
		t.Errorf("%d answers, handed over %d times", len(s.answers)-before, len(s.aws.again))
	}
}

// handsOverSlowly answers the call of the function only when the work has had its time.
type handsOverSlowly struct{ *bigBucket }

func (b handsOverSlowly) Again(ctx context.Context, function string, event []byte) error {
	select {
	case <-time.After(600 * time.Millisecond):
		return b.bigBucket.Again(ctx, function, event)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func inLambda(ctx context.Context) context.Context {
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		InvokedFunctionArn: "arn:aws:lambda:ap-southeast-2:111111111111:function:sharedbucket-provider",
	})
}

// bigBucket takes its time: rate versions a second. It is used in a bubble, where time costs nothing.
type bigBucket struct {
	*fakeAWS
	versions int
	rate     int
	locked   int         // of the versions
	refused  int         // this many passes refuse everything, as a new bucket policy is not known yet
	comeBack map[int]int // versions that somebody wrote, by pass
	did      []string    // in order
	passes   int
}

func (b *bigBucket) Empty(
	ctx, stop context.Context, _ string, from empty.Checkpoint,
) (empty.Checkpoint, error) {
	if len(from.Ranges) == 1 && from.Ranges[0] == (empty.Range{}) {
		b.passes++
		b.did = append(b.did, "empty")
	}
	if from.Done() {
		return from, nil
	}
	if b.refused > 0 {
		b.refused--
		from.Report.Failed, from.Ranges, from.Uploads = b.versions, nil, false
		return from, nil
	}
	began := time.Now()
	take := time.Hour * 1000
	if b.rate > 0 {
		take = time.Duration(b.versions-b.locked) * time.Second / time.Duration(b.rate)
	}
	select {
	case <-time.After(take):
		from.Report.Deleted += b.versions - b.locked
		from.Report.Failed += b.locked
		b.versions = b.locked + b.comeBack[b.passes]
		return empty.Checkpoint{Report: from.Report}, nil
	case <-stop.Done():
		n := min(int(time.Since(began).Seconds()*float64(b.rate)), b.versions)
		b.versions -= n
		from.Report.Deleted += n
		return empty.Checkpoint{Ranges: []empty.Range{{After: empty.Marker{Key: "k"}}}, Report: from.Report}, nil
	}
}

func (b *bigBucket) Count(
	_, stop context.Context, _ string, _ empty.Checkpoint, upTo int,
) (int, bool, error) {
	b.did = append(b.did, "count")
	const countedASecond = 100000
	for n := 0; ; n += countedASecond {
		if n >= min(b.versions, upTo) {
			return min(b.versions, upTo), n >= b.versions, nil
		}
		select {
		case <-time.After(time.Second):
		case <-stop.Done():
			return n, false, nil
		}
	}
}

func (b *bigBucket) Expire(context.Context, string) error {
	b.did = append(b.did, "expire")
	return nil
}

func (b *bigBucket) Again(_ context.Context, _ string, event []byte) error {
	b.did = append(b.did, "again")
	b.again = append(b.again, event)
	return nil
}

func (b *bigBucket) Apply(_ context.Context, steps plan.Plan, _ cloud.Report) (cloud.Applied, error) {
	for _, s := range steps {
		b.did = append(b.did, string(s.Operation))
		if s.Operation == plan.DeleteBucket && b.versions > 0 {
			return cloud.Applied{}, &cloud.NotEmptyError{Bucket: bucket, Objects: b.versions}
		}
	}
	return cloud.Applied{}, nil
}

// removal leads a Delete through as many invocations as it takes, of 15 minutes each, and says how the last one ended.
func (b *bigBucket) removal(t *testing.T, log io.Writer) (hops int, took time.Duration, err error) {
	t.Helper()
	b.fakeAWS = newFakeAWS(ownerEnv)
	steps := plan.Plan{{Operation: plan.PutBucketPolicy}, {Operation: plan.EmptyBucket, Resource: bucket},
		{Operation: plan.DeleteBucket}, {Operation: plan.ScheduleKeyDeletion}}
	e := Event{Event: cfn.Event{RequestType: cfn.RequestDelete}}
	began := time.Now()
	for ; ; hops++ {
		ctx, cancel := context.WithTimeout(inLambda(t.Context()), 880*time.Second)
		r := resource{Event: e.Event, emptying: e.Emptying, aws: b,
			handling: &handling{log: slog.New(slog.NewTextHandler(log, nil))}}
		err = r.carryOut(ctx, steps)
		if ctx.Err() != nil {
			t.Error("the invocation ran into its deadline")
		}
		cancel()
		if !errors.Is(err, errHandedOver) {
			return hops, time.Since(began), err
		}
		next := Event{}
		must(t, json.Unmarshal(b.again[len(b.again)-1], &next))
		e = next
	}
}

func TestEmptyingTakesItsTime(t *testing.T) {
	const hour = 3540 // seconds that there are
	for _, c := range []struct {
		name   string
		bucket bigBucket
		fails  string
		did    string
		atMost time.Duration
	}{
		{
			name: "done at once", bucket: bigBucket{versions: 1000, rate: 1000},
			did: "PutBucketPolicy empty DeleteBucket ScheduleKeyDeletion", atMost: time.Second,
		},
		{
			name: "done in one invocation", bucket: bigBucket{versions: 500000, rate: 1000},
			did: "PutBucketPolicy empty count DeleteBucket ScheduleKeyDeletion", atMost: 510 * time.Second,
		},
		{
			name: "done in three", bucket: bigBucket{versions: 2000000, rate: 1000},
			did:    "PutBucketPolicy empty count again PutBucketPolicy again PutBucketPolicy DeleteBucket ScheduleKeyDeletion",
			atMost: 2100 * time.Second,
		},
		{
			name: "hopeless, which is seen in the first minutes", bucket: bigBucket{versions: 10 * hour * 1000, rate: 1000},
			did: "PutBucketPolicy empty count expire", atMost: 3 * time.Minute,
		},
		{
			name: "hopeless, which is seen too late", bucket: bigBucket{versions: 1e9, rate: 5000},
			did: "PutBucketPolicy empty count again PutBucketPolicy again PutBucketPolicy again PutBucketPolicy " +
				"again PutBucketPolicy expire", atMost: time.Hour,
		},
		{
			name:   "somebody goes on writing for a while",
			did:    "PutBucketPolicy empty DeleteBucket empty DeleteBucket ScheduleKeyDeletion",
			bucket: bigBucket{versions: 1000, rate: 1000, comeBack: map[int]int{1: 5}}, atMost: 2 * time.Second,
		},
		{
			name: "somebody never stops writing", fails: "somebody goes on writing",
			bucket: bigBucket{versions: 1000, rate: 1000, comeBack: map[int]int{1: 5, 2: 5, 3: 5}}, atMost: 2 * time.Second,
			did: "PutBucketPolicy empty DeleteBucket empty DeleteBucket empty DeleteBucket",
		},
		{
			name: "versions under a legal hold", bucket: bigBucket{versions: 1000, rate: 1000, locked: 3},
			fails: "3 object versions could not be deleted", did: "PutBucketPolicy empty empty", atMost: 2 * time.Second,
		},
		{
			name: "refused at first, as the policy is not known yet", bucket: bigBucket{versions: 1000, rate: 1000, refused: 1},
			did: "PutBucketPolicy empty empty DeleteBucket ScheduleKeyDeletion", atMost: 2 * time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				b := c.bucket
				hops, took, err := b.removal(t, &log)
				if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
					t.Errorf("it ends with %v", err)
				}
				if did := strings.Join(b.did, " "); did != c.did {
					t.Errorf("it did\n%s\nnot\n%s", did, c.did)
				}
				if took > c.atMost || hops > mostHops {
					t.Errorf("it took %s and %d further invocations", took, hops)
				}
				if strings.Contains(c.did, "expire") != strings.Contains(log.String(), "left to S3") {
					t.Errorf("the log says\n%s", log.String())
				}
			})
		})
	}
}

// A checkpoint that somebody made up has nothing left to do: the bucket is looked through all the same.
func TestAMadeUpCheckpointDoesNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bigBucket{fakeAWS: newFakeAWS(ownerEnv), versions: 1000, rate: 1000}
		steps := plan.Plan{{Operation: plan.EmptyBucket, Resource: bucket}, {Operation: plan.DeleteBucket}}
		r := resource{aws: b, handling: &handling{log: slog.New(slog.DiscardHandler)},
			emptying: &Emptying{Began: time.Now(), Hop: -1000}}
		must(t, r.carryOut(t.Context(), steps))
		if did := strings.Join(b.did, " "); did != "DeleteBucket empty DeleteBucket" {
			t.Error(did)
		}
	})
}
