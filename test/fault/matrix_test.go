package fault

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/sharedbucket/test/local"
)

// servers are local AWSs, one for each core, each with pairs: most of a case is waiting.
const (
	servers   = 2
	pairsEach = 6
)

// leastCases is how many cases there have to be, whether or not all are played.
const leastCases = 1000

// TestFaultMatrix breaks every call of every operation in every way, one at a time: all of them with FAULTS=all, those
// of a choice without. FAULT_ONLY plays the cases whose names hold a text.
func TestFaultMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	began := time.Now()
	code, err := local.BuildInPlace(t.Context(), "./lambda", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all := scenarios()
	pairs := openPairs(t, code)
	m := &matrix{t: t, pairs: pairs, queue: fill(t, all, pairs), tally: newTally()}
	m.play()
	m.report(all, time.Since(began))
}

// openPairs opens every pair, and gives its runners.
func openPairs(t *testing.T, code []byte) [][]*runner {
	t.Helper()
	pairs := make([][]*runner, servers*pairsEach)
	var each sync.WaitGroup
	for s := range servers {
		each.Go(func() {
			if err := openServer(t, code, pairs[s*pairsEach:(s+1)*pairsEach], s*pairsEach+1); err != nil {
				t.Error(err)
			}
		})
	}
	each.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return pairs
}

// openServer fills in the pairs of one server, numbered from n.
func openServer(t *testing.T, code []byte, pairs [][]*runner, n int) error {
	server, err := local.Start(context.WithoutCancel(t.Context()), local.Options{})
	if err != nil {
		return err
	}
	t.Cleanup(server.Stop)
	server.KeepEvidence(t)
	for i := range pairs {
		l, err := newPair(t.Context(), server, n+i, code)
		if err != nil {
			return err
		}
		t.Cleanup(l.close)
		for _, a := range []*account{l.owner, l.consumer} {
			if err := a.SetRetryDelays(t.Context(), retryDelay); err != nil {
				return err
			}
		}
		pairs[i] = newRunners(l)
	}
	return nil
}

// fill plays every operation once with nothing broken, and makes a case of each call and each way to break it.
func fill(t *testing.T, all []*scenario, pairs [][]*runner) *queue {
	t.Helper()
	calls := make([][]call, len(all))
	var each sync.WaitGroup
	for n, runners := range pairs {
		each.Go(func() {
			for i := n; i < len(all); i += len(pairs) {
				calls[i] = unbroken(t, all[i], runners)
			}
		})
	}
	each.Wait()
	if t.Failed() {
		t.FailNow()
	}
	q, c := &queue{}, newChoice(os.Getenv("FAULTS") == "all")
	for i, s := range all {
		q.all += len(casesOf(s, calls[i]))
		q.left = append(q.left, slices.DeleteFunc(c.of(s, calls[i]), func(j faultCase) bool {
			return !strings.Contains(j.String(), os.Getenv("FAULT_ONLY"))
		}))
	}
	return q
}

// unbroken plays an operation from nothing, so that it makes no calls because of what was before, and says which ones
// it makes.
func unbroken(t *testing.T, s *scenario, runners []*runner) []call {
	l := runners[0]
	if s.consumer {
		l = runners[1]
	}
	err := l.reach(t.Context(), nil)
	if err == nil {
		var r result
		if r, err = l.play(t.Context(), s, nil); err == nil {
			s.took = r.took
			return r.calls
		}
	}
	t.Errorf("%s, with nothing broken: %v", s.name, err)
	return nil
}

type matrix struct {
	t     *testing.T
	pairs [][]*runner
	queue *queue

	mu    sync.Mutex
	tally *tally
}

// play shares the cases out among pairs.
func (m *matrix) play() {
	var all sync.WaitGroup
	for _, runners := range m.pairs {
		all.Go(func() {
			for at, j, more := m.queue.next(runners); more; at, j, more = m.queue.next(runners) {
				m.one(at, j)
			}
		})
	}
	all.Wait()
}

func (m *matrix) one(l *runner, j faultCase) {
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	r, err := l.play(ctx, j.scenario, &j.injection)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tally.add(j, r)
	switch {
	case err != nil:
		m.t.Errorf("%s:\n%v", j, err)
	case !r.hit:
		m.t.Logf("%s: the call did not come this time", j)
	}
}

// report prints the size, and leaves it where make test shows it.
func (m *matrix) report(all []*scenario, took time.Duration) {
	cases := m.tally.total()
	text := fmt.Sprintf("%d cases of %d in %s; in %d of them the call did not come\n%s", cases, m.queue.all,
		took.Round(time.Second), m.tally.missed, m.tally.table(all))
	if cases < m.queue.all {
		text += leftOut
	}
	m.t.Log(text)
	if os.Getenv("FAULT_ONLY") != "" {
		return
	}
	if cases < leastCases {
		m.t.Errorf("%d cases, %d wanted", cases, leastCases)
	}
	if m.tally.missed > cases/20 {
		m.t.Errorf("in %d of %d cases the call that was to break did not come", m.tally.missed, cases)
	}
	root, err := local.Root()
	must(m.t, err)
	must(m.t, os.MkdirAll(filepath.Join(root, "build"), 0o755))
	must(m.t, os.WriteFile(filepath.Join(root, "build", "faults.txt"), []byte(text), 0o644))
}
