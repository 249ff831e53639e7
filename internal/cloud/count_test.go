package cloud

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"example.com/sharedbucket/internal/share"
)

// atOnceAgain tries again as the SDK does, without waiting.
func atOnceAgain() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// throttlingCloud is the AWS of a key service that throttles its first tries.
func throttlingCloud(t *testing.T, tries int) *Cloud {
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if tries--; tries >= 0 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
			return
		}
		fmt.Fprint(w, `{"KeyMetadata":{"KeyId":"1"}}`)
	}))
	t.Cleanup(server.Close)
	return New(aws.Config{
		BaseEndpoint: &server.URL, Region: "ap-southeast-2", Retryer: atOnceAgain,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}, share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"})
}

func TestCallsAndRetriesAreCountedByContext(t *testing.T) {
	for _, c := range []struct {
		name             string
		throttled, calls int
		retries          int64
	}{
		{name: "no call"},
		{name: "three calls", calls: 3},
		{name: "one throttled once", throttled: 1, calls: 3, retries: 1},
		{name: "one throttled until the SDK gives up", throttled: 3, calls: 1, retries: 2},
		{name: "two throttled", throttled: 4, calls: 2, retries: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			aws := throttlingCloud(t, c.throttled)
			ctx, count := Counting(t.Context())
			_, other := Counting(t.Context())
			for range c.calls {
				_, _ = aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: new(string)})
			}
			if count.Calls() != int64(c.calls) || count.Retries() != c.retries {
				t.Errorf("%d calls and %d retries, want %d and %d", count.Calls(), count.Retries(), c.calls, c.retries)
			}
			if other.Calls() != 0 || other.Retries() != 0 {
				t.Error("calls of one context are counted in another")
			}
		})
	}
}

func TestCallsThatNobodyCountsAreMadeAllTheSame(t *testing.T) {
	aws := throttlingCloud(t, 1)
	if _, err := aws.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: new(string)}); err != nil {
		t.Error(err)
	}
}
