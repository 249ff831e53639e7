package provider

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

// turn is how many calls a run may make until the other one goes on.
type turn struct {
	run   string
	calls int
}

// turns lets runs of the provider make their calls in turns. A run is known by its context.
type turns struct {
	mu      sync.Mutex
	changed *sync.Cond
	left    []turn
	ended   map[string]bool
	usedUp  []bool // those that are over, and did not end with their run
}

type runKey struct{}

const delivery, wayBackRun = "the second delivery", "the way back"

func newTurns(left []turn) *turns {
	s := &turns{left: left, ended: map[string]bool{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// call waits until it is the turn of the run.
func (s *turns) call(ctx context.Context, what string) error {
	run, _ := ctx.Value(runKey{}).(string)
	if run == "" || slices.Contains([]string{"AwaitStack", "StackSince", "Canary"}, what) {
		return nil // it begins beside others, and changes nothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch now := &s.left[0]; {
		case s.ended[now.run]:
			s.next(false)
		case now.run != run:
			s.changed.Wait()
		case now.calls == 0:
			s.next(true)
		default:
			now.calls--
			return nil
		}
	}
}

func (s *turns) next(usedUp bool) {
	s.usedUp = append(s.usedUp, usedUp)
	s.left = s.left[1:]
	s.changed.Broadcast()
}

func (s *turns) end(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[run] = true
	s.changed.Broadcast()
}

// besideCase is an Update of which no run had come to its first write when its stack went the way back.
type besideCase struct {
	rolledBack
	s            *fixture
	update, back cfn.Event
	before       *sharetest.Account
	versions     map[string][]string
	refused      plan.Operation // of the second delivery, "" for none
	plays        int
}

// play has both events handled side by side, and says which turns were used up.
func (c *besideCase) play(t *testing.T, left []turn) (usedUp []bool) {
	t.Helper()
	s := c.s
	s.t, s.answers = t, nil
	s.log.Reset()
	s.aws.Account, s.aws.versions, s.aws.written = c.before.Clone(), map[string][]string{}, map[string]time.Time{}
	for name, versions := range c.versions {
		s.aws.versions[name] = slices.Clone(versions)
	}
	s.aws.stackIs(rollingBack)
	all := append(slices.Clone(left), turn{run: delivery, calls: math.MaxInt}, turn{run: wayBackRun, calls: math.MaxInt})
	if n := len(left); left[n-1].run == delivery {
		all[n], all[n+1] = all[n+1], all[n]
	}
	turns := newTurns(all)
	s.aws.before = func(ctx context.Context, what string) error {
		err := turns.call(ctx, what)
		if run, _ := ctx.Value(runKey{}).(string); run == delivery && what == string(c.refused) {
			return awsError("AccessDenied")
		}
		return err
	}
	var both sync.WaitGroup
	for run, e := range map[string]cfn.Event{delivery: c.update, wayBackRun: c.back} {
		both.Go(func() {
			defer turns.end(run)
			if err := s.provider.Handle(context.WithValue(t.Context(), runKey{}, run), Event{Event: e}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	s.aws.works()
	for _, a := range s.answers {
		if a.RequestId == c.back.RequestID {
			s.want(a, "SUCCESS", c.id, "")
		}
	}
	c.plays++
	c.wantRolledBack(s, c.back, c.before)
	s.wantStale(c.update)
	if t.Failed() {
		t.Fatalf("in these turns: %v", left)
	}
	return append(turns.usedUp, false, false, false, false)
}

// Whatever of a second delivery and its way back comes when, the way back is served, and what it declares is there in
// the end. The way back begins at each call of the delivery, makes each number of calls of its own, and ends at each
// later call of the delivery. With MORE_TURNS set, which takes minutes, it comes to rest once more at each of its calls
// after that, and AWS refuses a step of the delivery.
func TestSecondDeliveryBesideItsWayBack(t *testing.T) {
	turns, refused := []turn{
		{run: delivery, calls: 0}, {run: wayBackRun, calls: 1}, {run: delivery, calls: 1},
	}, []plan.Operation{""}
	if os.Getenv("MORE_TURNS") != "" {
		turns = append(turns, turn{run: wayBackRun, calls: 1})
		refused = append(refused, plan.PutInlinePolicy, plan.PutBucketPolicy)
	}
	for _, c := range updatesToRollBack() {
		for _, refused := range refused {
			t.Run(fmt.Sprintf("%s, refused %q", c.name, refused), func(t *testing.T) {
				t.Parallel()
				s, update, back, before := c.begin(t, "Observe")
				beside := &besideCase{
					rolledBack: c, s: s, update: update, back: back, before: before, versions: maps.Clone(s.aws.versions),
					refused: refused,
				}
				beside.interleave(t, slices.Clone(turns), 0)
				t.Log(beside.plays, "orders")
				if beside.plays < 60 {
					t.Error("that is not all")
				}
			})
		}
	}
}

// interleave plays all lengths of the turns from one on. A turn is long enough when its run comes to its end in it.
func (c *besideCase) interleave(t *testing.T, turns []turn, from int) (usedUp []bool) {
	shortest := turns[from].calls
	for ; !slices.Contains(usedUp, false); turns[from].calls++ {
		if from == len(turns)-1 {
			usedUp = c.play(t, turns)[:len(turns)]
		} else {
			usedUp = c.interleave(t, turns, from+1)[:from+1]
		}
	}
	turns[from].calls = shortest
	return usedUp
}
