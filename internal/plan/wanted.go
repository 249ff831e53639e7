package plan

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// Wanted is what a plan leads to, and from where. Its methods say what has to be looked at for that, step by step, so
// that nothing is read that no plan depends on.
type Wanted struct {
	Share share.Share
	// Previous is the declaration before this one, nil for a Create. It says what may have to be revoked.
	Previous *share.Share
	Owner    Owner
	// Limits are the administrator's. The zero Limits allow no key that the share did not make.
	Limits share.Limits
	// Properties are the declared ones, as they are to be remembered. Without them nothing is remembered or forgotten.
	Properties declaration.Properties
	// Event is what asks for it.
	Event Event
	// Replaces is the declaration of another bucket that this one takes the place of, nil for none.
	Replaces *share.Share
	// Removal is set when it is the share's end that is wanted, LastTime when CloudFormation may not ask for it again.
	Removal  Completion
	LastTime bool
	// Jobs are those that were started at this event for what the bucket held.
	Jobs []string
	// Made is the ARN of a key that an earlier try at the same event created, and that nothing uses yet.
	Made string
}

// Completion says how far the Create of a share came that is now to be removed.
type Completion string

const (
	// Completed shares are removed as their RemovalPolicy says.
	Completed Completion = "completed"
	// Undone shares were finished by what is rolled back: it is as if they had not been. A bucket that has objects all the
	// same is kept.
	Undone Completion = "undone"
	// Unfinished shares were never handed over: what their Create left is cleaned up, RemovalPolicy or not. A bucket
	// that has objects all the same is kept.
	Unfinished Completion = "unfinished"
)

// ExpectsBucket says whether the bucket is probably there, so that all of it is read at once instead of its tags first.
func (w Wanted) ExpectsBucket() bool { return w.Previous != nil }

// DoubtsGone says, of a bucket that is not there, whether another place of S3 is asked before that counts: a removal
// would give the share up for gone.
func (w Wanted) DoubtsGone() bool { return w.Removal != "" }

// Configures says whether the bucket's settings matter, and not only who is let in.
func (w Wanted) Configures() bool { return w.Removal == "" }

// Concerns says, of a bucket whose tags are known, whether anything else about it matters: a bucket that is somebody
// else's, and is not to be adopted, is not looked at.
func (w Wanted) Concerns(b *Bucket) bool {
	switch {
	case b == nil || b.Foreign:
		return false
	case w.Removal != "":
		return !w.othersBucket(b)
	}
	return w.Owner.Owns(b.Tags) || (w.Share.Adopt && !Owned(b.Tags))
}

// KeyName is what KMS is asked for first: the declared key, or the alias.
func (w Wanted) KeyName() string {
	if w.Share.KeyARN != "" {
		return w.Share.KeyARN
	}
	return w.Share.Env.AliasARN(w.Share.Env.Account, w.Share.Alias)
}

// KeyOfBucket is the key of the bucket's default encryption as it is named there, "" when it need not be looked at. A
// bare id or an alias is always looked at, to know which key it is.
func (w Wanted) KeyOfBucket(now State) string {
	if !w.Concerns(now.Bucket) {
		return ""
	}
	id := now.Bucket.Encryption.KeyID
	switch {
	case id != "" && !share.IsKeyARN(id):
		return id
	case w.Share.KeyARN != "" || now.Named != nil || !strings.HasPrefix(id, w.Share.Env.KeyARN("")):
		return ""
	}
	return id
}

// LooksForTagged says whether to look for keys by their tags: for one to which nothing better leads, and for those that
// nobody uses. A key is made after its bucket, so a Create that finds no bucket finds no key either.
func (w Wanted) LooksForTagged(now State) bool {
	return w.Previous != nil || w.Removal != "" || w.Concerns(now.Bucket)
}

// Tagged are, of the keys that tags lead to and what of them could not be read, those that count. Where no plan depends
// on them, what cannot be read is no failure, and a key of which not all is known is none.
func (w Wanted) Tagged(now State, keys []*Key, unread []Unread) ([]*Key, []Unread) {
	if len(unread) > 0 && !w.needsTagged(now) {
		return nil, nil
	}
	return keys, unread
}

// needsTagged says whether a plan depends on the keys that tags lead to. The tagging API lags behind, so that is only
// where nothing better leads to a key. What a Create that never finished has left is looked for in any case. Elsewhere
// they are what nobody uses, which the next event finds as well as this one.
func (w Wanted) needsTagged(now State) bool {
	switch {
	case (w.Removal == Completed || w.Removal == Undone) && w.Share.KeyARN != "":
		return w.Removal == Undone || w.Share.Removal != share.Retain // keys that it made before another one was declared
	case w.Share.KeyARN != "":
		return false
	case w.Removal == Unfinished:
		return now.Bucket == nil || w.Concerns(now.Bucket)
	}
	return w.Concerns(now.Bucket) && w.Key(now) == nil
}

