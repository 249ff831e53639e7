package empty

import (
	"context"
	"fmt"
	"slices"
)

// origin is the part of a listing that versions to delete come from. As long as one of them is not done, whoever goes
// on lists the part again: what could not be deleted of it would be found again, and counts only when all is done.
type origin struct {
	of     Range
	open   int // versions that are not done
	failed Report
}

// deletion deletes a batch of versions.
type deletion struct {
	versions []Version // yet to be deleted
	from     []*origin // of each of them
	single   bool      // XML cannot carry the key
	bytes    int
	done     []done
}

// done is what came of one version.
type done struct {
	from    *origin
	failure *Failure // nil when it is deleted
}

func newDeletion(versions []Version, from *origin, single bool) *deletion {
	d := &deletion{versions: versions, from: slices.Repeat([]*origin{from}, len(versions)), single: single}
	for _, v := range versions {
		d.bytes += size(v.Key, v.ID)
	}
	return d
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
	var again []Version
	var from []*origin
	var busy error
	for i, v := range t.versions {
		at := slices.IndexFunc(failures, func(f Failure) bool { return f.of(v) })
		d := done{from: t.from[i]}
		if at >= 0 {
			f := failures[at]
			failures = slices.Delete(failures, at, at+1)
			if f.passing() {
				again, from = append(again, v), append(from, t.from[i])
				busy = &Busy{Err: fmt.Errorf("deleting object versions: %s: %s", f.Code, f.Message)}
				continue
			}
			if !f.gone() {
				f.Key, f.Version = v.Key, v.ID // not every server names the version
				d.failure = &f
			}
		}
		t.done = append(t.done, d)
	}
	t.versions, t.from = again, from
	return busy
}

func (t *deletion) then(r *run) {
	r.bytes -= t.bytes
	t.settle(&r.report)
}

// settle takes up what is done.
func (t *deletion) settle(report *Report) {
	for _, d := range t.done {
		o := d.from
		o.open--
		if d.failure == nil {
			report.Deleted++
		} else {
			o.failed.fail(*d.failure)
		}
		if o.open == 0 {
			report.add(o.failed)
		}
	}
	t.done = nil
}

// left lists again what the versions come from. What is done was settled before.
func (t *deletion) left(c *Checkpoint) {
	for _, o := range t.from {
		if !slices.Contains(c.Ranges, o.of) {
			c.Ranges = append(c.Ranges, o.of)
		}
	}
}

// size is about how many bytes of memory a version or an upload takes.
func size(key, id string) int { return len(key) + len(id) + 100 }
