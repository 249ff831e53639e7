package fault

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/sharedbucket/test/local"
)

// servers are local AWSs, one for each core, each with labs: most of a case is waiting.
const (
	servers  = 2
	labsEach = 6
)

// sample is which part of the cases is played unless all are asked for: one in so many.
const sample = 12

// job is one case for a lab.
type job struct {
	scenario scenario
	breakage breakage
}

func (j job) String() string {
	return fmt.Sprintf("%s: %s %s", j.scenario.name, j.breakage.Call, j.breakage.Fault)
}

// open says whether a case is known not to hold yet: a Delete to which IAM says of somebody who is there that he is not
// takes him for gone, and leaves his inline policy behind.
func (j job) open() bool {
	deletes := strings.HasPrefix(j.scenario.name, "Delete") || strings.HasPrefix(j.scenario.name, "replacement")
	return deletes && j.breakage.Fault == stale && strings.Contains(j.breakage.Call.Operation, "UserPolic")
}

// TestFaultMatrix breaks every call of every operation in every way, one at a time: all of these cases with FAULTS=all,
// as make faults does, else a sample.
func TestFaultMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	began := time.Now()
	code, err := local.BuildZip(t.Context(), "./lambda")
	if err != nil {
		t.Fatal(err)
	}
	labs := openLabs(t, code)
	jobs := matrix(t, labs[0])
	results := &results{t: t}
	results.run(labs, jobs)
	t.Logf("%d cases: %d calls of %d operations, each broken in up to %d ways, in %s", len(jobs), results.count(jobs),
		len(scenarios()), len(faults), time.Since(began).Round(time.Second))
	if least := 1000; os.Getenv("FAULTS") == "all" && len(jobs) < least {
		t.Errorf("%d cases, %d wanted", len(jobs), least)
	}
}

func openLabs(t *testing.T, code []byte) (labs []*lab) {
	t.Helper()
	for range servers {
		server := local.StartForTest(t, local.Options{})
		for range labsEach {
			l, err := newLab(t.Context(), server, len(labs)+1, code)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.close)
			labs = append(labs, l)
		}
	}
	return labs
}

// matrix plays every operation once with nothing broken, and makes a case of each call and each way to break it.
func matrix(t *testing.T, l *lab) []job {
	t.Helper()
	only, step := os.Getenv("FAULT_ONLY"), sample
	if os.Getenv("FAULTS") == "all" || only != "" {
		step = 1
	}
	n := 0
	var jobs []job
	for _, s := range scenarios() {
		calls, _, err := l.play(t.Context(), s, nil)
		if err != nil {
			t.Fatalf("%s, with nothing broken: %v", s.name, err)
		}
		for _, c := range calls {
			for _, f := range faults {
				j := job{s, breakage{Call: c, Fault: f}}
				if f.appliesTo(c) && strings.Contains(j.String(), only) {
					if n++; n%step == 0 {
						jobs = append(jobs, j)
					}
				}
			}
		}
	}
	return jobs
}

type results struct {
	t  *testing.T
	mu sync.Mutex
}

func (r *results) count(jobs []job) int {
	var names []string
	for _, j := range jobs {
		names = append(names, j.scenario.name+j.breakage.Call.String())
	}
	slices.Sort(names)
	return len(slices.Compact(names))
}

// run shares the cases out among labs.
func (r *results) run(labs []*lab, jobs []job) {
	queue := make(chan job)
	var all sync.WaitGroup
	for _, l := range labs {
		all.Go(func() {
			for j := range queue {
				r.one(l, j)
			}
		})
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	all.Wait()
}

func (r *results) one(l *lab, j job) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Minute)
	defer cancel()
	_, hit, err := l.play(ctx, j.scenario, &j.breakage)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil && j.open():
		r.t.Logf("%s: open: %v", j, err)
	case err != nil:
		r.t.Errorf("%s:\n%v", j, err)
	case !hit:
		r.t.Logf("%s: the call did not come this time", j)
	}
}
