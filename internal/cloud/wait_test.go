package cloud

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
)

func coded(code string) error { return &smithy.GenericAPIError{Code: code, Message: "said AWS"} }

// answers gives its errors one after the other, and the last one for ever.
func answers(errs ...error) (next func(context.Context) error, calls *int) {
	calls = new(int)
	return func(context.Context) error {
		err := errs[min(*calls, len(errs)-1)]
		*calls++
		return err
	}, calls
}

// Time in these tests is the bubble's: nothing waits.
func TestWaitFor(t *testing.T) {
	denied := coded(accessDenied)
	brief := lateness{patience: 10 * time.Second, codes: []string{noSuchBucket}}
	long := lateness{patience: time.Minute, codes: []string{kmsNotFound}}
	for _, c := range []struct {
		name    string
		answers []error
		want    error
		calls   int
	}{
		{name: "works at once", answers: []error{nil}, calls: 1},
		{name: "late, then works", answers: []error{coded(noSuchBucket), coded(noSuchBucket), nil}, calls: 3},
		{name: "late for two causes", answers: []error{coded(noSuchBucket), coded(kmsNotFound), nil}, calls: 3},
		{name: "another error is final", answers: []error{denied, nil}, want: denied, calls: 1},
		{name: "another error after a wait is final", answers: []error{coded(noSuchBucket), denied, nil}, want: denied,
			calls: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				call, calls := answers(c.answers...)
				if err := waitFor(t.Context(), call, brief, long); err != c.want || *calls != c.calls {
					t.Errorf("error %v after %d calls, want %v after %d", err, *calls, c.want, c.calls)
				}
			})
		})
	}
	for _, c := range []struct {
		name string
		code string
		most time.Duration
	}{
		{name: "gives up after one cause's patience", code: noSuchBucket, most: 10 * time.Second},
		{name: "gives up after another's", code: kmsNotFound, most: time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				call, _ := answers(coded(c.code))
				began := time.Now()
				err := waitFor(t.Context(), call, brief, long)
				if waited := time.Since(began); Code(err) != c.code || waited > c.most || waited < c.most/2 {
					t.Errorf("error %v after %s", err, waited)
				}
			})
		})
	}
	t.Run("the deadline ends every wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			call, _ := answers(coded(kmsNotFound))
			began := time.Now()
			if err := waitFor(ctx, call, long); Code(err) != kmsNotFound || time.Since(began) > time.Second {
				t.Errorf("error %v after %s", err, time.Since(began))
			}
		})
	})
}

func TestSettle(t *testing.T) {
	wrong := errors.New("not as applied")
	for _, c := range []struct {
		name    string
		answers []error
		want    error
		calls   int
	}{
		{name: "as applied at once", answers: []error{nil, wrong}, calls: 1},
		{name: "after a wrong answer, right twice", answers: []error{wrong, nil, nil, wrong}, calls: 3},
		{name: "a right answer between wrong ones is not enough", answers: []error{wrong, nil, wrong, nil, nil}, calls: 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look, calls := answers(c.answers...)
				err := (&Cloud{}).Settle(t.Context(), look)
				if err != c.want || *calls != c.calls {
					t.Errorf("error %v after %d looks, want %v after %d", err, *calls, c.want, c.calls)
				}
			})
		})
	}
	t.Run("stays wrong", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			look, _ := answers(wrong)
			if err := (&Cloud{}).Settle(t.Context(), look); err != wrong {
				t.Errorf("error is %v, want %v", err, wrong)
			}
		})
	})
}

func TestCallError(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{
			name: "a code with a known cause", err: coded(bucketAlreadyExists),
			want: "CreateBucket b: BucketAlreadyExists " +
				"(another account has a bucket of that name: choose another name): said AWS",
		},
		{name: "any other code", err: coded("Odd"), want: "CreateBucket b: Odd: said AWS"},
		{name: "no code", err: errors.New("no route to host"), want: "CreateBucket b: no route to host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := failed(c.err, "%s %s", "CreateBucket", "b")
			if err.Error() != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, want %q", err, c.want)
			}
			if again := failed(err, "something larger"); again != err {
				t.Errorf("said twice: %v", again)
			}
		})
	}
	if failed(nil, "x") != nil {
		t.Error("no error became one")
	}
}

func TestOvertaken(t *testing.T) {
	for code, want := range map[string]bool{
		bucketAlreadyOwnedByYou: true, kmsAlreadyExists: true, kmsInvalidState: true,
		bucketAlreadyExists: false, accessDenied: false, "": false,
	} {
		if got := Overtaken(failed(coded(code), "x")); got != want {
			t.Errorf("%q: %t, want %t", code, got, want)
		}
	}
}

// A panic in a goroutine of a group must come back as an error, or the event would never be answered.
func TestPanicInAGroupIsAnError(t *testing.T) {
	var g group
	g.Do(func() {
		var inner group
		inner.Do(func() { panic("broken") })
		inner.done()
	})
	var panicked *PanicError
	if err := g.Wait(); !errors.As(err, &panicked) || !strings.Contains(panicked.Stack, "wait_test.go") {
		t.Errorf("got %v", err)
	}
}
