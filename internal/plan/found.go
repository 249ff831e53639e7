package plan

import (
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/setting"
)

// found is what an adoption is about to change of a bucket, nil when this is none, or it has begun already.
func (w Wanted) found(now State) *declaration.Found {
	b := now.Bucket
	if b == nil || b.Foreign || !w.Share.Adopt || w.Owner.Owns(b.Tags) {
		return nil
	}
	e := b.Encryption
	f := &declaration.Found{Algorithm: e.Algorithm, KeyID: e.KeyID, BucketKey: e.BucketKey, Tags: map[string]string{}}
	for name := range w.Share.Tags {
		if value, there := b.Tags[name]; there {
			f.Tags[name] = value
		}
	}
	return f
}

// restored says what an adopted bucket was before, when its adoption is rolled back and that is known.
func (p *planner) restored(how Completion) *declaration.Found {
	b, d := p.now.Bucket, p.now.Remembered.Declaration
	if how == Completed || b == nil || d == nil || !p.owner.Owns(b.Tags) || b.Tags[TagAdopted] == "" {
		return nil
	}
	return d.Found
}

// restoreBucket are the steps by which an adopted bucket goes back to what it was. What somebody else has changed since
// stays. Public access stays blocked, ACLs off, versioning on, and SSE-C blocked: nothing is opened.
func (p *planner) restoreBucket(how Completion) []Step {
	f := p.restored(how)
	if f == nil {
		return nil
	}
	const reason = "its adoption is rolled back"
	var to sequence
	is := p.now.Bucket.Encryption
	if p.key != nil && is.KeyID == p.key.ARN && f.KeyID != is.KeyID {
		before := setting.Encryption{
			Algorithm: f.Algorithm, KeyID: f.KeyID, BucketKey: f.BucketKey, SSECBlocked: true, OtherBlocked: is.OtherBlocked,
		}
		to.add(Step{Operation: setting.PutBucketEncryption, Resource: p.want.Bucket, Setting: before, Reason: reason})
	}
	added, changed := map[string]string{}, map[string]string{}
	for name, value := range p.want.Tags {
		there, tagged := p.now.Bucket.Tags[name]
		before, had := f.Tags[name]
		switch {
		case !tagged || there != value:
		case !had:
			added[name] = ""
		case before != value:
			changed[name] = before
		}
	}
	if len(changed) > 0 {
		to.add(Step{Operation: TagBucket, Resource: p.want.Bucket, Tags: changed, Reason: reason})
	}
	if len(added) > 0 {
		to.add(Step{Operation: UntagBucket, Resource: p.want.Bucket, Tags: added, Reason: reason})
	}
	return to.steps
}
