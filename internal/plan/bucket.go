package plan

import (
	"maps"

	"example.com/sharedbucket/internal/setting"
)

func (p *planner) checkBucket() error {
	b, name := p.now.Bucket, p.want.Bucket
	switch {
	case b == nil && p.want.Adopt:
		return conflict("bucket "+name, "create it, or leave Adopt out to have it created",
			"does not exist, so it cannot be adopted")
	case b == nil:
		return nil
	case b.OtherRegion:
		return conflict("bucket "+name, "choose another name (all accounts and regions share one space of names)",
			"exists in another region than %s", p.want.Env.Region)
	case b.Foreign:
		return conflict("bucket "+name,
			"choose another name (all accounts share one space of names), or let the provider's role in",
			"belongs to another account, or its policy keeps the provider out")
	case p.owner.Owns(b.Tags):
		return nil
	case Owned(b.Tags):
		return conflict("bucket "+name, "delete that share first, or choose another bucket",
			"belongs to another share: %s in %s", b.Tags[TagLogicalID], b.Tags[TagStackID])
	case !p.want.Adopt:
		return conflict("bucket "+name, "set Adopt to true to share the existing bucket, or choose another name",
			"exists already and does not belong to this stack")
	}
	return nil
}

func (p *planner) makeBucket(to *sequence) {
	if p.now.Bucket == nil {
		to.add(Step{
			Operation: CreateBucket, Resource: p.want.Bucket, Tags: p.bucketTags(),
			Reason: "there is no bucket of that name",
		})
	}
}

// bucketTags are the tags that the bucket must have; more do not matter.
func (p *planner) bucketTags() map[string]string {
	tags := p.owner.tags()
	maps.Copy(tags, p.want.Tags)
	if p.now.Bucket != nil && !p.owner.Owns(p.now.Bucket.Tags) {
		tags[TagAdopted] = "true"
	}
	return tags
}

// configureBucket sets what protects a bucket, apart from encryption, which waits for the key. The ownership of an
// adopted bucket is written first of all, so that a Delete finds what there is to revoke whatever happens next.
func (p *planner) configureBucket(to *sequence) {
	now := setting.MadeBucket()
	if b := p.now.Bucket; b != nil {
		now = b.BucketSettings
		p.tag(to, TagBucket, UntagBucket, p.want.Bucket, p.bucketTags(), b.Tags)
	}
	for _, want := range setting.WantedOfBucket(p.want) {
		set(to, Step{Resource: p.want.Bucket}, want, now)
	}
}

// set writes a setting over what is there, where that is something else, by a step that says on what.
func set[S any](to *sequence, on Step, want setting.Of[S], now S) {
	if on.Reason = want.Differs(now); on.Reason != "" {
		on.Operation, on.Setting = Operation(want.Names().Operation), want
		to.add(on)
	}
}

// tag adds tags that are missing and takes away those that the previous declaration had put there.
func (p *planner) tag(to *sequence, add, remove Operation, resource string, want, have map[string]string) {
	missing := maps.Clone(want)
	maps.DeleteFunc(missing, func(k, v string) bool {
		there, tagged := have[k] // a value may be empty
		return tagged && there == v
	})
	if len(missing) > 0 {
		to.add(Step{Operation: add, Resource: resource, Tags: missing, Reason: "tags are missing or differ"})
	}
	surplus := map[string]string{}
	if p.previous != nil {
		for k, v := range p.previous.Tags {
			_, wanted := want[k]
			if there, tagged := have[k]; tagged && there == v && !wanted {
				surplus[k] = ""
			}
		}
	}
	if len(surplus) > 0 {
		to.add(Step{Operation: remove, Resource: resource, Tags: surplus, Reason: "tags are no longer declared"})
	}
}

func (p *planner) encryptBucket(to *sequence) {
	var now setting.BucketSettings
	if p.now.Bucket != nil {
		now = p.now.Bucket.BucketSettings
	}
	set(to, Step{Resource: p.want.Bucket}, now.Encryption.Under(p.keyARN), now)
}
