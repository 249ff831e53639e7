// Package empty deletes everything in a bucket: every version, delete marker and unfinished multipart upload.
//
// Listing and deleting overlap. A page of a listing is a batch to delete as soon as it is there, and the keys after it
// are cut into ranges that are listed at the same time (cut.go). How many calls run at once follows what S3 bears
// (pace.go). One loop holds all state and goroutines only make calls (run.go, tasks.go), so that what is left can be
// written down at any time and gone on with by somebody else (checkpoint.go).
//
// The package knows S3 only as Bucket (s3.go): package cloud makes the calls.
package empty

import "context"

// Empty deletes what a checkpoint says is left, until all is done, stop is done or a call fails for good. It then waits
// for the calls that are under way, and returns what is left. ctx ends the calls themselves: once stop is done, that
// is no error, and what they were to do is left.
func Empty(ctx, stop context.Context, b Bucket, from Checkpoint) (Checkpoint, error) {
	r := newRun(b, from.Report)
	for _, g := range from.Ranges {
		r.lists.add(&listing{of: g})
	}
	if from.Uploads {
		r.lists.add(&uploads{})
	}
	r.loop(ctx, stop)
	return r.left(), r.err
}
