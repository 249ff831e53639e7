package empty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func numbered(n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("object-%07d", i))
	}
	return keys
}

// empty empties a bucket to the end, in a bubble of its own, and says how long it took.
func empty(t *testing.T, f *fake) (left Checkpoint, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var err error
		if left, err = Empty(t.Context(), t.Context(), f, Everything()); err != nil {
			t.Fatal(err)
		}
		took = time.Since(began)
	})
	if !left.Done() {
		t.Errorf("it ended with something left: %+v", left)
	}
	return left, took
}

func TestEveryVersionAndUploadGoes(t *testing.T) {
	for name, f := range map[string]*fake{
		"nothing in it":              newFake(nil, 1),
		"less than a page":           newFake(numbered(10), 1),
		"exactly a page":             newFake(numbered(BatchSize), 1),
		"one more than a page":       newFake(numbered(BatchSize+1), 1),
		"many pages":                 newFake(numbered(20000), 1),
		"several versions of a key":  newFake(numbered(5000), 3),
		"pages of versions of a key": newFake([]string{"a", "b", "c"}, 2500),
		"folders":                    newFake(inFolders(8000), 1),
		"keys of random characters":  newFake(random(8000), 1),
		"keys of other scripts":      newFake(scripts(5000), 1),
		"a key that begins another":  newFake(nested(3000), 1),
	} {
		for _, kind := range []struct {
			name                 string
			forgetful, inclusive bool
		}{
			{name: "as S3 lists"},
			{name: "places go with their versions", forgetful: true},
			{name: "a place is listed again", inclusive: true},
		} {
			t.Run(name+", "+kind.name, func(t *testing.T) {
				f := newCopy(f)
				f.forgetful, f.inclusive = kind.forgetful, kind.inclusive
				f.uploads = []Upload{{Key: "a", ID: "1"}, {Key: "a", ID: "2"}, {Key: "b", ID: "1"}}
				versions := len(f.versions)
				left, _ := empty(t, f)
				if len(f.versions) > 0 || len(f.uploads) > 0 {
					t.Errorf("%d versions and %d uploads are still there, such as %v",
						len(f.versions), len(f.uploads), f.versions[:min(3, len(f.versions))])
				}
				if left.Report.Deleted != versions || left.Report.Aborted != 3 || left.Report.Failed != 0 {
					t.Errorf("report says %+v of %d versions", left.Report, versions)
				}
				if left.Report.Calls != f.calls {
					t.Errorf("report says %d calls, S3 had %d", left.Report.Calls, f.calls)
				}
			})
		}
	}
}

func newCopy(f *fake) *fake {
	return &fake{versions: append([]Version{}, f.versions...), locked: map[Version]bool{}, page: f.page, takes: f.takes}
}

func inFolders(n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("logs/2026/%02d/%02d/part-%x.gz", i%12+1, i%28+1, i*7919))
	}
	return keys
}

func random(n int) []string {
	var keys []string
	source := rand.New(rand.NewPCG(1, 2))
	for range n {
		keys = append(keys, fmt.Sprintf("%016x%016x", source.Uint64(), source.Uint64()))
	}
	return keys
}

func scripts(n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, string(rune(0x4e00+i%300))+"/"+string(rune(0x3b1+i%24))+fmt.Sprint(i))
	}
	return keys
}

func nested(n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, "a"+strings.Repeat("/b", i%5)+fmt.Sprint(i/5))
	}
	return keys
}

// The CDK's handler makes two calls for each of 20 pages, one after the other: two seconds at 50 ms a call.
func TestListingAndDeletingOverlap(t *testing.T) {
	for name, keys := range map[string][]string{
		"numbered": numbered(20000), "random": random(20000), "folders": inFolders(20000),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(keys, 1)
			_, took := empty(t, f)
			if took > 350*time.Millisecond {
				t.Errorf("it took %s, with %d lists and %d deletes", took, f.lists, f.deletes)
			}
			if f.lists > 75 || f.entries > 40000 {
				t.Errorf("it took %d lists with %d entries for 20 pages", f.lists, f.entries)
			}
		})
	}
}

func TestWrongCutsAreGivenUp(t *testing.T) {
	var keys []string
	for i := range 40000 {
		keys = append(keys, fmt.Sprintf("é%c%c%c", 0x4e00+i%7, 0x4e00+i/7%80, 0x4e00+i/560))
	}
	f := newFake(keys, 1)
	empty(t, f)
	if f.lists > 40+guesses+2 {
		t.Errorf("it took %d lists for 40 pages", f.lists)
	}
}

