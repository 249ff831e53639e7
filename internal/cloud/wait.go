package cloud

import (
	"context"
	"slices"
	"time"
)

// lateness is one cause for which AWS refuses a call for a while and then no longer. How long it is waited for is a
// matter of the cause, not of the call; the caller's deadline ends every wait.
type lateness struct {
	patience time.Duration
	codes    []string
}

var (
	// newBucket is not there for everybody yet.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
	newBucket = lateness{visible, []string{noSuchBucket, noSuchResource}}
	// newKey is not there for everybody yet; other tools have seen that for minutes.
	newKey = lateness{3 * time.Minute, []string{kmsNotFound}}
	// takenUpKey still waits for its deletion, or is still disabled, to a part of KMS: seen for about a minute.
	takenUpKey = lateness{3 * time.Minute, []string{kmsNotFound, kmsInvalidState, kmsDisabled}}
	// newTags of a key authorize only after up to five minutes; a denial for good looks the same until then.
	// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
	newTags = lateness{5*time.Minute + 30*time.Second, []string{kmsAccessDenied}}
	// newAccount is an account that just came to be, or just enabled the region.
	newAccount = lateness{visible, []string{malformedPolicy, kmsMalformed}}
	// newIdentity was made a moment ago.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
	newIdentity = lateness{20 * time.Second, []string{noSuchEntity}}
	// detachedPolicy was detached a moment ago.
	detachedPolicy = lateness{20 * time.Second, []string{deleteConflict}}
)

// late is how long to wait for a cause here.
func (c *Cloud) late(l lateness) lateness {
	l.patience = c.patience(l.patience)
	return l
}

// patience is how long to wait here for what AWS shows late: an emulator shows at once what is so.
func (c *Cloud) patience(onAWS time.Duration) time.Duration {
	if c.emulated {
		return min(onAWS, time.Second)
	}
	return onAWS
}

// visible is how long an effect may take to be seen everywhere where AWS names no time.
const visible = 90 * time.Second

// wait calls again as long as the call fails for this cause.
func (l lateness) wait(ctx context.Context, call func(context.Context) error) error {
	return waitFor(ctx, call, l)
}

// waitFor calls again as long as the call fails for one of the causes, none of them longer than its patience, and
// returns the last error.
func waitFor(ctx context.Context, call func(context.Context) error, causes ...lateness) error {
	began := time.Now()
	for pause := firstPause; ; pause = longer(pause) {
		err := call(ctx)
		late := func(l lateness) bool { return has(err, l.codes...) && time.Since(began)+pause <= l.patience }
		if !slices.ContainsFunc(causes, late) || !sleep(ctx, pause) {
			return err
		}
	}
}

// replacement is how long a new policy gets to count everywhere before the old one goes. IAM names no time.
const replacement = 15 * time.Second

const firstPause = 200 * time.Millisecond

// longer is the pause after a pause.
func longer(pause time.Duration) time.Duration { return min(2*pause, 5*time.Second) }

// Pause is the wait before what was overtaken is tried again, the longer the more often: whoever was faster shall be
// done. It says whether the time is there.
func (c *Cloud) Pause(ctx context.Context, tries int) bool {
	return sleep(ctx, min(time.Duration(tries)*time.Second, 10*time.Second))
}

// Settle calls look until it says that everything is as it should be, twice in a row once it had to be called again:
// S3, KMS and IAM may answer from a place that has not seen a change yet. The last answer counts when patience ends.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
func (c *Cloud) Settle(ctx context.Context, look func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, visible)
	defer cancel()
	err := look(ctx)
	if err == nil {
		return nil
	}
	for pause, good := firstPause, 0; good < 2 && sleep(ctx, pause); pause = longer(pause) {
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
