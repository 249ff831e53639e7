package empty

import (
	"context"
	"errors"
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
	held := Version{Key: t.of.After.Key, ID: t.of.After.Version}
	part, rest := t.of, t.of
	more := t.page.More && !past
	page := entries
	if more {
		rest.After = goesOn(entries, t.page.Next)
		part = t.of.upTo(rest.After)
		entries = slices.DeleteFunc(slices.Clone(entries), part.past)
	}
	if held.ID != "" {
		entries = append(entries, held)
	}
	r.delete(entries, part)
	if more {
		r.goOn(rest, page)
	}
}

// goesOn is where a listing goes on behind a page: after the last key that the page has all versions of. Nobody can
// tell on which side of a version that is gone another one was, and not every server finds a place whose version is
// gone. The version is the place only when the page has versions of one key alone.
func goesOn(entries []Version, next Marker) Marker {
	if next.Version == "" {
		return next
	}
	last := Marker{}
	for _, v := range entries {
		if v.Key < next.Key {
			last.Key = max(last.Key, v.Key)
		}
	}
	if last.Key == "" {
		return next
	}
	return last
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
func (r *run) delete(versions []Version, of Range) {
	from := &origin{of: of, open: len(versions)}
	var carry []Version
	for _, v := range versions {
		if carried(v.Key) {
			carry = append(carry, v)
		} else {
			r.batch(newDeletion([]Version{v}, from, true))
		}
	}
	for part := range slices.Chunk(carry, BatchSize) {
		r.batch(newDeletion(part, from, false))
	}
}

// batch puts a batch on the list, together with the last one there as long as S3 takes both in one call.
func (r *run) batch(d *deletion) {
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

// goOn puts what is left of a range behind a page on the list, cut into several: before folders that are known, or
// where keys are likely, as far as there is room and cuts have been right.
func (r *run) goOn(g Range, page []Version) {
	if len(page) == 0 || r.room() <= 0 {
		r.lists.add(&listing{of: g})
		return
	}
	seen := take(page)
	if r.isIdle() {
		for _, question := range r.atlas.behind(seen.last) {
			r.lists.add(&exploration{question})
		}
	}
	if cuts, all := r.atlas.within(g, seen.last, min(r.room(), mostLists)); len(cuts) > 0 {
		for _, part := range g.splitBefore(cuts, all) {
			r.lists.add(&listing{of: part})
		}
		return
	}
	cuts := seen.cuts(g.end(), min(r.room(), r.credit))
	r.credit -= len(cuts)
	parts := g.split(cuts)
	r.lists.add(&listing{of: parts[0]})
	for _, part := range parts[1:] {
		r.lists.maybe = append(r.lists.maybe, &listing{of: part, guess: true})
	}
}

// exploration is a question for folders as a task. What is not asked is no loss.
type exploration struct{ *folders }

func (t *exploration) then(*run) { t.take() }

func (t *exploration) left(*Checkpoint) {}

// room is how many ranges more there may be.
func (r *run) room() int { return mostRanges - r.lists.waiting() - r.lists.active }

// isIdle says whether more could be listed at the same time.
func (r *run) isIdle() bool { return r.lists.waiting()+r.lists.active < mostLists/2 }

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