func TestUndeletableVersionsAreReportedAndNeverTriedAgain(t *testing.T) {
	f := newFake(numbered(2500), 1)
	for _, v := range f.versions[1000:1500] {
		f.locked[v] = true
	}
	left, _ := empty(t, f)
	if len(f.versions) != 500 {
		t.Errorf("%d versions are there, not the 500 locked ones", len(f.versions))
	}
	r := left.Report
	if r.Deleted != 2000 || r.Failed != 500 || r.Codes["AccessDenied"] != 500 || len(r.First) != firstFailures {
		t.Errorf("report is %+v", r)
	}
	for _, want := range []string{"500 object versions could not be deleted", `"object-0001`} {
		if text := r.Undeletable(); !strings.Contains(text, want) {
			t.Errorf("it says %q, without %q", text, want)
		}
	}
	if f.deletes > 10 {
		t.Errorf("%d deletes for 3 pages: some were tried again", f.deletes)
	}
}

func TestKeysThatXMLCannotCarryGoOneByOne(t *testing.T) {
	keys := []string{"a", "b\x01", "b\x01/c", "d\x1f", "e￾", "f�", "tab\t", "line\n", "return\r", "g<&>\"'"}
	f := newFake(keys, 2)
	f.locked[Version{Key: "d\x1f", ID: "v1"}] = true
	left, _ := empty(t, f)
	if len(f.versions) != 1 || left.Report.Failed != 1 || left.Report.Deleted != 19 {
		t.Errorf("%v are left; report is %+v", f.versions, left.Report)
	}
	if len(f.singles) != 10 {
		t.Errorf("one by one went %q", f.singles)
	}
}

func TestFewerCallsWhenBusy(t *testing.T) {
	for name, refuse := range map[string]func(*fake){
		"the whole call": func(f *fake) {
			f.busy = func(int) error {
				f.mu.Lock()
				defer f.mu.Unlock()
				if f.activeDeletes > 2 {
					return &Busy{errors.New("SlowDown")}
				}
				return nil
			}
		},
		"single keys": func(f *fake) {
			f.perKey = func(call int, v Version) string {
				if f.activeDeletes > 2 && v.Key[len(v.Key)-1] == '7' {
					return "SlowDown"
				}
				return ""
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(numbered(50000), 1)
			refuse(f)
			left, _ := empty(t, f)
			if len(f.versions) > 0 || left.Report.Deleted != 50000 || left.Report.Failed != 0 {
				t.Errorf("%d versions are left; report is %+v", len(f.versions), left.Report)
			}
			if f.calls > 500 {
				t.Errorf("it made %d calls for 50 pages: it did not slow down", f.calls)
			}
		})
	}
}

func TestBusyForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(numbered(5000), 1)
		f.busy = func(call int) error {
			if call > 3 {
				return &Busy{errors.New("SlowDown")}
			}
			return nil
		}
		left, err := Empty(t.Context(), t.Context(), f, Everything())
		var busy *Busy
		if !errors.As(err, &busy) || left.Done() {
			t.Errorf("error is %v, left is %+v", err, left)
		}
		f.busy = nil
		if left, err = Empty(t.Context(), t.Context(), f, left); err != nil || !left.Done() || len(f.versions) > 0 {
			t.Errorf("it does not go on: %v, %+v, %d versions", err, left, len(f.versions))
		}
	})
}

func TestAnErrorEndsItAndCanBeGoneOnFrom(t *testing.T) {
	for _, at := range []int{1, 2, 3, 10, 30} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(numbered(20000), 1)
			f.uploads = []Upload{{Key: "a", ID: "1"}}
			denied := errors.New("AccessDenied")
			f.busy = func(call int) error {
				if call >= at {
					return denied
				}
				return nil
			}
			left, err := Empty(t.Context(), t.Context(), f, Everything())
			if !errors.Is(err, denied) || left.Done() {
				t.Errorf("error is %v, left is %+v", err, left)
			}
			f.busy = nil
			left, err = Empty(t.Context(), t.Context(), f, left)
			if err != nil || !left.Done() || len(f.versions) > 0 || len(f.uploads) > 0 {
				t.Errorf("it does not go on: %v, %+v, %d versions", err, left, len(f.versions))
			}
			if n := left.Report.Deleted; n < 20000 || n > 20000+mostRanges {
				t.Errorf("%d deleted in all", n)
			}
		})
	}
}

