package cloud

import (
	"context"
	"errors"
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
func TestRetryOn(t *testing.T) {
	denied := coded(accessDenied)
	for _, c := range []struct {
		name    string
		answers []error
		want    error
		calls   int
	}{
		{"works at once", []error{nil}, nil, 1},
		{"not visible yet, then works", []error{coded(noSuchBucket), coded(noSuchBucket), nil}, nil, 3},
		{"another error is final", []error{denied, nil}, denied, 1},
		{"another error after a retry is final", []error{coded(noSuchBucket), denied, nil}, denied, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				write, calls := answers(c.answers...)
				err := (&Cloud{patience: time.Minute}).retryOn(t.Context(), []string{noSuchBucket}, write)
				if err != c.want || *calls != c.calls {
					t.Errorf("error %v after %d calls, want %v after %d", err, *calls, c.want, c.calls)
				}
			})
		})
	}
	t.Run("gives up with the last error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			write, calls := answers(coded(noSuchBucket))
			began := time.Now()
			err := (&Cloud{patience: time.Minute}).retryOn(t.Context(), []string{noSuchBucket}, write)
			if Code(err) != noSuchBucket || *calls < 5 || time.Since(began) > time.Minute {
				t.Errorf("error %v after %d calls and %s", err, *calls, time.Since(began))
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
		{"as applied at once", []error{nil, wrong}, nil, 1},
		{"after a wrong answer, right twice", []error{wrong, nil, nil, wrong}, nil, 3},
		{"a right answer between wrong ones is not enough", []error{wrong, nil, wrong, nil, nil}, nil, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look, calls := answers(c.answers...)
				err := (&Cloud{patience: time.Minute}).Settle(t.Context(), look)
				if err != c.want || *calls != c.calls {
					t.Errorf("error %v after %d looks, want %v after %d", err, *calls, c.want, c.calls)
				}
			})
		})
	}
	t.Run("stays wrong", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			look, _ := answers(wrong)
			if err := (&Cloud{patience: time.Minute}).Settle(t.Context(), look); err != wrong {
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
		{"a code with a known cause", coded(bucketAlreadyExists),
			"CreateBucket b: BucketAlreadyExists (another account has a bucket of that name: choose another name): said AWS"},
		{"any other code", coded("Odd"), "CreateBucket b: Odd: said AWS"},
		{"no code", errors.New("no route to host"), "CreateBucket b: no route to host"},
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
	g, _ := together(t.Context())
	g.Go(func() error { panic("broken") })
	var panicked *PanicError
	if err := g.Wait(); !errors.As(err, &panicked) || panicked.Stack == "" {
		t.Errorf("got %v", err)
	}
}
