package empty

import "context"

// BatchSize is how many versions one call deletes, and how many a page of a listing has at most.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const BatchSize = 1000

// Bucket is what emptying needs of a bucket. An error that passes by itself, such as SlowDown, is a *Busy.
type Bucket interface {
	// ListVersions lists versions and delete markers with a prefix after a place, in the order of their keys.
	ListVersions(ctx context.Context, prefix string, after Marker) (Page, error)
	// ListFolders lists the folders below a prefix after a place: what keys have up to the next slash.
	ListFolders(ctx context.Context, prefix string, after Marker) (Folders, error)
	// DeleteVersions deletes up to BatchSize versions and returns those that it could not delete.
	DeleteVersions(context.Context, []Version) ([]Failure, error)
	// DeleteVersion deletes one version whose key XML cannot carry.
	DeleteVersion(context.Context, Version) (*Failure, error)
	// ListUploads lists unfinished multipart uploads after a place.
	ListUploads(ctx context.Context, after Upload) (UploadPage, error)
	// AbortUpload ends an upload. One that is gone is a success.
	AbortUpload(context.Context, Upload) (*Failure, error)
}

// Version is a version of an object, or a delete marker. Without versioning its ID is "null".
type Version struct{ Key, ID string }

// Marker is a place in a listing: after a version of a key, or after all versions of it when Version is empty.
type Marker struct{ Key, Version string }

// Page is a part of a listing.
type Page struct {
	Entries []Version
	More    bool
	Next    Marker // where the listing goes on, when there is more
}

// Folders are a part of a listing of folders.
type Folders struct {
	Names []string // with the slash at the end, in order
	Plain bool     // there are keys beside them
	More  bool
}

// Upload is an unfinished multipart upload.
type Upload struct{ Key, ID string }

// UploadPage is a part of a listing of uploads.
type UploadPage struct {
	Uploads []Upload
	More    bool
	Next    Upload
}

// Failure is a version that could not be deleted, for a reason that does not pass by itself: retention, a legal hold or
// a policy that denies it, all of which S3 calls AccessDenied.
type Failure struct {
	Key, Version  string
	Code, Message string
}

// passing says whether a code that S3 gives to a single key of a batch passes by itself.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (f Failure) passing() bool {
	switch f.Code {
	case "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted":
		return true
	}
	return false
}

// of says whether the failure is a version's. Not every server names the version.
func (f Failure) of(v Version) bool { return v.Key == f.Key && (v.ID == f.Version || f.Version == "") }

// gone says that there was nothing to delete any more.
func (f Failure) gone() bool { return f.Code == "NoSuchKey" || f.Code == "NoSuchVersion" }

// Busy is an error that passes by itself: the call is made again later, and fewer calls are made at once.
type Busy struct{ Err error }

func (b *Busy) Error() string { return b.Err.Error() }
func (b *Busy) Unwrap() error { return b.Err }
