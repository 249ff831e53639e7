package plan

import (
	"fmt"
	"maps"
	"slices"

	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// After is the state once all steps are carried out, with the created key in place of the pending one. What is read
// back goes over it: the parts that let somebody in or protect what is there.
func (w Wanted) After(now State, steps Plan) State {
	after := now
	taken := w.Key(now)
	if taken != nil {
		taken = taken.clone()
	}
	if now.Bucket != nil {
		after.Bucket = now.Bucket.clone()
	}
	if now.Former != nil {
		after.Former = now.Former.clone()
	}
	after.Replaced = now.Replaced.after(w.ReplacedParameter(), steps, w.Share.Env)
	after.Identities = identitiesAfter(now.Identities, steps)
	after.Remembered = now.Remembered.after(w.Parameter(), steps, w.Share.Env)
	for _, s := range steps {
		switch s.Operation {
		case CreateBucket:
			after.Bucket = NewBucket(s)
		case CreateKey:
			taken = NewKey(s)
		default:
			if after.Bucket != nil {
				after.Bucket.Do(s)
			}
			if taken != nil {
				taken.Do(s)
			}
			if after.Former != nil {
				after.Former.Do(s)
			}
		}
	}
	after.Named, after.OfBucket, after.Tagged, after.Made = taken, nil, nil, nil
	return after
}

// After is to an access what it is to a share.
func (w WantedAccess) After(now AccessState, steps Plan) AccessState {
	now.Identities = identitiesAfter(now.Identities, steps)
	now.Remembered = now.Remembered.after(w.Parameter(), steps, w.Access.Env)
	now.Replaced = now.Replaced.after(w.ReplacedParameter(), steps, w.Access.Env)
	return now
}

func identitiesAfter(now map[share.Identity]IdentityState, steps Plan) map[share.Identity]IdentityState {
	after := maps.Clone(now)
	for _, s := range steps {
		if s.PolicyName != "" {
			after[s.Identity] = after[s.Identity].Do(s)
		}
	}
	return after
}

// Do is the state once a step on the identity is carried out.
func (s IdentityState) Do(step Step) IdentityState {
	if m := s.Managed; m != nil {
		c := *m
		c.Older, c.Tags, c.AttachedTo = slices.Clone(m.Older), maps.Clone(m.Tags), slices.Clone(m.AttachedTo)
		s.Managed = &c
	}
	switch m := s.Managed; step.Operation {
	case PutInlinePolicy, DeleteInlinePolicy:
		s.Policy = step.After
	case CreatePolicy:
		s.Managed = &ManagedPolicy{Policy: step.After, Version: "v1", Tags: step.Tags}
	case CreatePolicyVersion:
		m.Older, m.Version = append(m.Older, m.Version), nextVersion(m)
		m.Policy = step.After
	case DeletePolicyVersion:
		m.Older = slices.DeleteFunc(m.Older, func(v string) bool { return v == step.Value })
	case AttachPolicy:
		m.Attached = true
	case DetachPolicy:
		m.Attached = m.Attached && step.From != step.Identity
		m.AttachedTo = slices.DeleteFunc(m.AttachedTo, func(id share.Identity) bool { return id == step.From })
	case DeletePolicy:
		s.Managed = nil
	}
	return s
}

// nextVersion is the id of a policy's next version: the number after the highest that there is.
func nextVersion(m *ManagedPolicy) string {
	highest := 0
	for _, v := range append([]string{m.Version}, m.Older...) {
		var n int
		if _, err := fmt.Sscanf(v, "v%d", &n); err == nil {
			highest = max(highest, n)
		}
	}
	return fmt.Sprintf("v%d", highest+1)
}

// NewBucket is what a CreateBucket makes.
func NewBucket(s Step) *Bucket {
	return &Bucket{BucketSettings: setting.MadeBucket(), Tags: maps.Clone(s.Tags)}
}

// Do carries out a step on a bucket; one that is on something else does nothing.
func (b *Bucket) Do(s Step) {
	if v, is := s.Setting.(setting.Of[setting.BucketSettings]); is {
		v.Set(&b.BucketSettings)
	}
	switch s.Operation {
	case TagBucket:
		b.Tags = withTags(b.Tags, s.Tags)
	case UntagBucket:
		b.Tags = withoutTags(b.Tags, s.Tags)
	case PutBucketPolicy, DeleteBucketPolicy:
		b.Policy = s.After
	}
}

func (b *Bucket) clone() *Bucket {
	c := *b
	return &c
}

// NewKey is what a CreateKey makes.
func NewKey(s Step) *Key {
	return &Key{
		ARN: s.Resource, State: KeyEnabled, Manager: "CUSTOMER", Spec: KeySymmetric, Usage: "ENCRYPT_DECRYPT",
		Origin: KeyOriginKMS, Policy: s.After, Tags: maps.Clone(s.Tags), KeySettings: setting.MadeKey(),
	}
}

// Do carries out a step on a key; one that is on something else does nothing.
func (k *Key) Do(s Step) {
	switch {
	case s.Operation == CreateAlias && s.Value == k.ARN:
		k.Aliases = append(slices.Clone(k.Aliases), s.Resource)
		return
	case s.Operation == DeleteAlias:
		k.Aliases = slices.DeleteFunc(slices.Clone(k.Aliases), func(a string) bool { return a == s.Resource })
		return
	case s.Resource != k.ARN:
		return
	}
	if v, is := s.Setting.(setting.Of[setting.KeySettings]); is {
		v.Set(&k.KeySettings)
	}
	switch s.Operation {
	case CancelKeyDeletion:
		k.State, k.Tags = KeyDisabled, withTags(k.Tags, s.Tags)
	case EnableKey:
		k.State = KeyEnabled
	case TagKey:
		k.Tags = withTags(k.Tags, s.Tags)
	case UntagKey:
		k.Tags = withoutTags(k.Tags, s.Tags)
	case PutKeyPolicy:
		k.Policy = s.After
	case ScheduleKeyDeletion:
		k.State, k.Rotation = KeyPendingDeletion, 0
	}
}

func (k *Key) clone() *Key {
	c := *k
	return &c
}

func withTags(have, more map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, have)
	maps.Copy(all, more)
	return all
}

func withoutTags(have, less map[string]string) map[string]string {
	all := maps.Clone(have)
	maps.DeleteFunc(all, func(k, _ string) bool {
		_, gone := less[k]
		return gone
	})
	return all
}
