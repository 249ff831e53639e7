package provider

import (
	"context"
	"time"

	"example.com/sharedbucket/internal/share"
)

const (
	// mostCounted is how many object versions of an adopted bucket are looked at. Each costs a call.
	mostCounted = 1000
	// mostReEncrypted is how many object versions a bucket may hold for the function to re-encrypt them itself.
	mostReEncrypted = 5000
	// toLook is the time for it.
	toLook = 3 * time.Minute
)

// existingObjects looks at what an adopted bucket holds, and puts it under the bucket's key when that is declared and
// can be done here. Its text is the attribute ExistingObjects, "" for a bucket that was not adopted. What cannot be
// looked at fails only what was to be re-encrypted.
func (r resource) existingObjects(ctx context.Context, s share.Share, keyARN string) (string, error) {
	if !s.Adopt {
		return "", nil
	}
	stop, cancel := context.WithDeadline(ctx, r.enoughLooked(ctx))
	defer cancel()
	most := mostCounted
	if s.ReEncrypt {
		most = mostReEncrypted
	}
	found, err := r.aws.Existing(ctx, stop, s.Bucket, keyARN, most)
	if err != nil && !s.ReEncrypt {
		r.log.Warn("existing objects: not known", "error", err)
		return "not known: see the function's log", nil
	}
	if err != nil {
		return "", err
	}
	text := found.Text()
	switch {
	case !s.ReEncrypt || len(found.Foreign) == 0:
	case found.More:
		text += "; too many to be put under the bucket's key here: use S3 Batch Operations"
	default:
		done, err := r.aws.ReEncrypt(ctx, stop, s.Bucket, keyARN, found.Foreign)
		r.log.Info("re-encrypted", "updated", done.Updated, "refused", done.Refused, "first", done.First, "left", done.Left)
		if err != nil {
			return "", err
		}
		text += "; " + done.Text()
	}
	r.log.Info("existing objects", "found", text)
	return text, nil
}

// enoughLooked is when looking ends: early enough to answer.
func (r resource) enoughLooked(ctx context.Context) time.Time {
	end := time.Now().Add(toLook)
	if deadline, ok := ctx.Deadline(); ok {
		if half := time.Now().Add(time.Until(deadline) / 2); half.Before(end) {
			return half
		}
	}
	return end
}