// Stopped again and again, in the middle of everything, it goes on each time where it was: nothing is skipped, and
// what is left fits into an event.
func TestStoppedAndGoneOn(t *testing.T) {
	for _, every := range []time.Duration{60 * time.Millisecond, 110 * time.Millisecond, 210 * time.Millisecond} {
		for _, forgetful := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(append(numbered(15000), inFolders(8000)...), 2)
				f.forgetful = forgetful
				for i, v := range f.versions {
					if i%5 == 0 {
						f.locked[v] = true
					}
				}
				versions, locked := len(f.versions), len(f.locked)
				left, hops := Everything(), 0
				for ; !left.Done(); hops++ {
					if hops > 1000 {
						t.Fatalf("it does not end: %+v", left)
					}
					stop, cancel := context.WithTimeout(t.Context(), every)
					var err error
					if left, err = Empty(t.Context(), stop, f, left); err != nil {
						t.Fatal(err)
					}
					cancel()
					text, err := json.Marshal(left)
					if err != nil || len(text) > 64<<10 {
						t.Fatalf("a checkpoint of %d bytes: %v", len(text), err)
					}
					left = Checkpoint{}
					if err := json.Unmarshal(text, &left); err != nil {
						t.Fatal(err)
					}
				}
				if r := left.Report; len(f.versions) != locked || r.Failed != locked || r.Deleted != versions-locked {
					t.Errorf("%d versions are left, %d are locked, %d are gone; report after %d stops: %+v", len(f.versions),
						locked, versions-len(f.versions), hops, left.Report)
				}
			})
		}
	}
}

// A page takes several calls when XML cannot carry some of its keys. What could not be deleted of it counts once,
// however often the rest is stopped.
func TestAPageStoppedInItsMiddleCountsOnce(t *testing.T) {
	var keys []string
	for i := range 3000 {
		keys = append(keys, fmt.Sprintf("%05d%s", i, []string{"", "", "\x01"}[i%3]))
	}
	for _, every := range []time.Duration{510 * time.Millisecond, 760 * time.Millisecond, 1100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(keys, 1)
			for i, v := range f.versions {
				if i%5 == 0 {
					f.locked[v] = true
				}
			}
			left := hop(t, f, every)
			if r := left.Report; len(f.versions) != 600 || r.Failed != 600 || r.Deleted != 2400 {
				t.Errorf("%d versions are left of 600 that are locked; report: %+v", len(f.versions), r)
			}
		})
	}
}

// A key with thousands of versions has places between its versions: nothing is skipped there either.
func TestStoppedAmongTheVersionsOfAKey(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake([]string{"a", "b", "c\x01"}, 2500)
			f.forgetful = forgetful
			left := hop(t, f, 110*time.Millisecond)
			if !left.Done() || len(f.versions) > 0 {
				t.Errorf("%d versions are left: %+v", len(f.versions), left)
			}
		})
	}
}

// A call that hangs does not keep it from stopping: ctx ends it.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(numbered(3000), 1)
		f.takes = time.Hour
		stop, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ctx, cut := context.WithTimeout(t.Context(), 3*time.Second)
		defer cut()
		began := time.Now()
		left, err := Empty(ctx, stop, f, Everything())
		if err != nil || left.Done() || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v, %+v", time.Since(began), err, left)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := Empty(ended, t.Context(), f, left); !errors.Is(err, context.Canceled) {
			t.Errorf("cut off without having to stop: %v", err)
		}
	})
}

func TestAServerThatDoesNotGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Empty(t.Context(), t.Context(), stuck{newFake(nil, 1)}, Everything())
		if !errors.Is(err, errStuck) {
			t.Errorf("error is %v", err)
		}
	})
}

type stuck struct{ *fake }

