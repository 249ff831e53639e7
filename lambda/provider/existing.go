package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
)

const (
	// mostReEncrypted is how many object versions a bucket may hold for the function to re-encrypt them itself.
	mostReEncrypted = 5000
	// toLook is the time for it.
	toLook = 3 * time.Minute
)

// holding is what an adopted bucket holds, and what is done about it.
type holding struct {
	says []string
	jobs []string // that S3 Batch Operations has for it
}

func (h *holding) say(text string) { h.says = append(h.says, text) }

// longestHolding bounds the attribute: an answer has room for other things, too.
const longestHolding = 1500

// text is the attribute ExistingObjects.
func (h holding) text() string {
	return existing.Brief(strings.Join(h.says, "; "), longestHolding)
}

// existingObjects looks at what an adopted bucket holds, and puts it under the bucket's key when that is declared. It
// says nothing of a bucket that was not adopted. What cannot be looked at fails only what was to be re-encrypted.
func (r resource) existingObjects(ctx context.Context, w plan.Wanted, done applied) (h holding, err error) {
	if !w.Share.Adopt {
		return h, nil
	}
	stop, cancel := context.WithDeadline(ctx, r.enoughLooked(ctx))
	defer cancel()
	if w.Share.ReEncrypt {
		err = r.reEncryptExisting(ctx, stop, &h, w, done)
	} else {
		r.reportExisting(ctx, stop, &h, w.Share.Bucket, done.keyARN)
	}
	r.log.Info("existing objects", "found", h.text(), "jobs", h.jobs)
	return h, err
}

// reportExisting only says what there is.
func (r resource) reportExisting(ctx, stop context.Context, h *holding, bucket, keyARN string) {
	found, err := r.aws.Existing(ctx, stop, bucket, keyARN, existing.MostCounted)
	if err != nil {
		r.log.Warn("existing objects: not known", "error", err)
		h.say("not known: see the function's log")
		return
	}
	h.say(found.Text())
}

// reEncryptExisting puts what there is under the bucket's key: itself as long as it is not much, else by jobs of S3
// Batch Operations, unless some go on already.
func (r resource) reEncryptExisting(ctx, stop context.Context, h *holding, w plan.Wanted, done applied) error {
	found, err := r.aws.Existing(ctx, stop, w.Share.Bucket, done.keyARN, mostReEncrypted)
	if err != nil {
		return err
	}
	h.say(found.Text())
	goesOn, err := r.followJobs(ctx, h, done.remembered)
	switch {
	case err != nil || goesOn:
		return err
	case found.More && (len(found.Foreign) > 0 || len(h.jobs) == 0):
		return r.startJobs(ctx, h, w, done, found)
	case len(found.Foreign) > 0:
		return r.reEncrypt(ctx, stop, h, w.Share.Bucket, done.keyARN, found.Foreign)
	}
	return nil
}

// reEncrypt puts object versions under the bucket's key, one by one.
func (r resource) reEncrypt(
	ctx, stop context.Context, h *holding, bucket, keyARN string, objects []existing.Object,
) error {
	done, err := r.aws.ReEncrypt(ctx, stop, bucket, keyARN, objects)
	r.log.Info("re-encrypted", "updated", done.Updated, "refused", done.Refused, "first", done.First, "left", done.Left)
	if err == nil {
		h.say(done.Text())
	}
	return err
}

// followJobs says how far the jobs have come that were started before, and whether one of them goes on.
func (r resource) followJobs(ctx context.Context, h *holding, now plan.Remembered) (goesOn bool, err error) {
	if now.Declaration == nil {
		return false, nil
	}
	for _, id := range now.Declaration.Jobs {
		course, err := r.aws.Job(ctx, id)
		if err != nil {
			return false, err
		}
		h.jobs = append(h.jobs, id)
		h.say(course.Text())
		goesOn = goesOn || !course.Ended()
	}
	return goesOn, nil
}

// startJobs starts the jobs for what was found, and remembers them: an event that is delivered twice starts the same
// ones. One that starts and is not remembered goes on and does what it was to do, and nobody cancels it.
func (r resource) startJobs(
	ctx context.Context, h *holding, w plan.Wanted, done applied, found existing.Found,
) error {
	for _, job := range found.Jobs(w.Share.Bucket, done.keyARN, r.StackID, r.LogicalResourceID, r.RequestID) {
		id, err := r.aws.StartJob(ctx, job)
		if err != nil {
			return err
		}
		r.log.Info("job started", "job", id, "from", job.From)
		w.Jobs = append(w.Jobs, id)
		h.say("job " + id + " of S3 Batch Operations was started")
	}
	h.jobs = slices.Clone(w.Jobs)
	steps, err := plan.RememberJobs(w, done.remembered)
	if err != nil {
		return err
	}
	_, err = r.aws.Apply(ctx, steps, r.report)
	return err
}

// lookAtJobs says in the log how far the jobs of a share have come. It is no drift if one has failed. What is
// remembered may be anybody's: no more are looked at than a share has.
func (r resource) lookAtJobs(ctx context.Context, ids []string) {
	for _, id := range ids[:min(len(ids), existing.MostJobs)] {
		course, err := r.aws.Job(ctx, id)
		switch {
		case err != nil:
			r.log.Warn("existing objects: a job could not be looked at", "job", id, "error", loggable(err.Error()))
		case course.Ended() && !course.Well() && course.Status != existing.Gone:
			r.log.Warn("existing objects: deploy with another Revision to try again", "job", course.Text())
		default:
			r.log.Info("existing objects", "job", course.Text())
		}
	}
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
