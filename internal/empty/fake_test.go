package empty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// fake is a bucket as S3 keeps it: versions by key, the newest first.
type fake struct {
	mu       sync.Mutex
	versions []Version // in the order of a listing
	locked   map[Version]bool
	uploads  []Upload
	page     int           // entries of a page
	takes    time.Duration // of every call

	forgetful bool // knows no place whose version is gone, like moto and versitygw
	inclusive bool // lists the key to begin after once more, like versitygw
	busy      func(call int) error
	perKey    func(call int, v Version) string // a code for a single key of a batch

	calls          int
	entries        int
	lists, deletes int
	active, most   int // calls at once
	deletesAtOnce  int
	activeDeletes  int
	singles        []string
	largest        int // batch
}

func newFake(keys []string, versionsEach int) *fake {
	f := &fake{locked: map[Version]bool{}, page: BatchSize, takes: 50 * time.Millisecond}
	slices.Sort(keys)
	for _, k := range keys {
		for i := range versionsEach {
			f.versions = append(f.versions, Version{Key: k, ID: fmt.Sprintf("v%d", i)})
		}
	}
	return f
}

// call is the time and the way of every call.
func (f *fake) call(ctx context.Context, deletes bool) (int, error) {
	f.mu.Lock()
	f.calls++
	number := f.calls
	f.active++
	f.most = max(f.most, f.active)
	if deletes {
		f.activeDeletes++
		f.deletesAtOnce = max(f.deletesAtOnce, f.activeDeletes)
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.active--
		if deletes {
			f.activeDeletes--
		}
		f.mu.Unlock()
	}()
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
		return number, ctx.Err()
	}
	if f.busy != nil {
		if err := f.busy(number); err != nil {
			return number, err
		}
	}
	return number, nil
}

func (f *fake) ListVersions(ctx context.Context, prefix string, after Marker) (Page, error) {
	if _, err := f.call(ctx, false); err != nil {
		return Page{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	var p Page
	defer func() { f.entries += len(p.Entries) }()
	for _, v := range f.versions[f.start(after):] {
		if !strings.HasPrefix(v.Key, prefix) {
			continue
		}
		if len(p.Entries) == f.page {
			p.More = true
			p.Next = Marker{Key: p.Entries[f.page-1].Key, Version: p.Entries[f.page-1].ID}
			return p, nil
		}
		p.Entries = append(p.Entries, v)
	}
	return p, nil
}

func (f *fake) ListFolders(ctx context.Context, prefix string, after Marker) (Folders, error) {
	if _, err := f.call(ctx, false); err != nil {
		return Folders{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	var found Folders
	for _, v := range f.versions[f.start(after):] {
		rest, inside := strings.CutPrefix(v.Key, prefix)
		if !inside {
			continue
		}
		if len(found.Names) == f.page {
			found.More = true
			break
		}
		folder, _, isFolder := strings.Cut(rest, "/")
		found.Plain = found.Plain || !isFolder
		if name := prefix + folder + "/"; isFolder && !slices.Contains(found.Names, name) {
			found.Names = append(found.Names, name)
		}
	}
	return found, nil
}

// start is where in the listing a place is.
func (f *fake) start(after Marker) int {
	if after.Version != "" {
		i := slices.Index(f.versions, Version{Key: after.Key, ID: after.Version})
		if i < 0 && f.forgetful {
			return len(f.versions)
		}
		if i >= 0 {
			return i + 1
		}
	}
	for i, v := range f.versions {
		if v.Key > after.Key || (f.inclusive && v.Key == after.Key && after.Key != "") {
			return i
		}
		if v.Key == after.Key && after.Version != "" && v.ID > after.Version {
			return i
		}
	}
	return len(f.versions)
}

func (f *fake) DeleteVersions(ctx context.Context, batch []Version) ([]Failure, error) {
	number, err := f.call(ctx, true)
	if err != nil {
		return nil, err
	}
	if len(batch) == 0 || len(batch) > BatchSize {
		return nil, errors.New("MalformedXML")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deletes++
	f.largest = max(f.largest, len(batch))
	var failures []Failure
	gone := map[Version]bool{}
	for _, v := range batch {
		if !carried(v.Key) {
			v.Key = strings.ToValidUTF8(v.Key, "�") + "?" // another key: nothing is deleted, and nobody is told
			continue
		}
		if f.perKey != nil {
			if code := f.perKey(number, v); code != "" {
				failures = append(failures, Failure{Key: v.Key, Version: v.ID, Code: code})
				continue
			}
		}
		if f.locked[v] {
			failures = append(failures, Failure{Key: v.Key, Version: v.ID, Code: "AccessDenied"})
			continue
		}
		gone[v] = true
	}
	f.versions = slices.DeleteFunc(f.versions, func(v Version) bool { return gone[v] })
	return failures, nil
}

func (f *fake) DeleteVersion(ctx context.Context, v Version) (*Failure, error) {
	if _, err := f.call(ctx, true); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.singles = append(f.singles, v.Key)
	if f.locked[v] {
		return &Failure{Key: v.Key, Version: v.ID, Code: "AccessDenied"}, nil
	}
	f.versions = slices.DeleteFunc(f.versions, func(w Version) bool { return v == w })
	return nil, nil
}

func (f *fake) ListUploads(ctx context.Context, after Upload) (UploadPage, error) {
	if _, err := f.call(ctx, false); err != nil {
		return UploadPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var p UploadPage
	for _, u := range f.uploads {
		if u.Key < after.Key || u.Key == after.Key && u.ID <= after.ID {
			continue
		}
		if len(p.Uploads) == f.page {
			p.More, p.Next = true, p.Uploads[f.page-1]
			break
		}
		p.Uploads = append(p.Uploads, u)
	}
	return p, nil
}

func (f *fake) AbortUpload(ctx context.Context, u Upload) (*Failure, error) {
	if _, err := f.call(ctx, true); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.uploads = slices.DeleteFunc(f.uploads, func(v Upload) bool { return v == u })
	return nil, nil
}