// NeedsContents says whether it matters if the bucket holds objects. Nobody looks inside a bucket that is not ours.
func (w Wanted) NeedsContents(now State) bool {
	switch b := now.Bucket; {
	case !w.Concerns(b):
		return false
	case w.Removal != "":
		d := now.Remembered.Declaration
		return w.Removal != Completed && w.Owner.Owns(b.Tags) && (b.Tags[TagAdopted] == "" || d != nil && d.Found != nil)
	default:
		k := w.Key(now)
		return w.Previous != nil && b.Encryption.KeyID != "" && (k == nil || k.ARN != now.defaultKey())
	}
}

// Identities are all whose policies matter, each once.
func (w Wanted) Identities() []share.Identity {
	all := w.Share.Delegates
	if w.Previous != nil {
		all = slices.Concat(all, w.Previous.Delegates)
	}
	return share.Identities(all)
}

// MustExist says whether an identity that is not there may only be so new that IAM does not know it everywhere.
func (w Wanted) MustExist(id share.Identity) bool {
	return w.Removal == "" && slices.Contains(share.Identities(w.Share.Delegates), id)
}

// Key is the key that the share uses or may take up again, nil when there is none.
//
//	found                                                | taken
//	-----------------------------------------------------|------------------------------------------------------
//	by the declared ARN, or behind the alias             | first
//	as the bucket's default key                          | when the bucket is adopted, because its objects are under
//	                                                     | it already, unless it is one of AWS's; or when it is ours
//	by its tags                                          | when its own tags agree; one that is not on its way out
//	                                                     | goes before one that is
//	as made by an earlier try                            | last
func (w Wanted) Key(now State) *Key {
	if now.Named != nil || w.Share.KeyARN != "" {
		return now.Named
	}
	if k := now.OfBucket; k != nil && w.Concerns(now.Bucket) {
		if w.Share.Adopt && k.Manager != KeyManagerAWS || w.Owner.OwnsKey(k, w.Share.Bucket) {
			return k
		}
	}
	return firstKey(append(slices.Clone(now.Tagged), now.Made), func(k *Key) bool {
		return w.Owner.OwnsKey(k, w.Share.Bucket)
	})
}

// firstKey is the first key that is right, one that does not wait for its deletion if there is any.
func firstKey(keys []*Key, right func(*Key) bool) *Key {
	var found *Key
	for _, k := range keys {
		switch {
		case k == nil || !right(k):
		case k.State != KeyPendingDeletion:
			return k
		case found == nil:
			found = k
		}
	}
	return found
}

// surplusKeys are keys that an earlier try at this event made, or any try at a Create that never finished, and those
// that were never used, when the share has another one by now. The same event may be delivered twice at once, and the
// alias settles whose key is used; the run that lost may die before it gives its own up.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func (w Wanted) surplusKeys(now State) []*Key {
	candidates := []*Key{now.Made}
	for _, k := range now.Tagged {
		if w.Removal == Unfinished && !now.HoldsObjects || w.neverUsed(k) {
			candidates = append(candidates, k)
		}
	}
	taken := w.Key(now)
	if taken == nil {
		return nil
	}
	var surplus []*Key
	for _, k := range candidates {
		switch {
		case k == nil || k.ARN == taken.ARN || k.ARN == now.defaultKey():
		case k.State == KeyPendingDeletion || !w.Owner.OwnsKey(k, w.Share.Bucket):
		case slices.ContainsFunc(surplus, func(other *Key) bool { return other.ARN == k.ARN }):
		default:
			surplus = append(surplus, k)
		}
	}
	return surplus
}

// neverUsed says of a key with this share's tags whether it is as CreateKey left it. A key gets its alias before the
// bucket uses it, and then its settings and the statements that let others in; so nothing is encrypted under one that
// has none of these, and another run that has just made it cannot give it an alias which the share's key has.
func (w Wanted) neverUsed(k *Key) bool {
	return len(k.Aliases) == 0 && k.KeySettings == setting.MadeKey() &&
		k.ARN != w.Share.KeyARN && w.Owner.OwnsKey(k, w.Share.Bucket) &&
		k.Policy.Equal(document.OfNewKey(w.Share.Env))
}

// othersBucket says whether nothing that there is for a bucket can be this share's, which is to be removed.
func (w Wanted) othersBucket(b *Bucket) bool {
	if w.Removal == Unfinished && (b.Foreign || b.Tags[TagHandedOver] != "") {
		return true
	}
	return Owned(b.Tags) && !w.Owner.Owns(b.Tags)
}
