package empty

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// errStuck is a server that gives the same place as where to go on again and again.
var errStuck = errors.New("the listing does not go on: there is more after a place, and the same place comes back")

// listing lists one page of a range.
type listing struct {
	of    Range
	guess bool // nobody knows yet whether there is anything
	page  Page
}

func (t *listing) do(ctx context.Context, b Bucket) (err error) {
	t.page, err = b.ListVersions(ctx, t.of.Prefix, t.of.After)
	if err == nil && t.page.More && t.page.Next == t.of.After {
		return errStuck
	}
	return err
}

func (t *listing) left(c *Checkpoint) { c.Ranges = append(c.Ranges, t.of) }

// then makes a batch of the page, and ranges of what is left behind it.
func (t *listing) then(r *run) {
	entries, past := t.mine()
	if t.guess && len(entries) > 0 {
		r.credit = min(r.credit+2, mostGuesses)
	}
	more := t.page.More && !past
	held := Version{Key: t.of.After.Key, ID: t.of.After.Version}
	next := t.page.Next
	var seen sample
	if more && len(entries) > 0 {
		seen = take(entries)
	}
	if more && next.Version != "" {
		last := Version{Key: next.Key, ID: next.Version}
		entries = slices.DeleteFunc(entries, func(v Version) bool { return v == last })
	}
	if held.ID != "" {
		entries = append(entries, held)
	}
	r.delete(entries, t.of.listed(more, next))
	if more {
		r.goOn(t.of, next, seen)
	}
}

// mine are the entries of the page that belong to the range, and whether one came after it.
func (t *listing) mine() (mine []Version, past bool) {
	for _, e := range t.page.Entries {
		switch {
		case t.of.past(e):
			past = true
		case t.of.holds(e):
			mine = append(mine, e)
		}
	}
	return mine, past
}

// delete puts versions on the list, in batches of their own those that XML cannot carry.
func (r *run) delete(versions []Version, from Range) {
	var carry []Version
	for _, v := range versions {
		if carried(v.Key) {
			carry = append(carry, v)
		} else {
			r.batch(&deletion{versions: []Version{v}, single: true, from: []Range{from}})
		}
	}
	for part := range slices.Chunk(carry, BatchSize) {
		r.batch(&deletion{versions: part, from: []Range{from}})
	}
}

// batch puts a batch on the list, together with the last one there as long as S3 takes both in one call.
func (r *run) batch(d *deletion) {
	for _, v := range d.versions {
		d.bytes += size(v.Key, v.ID)
	}
	r.bytes += d.bytes
	r.page = max(r.page, d.bytes)
	if n := len(r.deletes.todo); n > 0 && !d.single {
		last, ok := r.deletes.todo[n-1].(*deletion)
		if ok && !last.single && len(last.versions)+len(d.versions) <= BatchSize {
			last.versions = append(last.versions, d.versions...)
			last.from = append(last.from, d.from...)
			last.bytes += d.bytes
			return
		}
	}
	r.deletes.add(d)
}

// goOn puts what is left of a range on the list, cut into several as far as there is room and cuts have been right.
func (r *run) goOn(g Range, next Marker, seen sample) {
	var cuts []string
	if room := min(mostRanges-len(r.lists.todo)-r.lists.active, r.credit); room > 0 && seen.last != "" {
		cuts = seen.cuts(g.end(), room)
		cuts = slices.DeleteFunc(cuts, func(key string) bool { return key <= next.Key })
	}
	r.credit -= len(cuts)
	for i, part := range g.split(next, cuts) {
		r.lists.add(&listing{of: part, guess: i > 0})
	}
}

// deletion deletes a batch of versions.
type deletion struct {
	versions []Version
	single   bool    // XML cannot carry the key
	from     []Range // where the versions were listed
	bytes    int
	deleted  int
	failures []Failure
}

func (t *deletion) do(ctx context.Context, b Bucket) error {
	var failures []Failure
	var err error
	if t.single {
		var f *Failure
		if f, err = b.DeleteVersion(ctx, t.versions[0]); f != nil {
			failures = []Failure{*f}
		}
	} else {
		failures, err = b.DeleteVersions(ctx, t.versions)
	}
	if err != nil {
		return err
	}
	return t.sort(failures)
}

// sort tells failures for good from those that pass. The versions of these are all that is left to delete.
func (t *deletion) sort(failures []Failure) error {
	t.deleted += len(t.versions) - len(failures)
	var again []Version
	var busy error
	for _, f := range failures {
		switch {
		case f.gone():
			t.deleted++
		case f.passing() && slices.ContainsFunc(t.versions, f.of):
			again = append(again, t.versions[slices.IndexFunc(t.versions, f.of)])
			busy = &Busy{Err: fmt.Errorf("deleting %d object versions: %s: %s", len(failures), f.Code, f.Message)}
		default:
			t.failures = append(t.failures, f)
		}
	}
	t.versions = again
	return busy
}

func (t *deletion) then(r *run) {
	r.bytes -= t.bytes
	r.report.Deleted += t.deleted
	for _, f := range t.failures {
		r.report.fail(f)
	}
}

// left lists the ranges again. What could not be deleted is counted then.
func (t *deletion) left(c *Checkpoint) {
	c.Report.Deleted += t.deleted
	for _, g := range t.from {
		if !slices.Contains(c.Ranges, g) {
			c.Ranges = append(c.Ranges, g)
		}
	}
}

// uploads lists a page of unfinished uploads.
type uploads struct {
	after Upload
	page  UploadPage
}

func (t *uploads) do(ctx context.Context, b Bucket) (err error) {
	t.page, err = b.ListUploads(ctx, t.after)
	if err == nil && t.page.More && t.page.Next == t.after {
		return errStuck
	}
	return err
}

func (t *uploads) then(r *run) {
	for _, u := range t.page.Uploads {
		r.bytes += size(u.Key, u.ID)
		r.deletes.add(&abort{upload: u})
	}
	if t.page.More {
		r.lists.add(&uploads{after: t.page.Next})
	}
}

func (t *uploads) left(c *Checkpoint) { c.Uploads = true }

// abort ends an upload.
type abort struct {
	upload  Upload
	failure *Failure
}

func (t *abort) do(ctx context.Context, b Bucket) (err error) {
	t.failure, err = b.AbortUpload(ctx, t.upload)
	return err
}

func (t *abort) then(r *run) {
	r.bytes -= size(t.upload.Key, t.upload.ID)
	if t.failure == nil {
		r.report.Aborted++
		return
	}
	r.report.fail(*t.failure)
}

func (t *abort) left(c *Checkpoint) { c.Uploads = true }

// size is about how many bytes of memory a version or an upload takes.
func size(key, id string) int { return len(key) + len(id) + 100 }