func (stuck) ListVersions(_ context.Context, _ string, after Marker) (Page, error) {
	return Page{Entries: []Version{{Key: "a", ID: "1"}}, More: true, Next: Marker{Key: "a", Version: "1"}}, nil
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []string
		until string
		most  int
		want  []string
	}{
		{
			name: "without an end: the next character at each place that does not change, below the folder that all are in",
			keys: []string{"a/bxy", "a/bxz"}, most: 9,
			want: []string{"a/by", "a/c"},
		},
		{
			name: "all digits for one digit, and behind the last",
			keys: []string{"a/6", "a/60"}, most: 30,
			want: []string{
				"a/61", "a/62", "a/63", "a/64", "a/65", "a/66", "a/67", "a/68", "a/69", "a/6:",
				"a/7", "a/8", "a/9", "a/:",
			},
		},
		{
			name: "for a letter, those that are used anywhere",
			keys: []string{"0af", "0bc"}, until: "0g", most: 30,
			want: []string{"0d"},
		},
		{
			name: "for letters that the page does not cover, those that are used anywhere",
			keys: []string{"0a", "0a1dxf"}, until: "1", most: 30,
			want: []string{"0a2", "0a3", "0a4", "0a5", "0a6", "0a7", "0a8", "0a9", "0a:", "0b"},
		},
		{
			name: "with an end: none behind it",
			keys: []string{"a/10", "a/11", "a/19", "a/17", "a/15"}, until: "a/4", most: 30,
			want: []string{"a/2", "a/3"},
		},
		{
			name: "where keys begin to differ, as many characters together as the page has",
			keys: []string{"00a", "01b", "02c"}, until: "1", most: 30,
			want: []string{"05", "08"},
		},
		{
			name: "no more than asked for, the next ones first",
			keys: []string{"a/10", "a/11", "a/19", "a/17", "a/15"}, most: 3,
			want: []string{"a/2", "a/3", "a/4"},
		},
		{name: "none in the middle of a character", keys: []string{"\u4e00a", "\u4e00b"}, most: 9, want: nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var entries []Version
			for _, k := range c.keys {
				entries = append(entries, Version{Key: k})
			}
			if diff := cmp.Diff(c.want, take(entries).cuts(c.until, c.most)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	g := Range{After: Marker{Key: "a1", Version: "v9"}, Prefix: "a", Until: "az", UntilVersion: "v1"}
	got := g.split([]string{"a2", "a3", "ac"})
	want := []Range{
		{After: Marker{Key: "a1", Version: "v9"}, Prefix: "a", Until: "a2"},
		{Prefix: "a2"},
		{After: Marker{Key: "a2\U0010FFFF"}, Prefix: "a", Until: "ac"},
		{After: Marker{Key: "ab\U0010FFFF"}, Prefix: "a", Until: "az", UntilVersion: "v1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever keys there are, wherever it is stopped: what is not locked goes, what is locked stays, and each is counted
// once.
func TestAnyBucket(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.OneOf(
			rapid.StringMatching(`[0-3]{1,5}`), rapid.StringMatching(`[a-c/]{1,6}`),
			rapid.StringMatching(`[é中~ \x01-\x03]{1,4}`),
		), 0, 60, rapid.ID).Draw(rt, "keys")
		versions := rapid.IntRange(1, 4).Draw(rt, "versions")
		f := newFake(keys, versions)
		// When a page has versions of one key alone, some may count twice.
		f.page = 2*versions + rapid.IntRange(1, 9).Draw(rt, "page")
		f.forgetful, f.inclusive = rapid.Bool().Draw(rt, "forgetful"), rapid.Bool().Draw(rt, "inclusive")
		for _, v := range f.versions {
			if rapid.IntRange(0, 9).Draw(rt, "locked") == 0 {
				f.locked[v] = true
			}
		}
		every := time.Duration(rapid.IntRange(51, 2000).Draw(rt, "stopped every")) * time.Millisecond
		all, locked := len(f.versions), len(f.locked)
		var left Checkpoint
		synctest.Test(t, func(t *testing.T) { left = hop(t, f, every) })
		if n := left.Report.Deleted + len(f.versions); len(f.versions) != locked || left.Report.Failed != locked || n != all {
			rt.Errorf("%d of %d versions are left, %d are locked; report: %+v", len(f.versions), all, locked, left.Report)
		}
	})
}

// hop empties a bucket and stops every now and then.
func hop(t *testing.T, f *fake, every time.Duration) Checkpoint {
	left := Everything()
	for range 10000 {
		stop, cancel := context.WithTimeout(t.Context(), every)
		var err error
		left, err = Empty(t.Context(), stop, f, left)
		cancel()
		if err != nil || left.Done() {
			return left
		}
	}
	return left
}
