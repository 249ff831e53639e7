package cloud

import (
	"context"
	"time"
)

// retryOn calls write again as long as it fails with one of the codes that mean "not visible yet": a bucket or key that
// was just created, an account that just came to be. It gives up after patience.
func (c *Cloud) retryOn(ctx context.Context, codes []string, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := write(ctx)
		if !has(err, codes...) || !sleep(ctx, pause) {
			return err
		}
	}
}

// Settle calls look until it says that everything is as it should be, twice in a row once it had to be called again:
// S3, KMS and IAM may answer from a place that has not seen a change yet. The last answer counts after patience.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
func (c *Cloud) Settle(ctx context.Context, look func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	err := look(ctx)
	if err == nil {
		return nil
	}
	for pause, good := 200*time.Millisecond, 0; good < 2 && sleep(ctx, pause); pause = min(2*pause, 5*time.Second) {
		again := look(ctx)
		if ctx.Err() != nil {
			return err
		}
		if err = again; err == nil {
			good++
		} else {
			good = 0
		}
	}
	return err
}

// sleep says whether the pause was over before the context.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
