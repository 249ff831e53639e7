package plan

// claim is what a share has to do with a key that is there.
type claim int

// The claims, weaker ones first: from givenUp on, the share takes the key for its own.
const (
	// noClaim is on a key that is not the share's: a declared one, that of an adopted bucket, or anybody's.
	noClaim claim = iota
	// anothers is on a key that another share made for this bucket and has not given up. One that is disabled was perhaps
	// disabled for a reason: only its owner takes it up.
	anothers
	// givenUp is on a key that an earlier share made for this bucket, and that waits for its deletion.
	givenUp
	// halfTaken is on a key that a run of this share was taking up when it died: the key is awake, with the tags of the
	// share before or with its own. It has to be disabled, as it comes back so: whoever enabled it has seen to it. What is
	// remembered may be forged; then it is a key for a bucket of this name all the same, which nobody can use.
	halfTaken
	// proven is on a key that has the share's own tags.
	proven
)

// takes says whether the share uses the key as its own: tags, names and configures it.
func (c claim) takes() bool { return c >= givenUp }

// claimOn is the claim on a key, none on no key.
func (p *planner) claimOn(k *Key) claim {
	if k == nil || k.Tags[TagForBucket] != p.want.Bucket {
		return noClaim
	}
	d := p.now.Remembered.Declaration
	switch {
	case d != nil && d.TakesUp == k.ARN && k.State == KeyDisabled:
		return halfTaken
	case p.owner.OwnsKey(k, p.want.Bucket):
		return proven
	case k.State == KeyPendingDeletion:
		return givenUp
	}
	return anothers
}
