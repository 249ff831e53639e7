package fault

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/share"
)

// deployedAccess is an access as CloudFormation holds it, and the key that its bucket had when it was deployed: one
// that came later it has not seen.
type deployedAccess struct {
	*state
	key string
}

// accessNames are the consumer's stacks, accessLevels what their grantees may be given.
var (
	accessNames  = []string{"three", "four"}
	accessLevels = []struct {
		grantees []any
		may      map[string][]string
	}{
		{grantees: users("ann", "ReadWrite"), may: map[string][]string{"ann": writing}},
		{
			grantees: users("ann", "Read", "bob", "ReadWrite"),
			may:      map[string][]string{"ann": reading, "bob": writing},
		},
	}
)

// drawAccess is an access to one of the buckets, whether or not there is a share of it, by policies of one type. Auto
// would depend on what was before.
func (w *walk) drawAccess(t *rapid.T, name string) *state {
	bucket := rapid.SampledFrom(append(w.buckets(), w.shared)).Draw(t, "bucket")
	level := accessLevels[rapid.IntRange(0, len(accessLevels)-1).Draw(t, "grantees")]
	s := declared(share.AccessType, bucket, access{}, verified, map[string]any{
		"OwnerAccount": w.owner.ID,
		"Grantees":     level.grantees,
		"PolicyName":   "access-" + name,
		"PolicyType":   rapid.SampledFrom([]string{share.PolicyInline, share.PolicyManaged}).Draw(t, "type"),
		"Canary":       rapid.Bool().Draw(t, "canary"),
		"Revision":     fmt.Sprint(w.steps),
	})
	if w.keyOf(bucket) == w.key {
		s.resource.Properties["KeyArn"] = w.key // it has not the alias by which others are found
	}
	for user, tries := range level.may {
		s.access[principal{w.consumer.ID, user}] = tries
	}
	return s
}

// keyOf is the key of a bucket that is there, "" of none.
func (w *walk) keyOf(bucket string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.model.buckets[bucket]; b != nil {
		return b.key
	}
	return ""
}

// sharedNow says whether a bucket is shared, and nobody has worked on it by hand.
func (w *walk) sharedNow(bucket string) bool {
	for _, s := range w.stacks {
		if s.bucket == bucket {
			return !w.spoiled[bucket]
		}
	}
	return bucket == w.shared
}

// DeployAccess creates or updates the stack of an access, with a call that breaks now and then.
func (w *walk) DeployAccess(t *rapid.T) {
	name := rapid.SampledFrom(accessNames).Draw(t, "access")
	next := w.drawAccess(t, name)
	w.mayNow(next)
	var before *state
	if had := w.accesses[name]; had != nil {
		before = had.state
	}
	status, broken := w.deploy(t, w.consumer, name, before, next)
	switch {
	case status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE":
		w.accesses[name] = &deployedAccess{next, w.keyOf(next.bucket)}
		delete(w.spoiled, name)
	case !broken && w.sharedNow(next.bucket) && !w.spoiled[name]:
		t.Fatalf("%s failed for no reason: %s\n%s", name, status, w.consumer.events(w.ctx, name))
	}
}

// RemoveAccess deletes the stack of an access.
func (w *walk) RemoveAccess(t *rapid.T) {
	if len(w.accesses) == 0 {
		return
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(w.accesses))).Draw(t, "access")
	w.undeploy(t, w.consumer, name)
	delete(w.accesses, name)
	delete(w.spoiled, name)
}

// GranteeWorks is somebody who takes a grantee's inline policy away by hand.
func (w *walk) GranteeWorks(t *rapid.T) {
	if len(w.accesses) == 0 {
		return
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(w.accesses))).Draw(t, "access")
	w.steps++
	w.spoiled[name] = true
	must(t, w.dropInline(console(w.consumer), "access-"+name))
	w.excuse()
}

// accessesOf are what accesses give on a bucket, and of which grantees nothing is known: those of an access that
// somebody worked on by hand, or that has not seen the bucket's key.
func (w *walk) accessesOf(bucket string) (want access, unknown []principal) {
	want = access{}
	key := w.keyOf(bucket)
	for name, a := range w.accesses {
		if a.bucket != bucket {
			continue
		}
		want = merged(want, a.access)
		if w.spoiled[name] || a.key != key {
			for who := range a.access {
				unknown = append(unknown, who)
			}
		}
	}
	return want, unknown
}
