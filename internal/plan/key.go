package plan

import (
	"maps"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// checkKey says why the key cannot be used. A key of the share's own that an operator disabled stays disabled: that may
// have been done in an emergency. A Create takes it up, because one that was waiting for deletion comes back disabled.
func (p *planner) checkKey() error {
	k := p.key
	if k == nil {
		return p.noKeyProblem()
	}
	if err := keyKindProblem(k); err != nil {
		return err
	}
	if err := p.checkKeyChange(k); err != nil {
		return err
	}
	switch disabled := k.State == KeyDisabled; {
	case p.claim == givenUp || p.claim == halfTaken:
		return nil
	case p.claim == proven && (k.State == KeyPendingDeletion || disabled && p.previous == nil):
		return nil
	case p.claim == anothers && disabled:
		return conflict("key "+k.ARN, "schedule its deletion, so that this share may take it up, or delete its alias",
			"was made for this bucket by %s in %s, and is disabled", k.Tags[TagLogicalID], k.Tags[TagStackID])
	}
	if err := keyStateProblem(k); err != nil {
		return err
	}
	if p.want.KeyARN != "" || p.claim.takes() {
		return nil // a declared key was checked against the limits with the declaration
	}
	if !p.want.Adopt {
		return conflict(p.want.Alias,
			"choose another Encryption.Alias, delete the alias, or give the key as Encryption.KeyArn",
			"belongs to %s already, which is not this share's key", k.ARN)
	}
	return p.limits.FoundKey(p.want, k.ARN)
}

// noKeyProblem is why there is no key, where there must be one.
func (p *planner) noKeyProblem() error {
	if p.want.KeyARN != "" {
		return conflict("key "+p.want.KeyARN, "check Encryption.KeyArn", "does not exist")
	}
	if old := p.now.defaultKey(); p.want.Adopt && old != "" && !share.IsKeyARN(old) {
		return conflict("bucket "+p.want.Bucket, "give the key of its objects as Encryption.KeyArn",
			"has the default key %s, which is no key of this account and region: consumers could not read what is under it", old)
	}
	return nil
}

// checkKeyChange refuses to leave objects behind under a key that consumers lose.
func (p *planner) checkKeyChange(k *Key) error {
	if p.previous == nil || p.now.Bucket == nil || !p.now.HoldsObjects {
		return nil
	}
	if old := p.now.defaultKey(); old != "" && old != k.ARN {
		return conflict("bucket "+p.want.Bucket, "keep the key, or share a new bucket and copy the objects into it",
			"holds objects under %s, which consumers could no longer read with key %s", old, k.ARN)
	}
	return nil
}

// waitingKey is the ARN of the key that this plan takes up while it waits for its deletion, "" for none.
func (p *planner) waitingKey() string {
	if k := p.key; p.claim.takes() && k.State == KeyPendingDeletion {
		return k.ARN
	}
	return ""
}

// dropSurplusKeys gives up keys that another run's has made superfluous. They never encrypted anything.
func (p *planner) dropSurplusKeys() []Step {
	var steps []Step
	for _, k := range p.surplus {
		steps = append(steps, Step{
			Round: 1, Operation: ScheduleKeyDeletion, Resource: k.ARN, Days: shortestWindow, NoAlias: len(k.Aliases) == 0,
			Reason: "another run of the same event made the share's key",
		})
	}
	return steps
}

// shortestWindow is the shortest deletion window KMS takes.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const shortestWindow = 7

func keyKindProblem(k *Key) error {
	switch {
	case k.Manager == KeyManagerAWS:
		return conflict("key "+k.ARN, "use a customer managed key", "is an AWS managed key, which cannot be shared")
	case k.Spec != "" && k.Spec != KeySymmetric:
		return conflict("key "+k.ARN, "S3 needs a symmetric encryption key", "is of kind %s", k.Spec)
	case k.Usage != "" && k.Usage != "ENCRYPT_DECRYPT":
		return conflict("key "+k.ARN, "S3 needs a key for ENCRYPT_DECRYPT", "is for %s", k.Usage)
	}
	return nil
}

func keyStateProblem(k *Key) error {
	switch k.State {
	case KeyEnabled:
		return nil
	case KeyDisabled:
		return conflict("key "+k.ARN, "enable it with kms:EnableKey, then try again", "is disabled")
	case KeyPendingDeletion:
		return conflict("key "+k.ARN, "cancel with kms:CancelKeyDeletion and enable it, then try again",
			"is waiting for its deletion")
	}
	return conflict("key "+k.ARN, "wait until it is Enabled, then try again", "is in state %s", k.State)
}

// makeKey creates the key, or takes up one that was given up: the step that brings it back gives it its owner's tags,
// so that whatever fails beside it leaves no key that is awake and nobody's. A new key lets only its own account in:
// consumers come with the grants.
func (p *planner) makeKey(to *sequence) {
	k := p.key
	if k == nil {
		p.keyPolicy = document.OfNewKey(p.want.Env)
		to.add(Step{
			Operation: CreateKey, Resource: p.keyARN, After: p.keyPolicy, Tags: p.keyTags(),
			Reason: "the share has no key",
		})
		return
	}
	if !p.claim.takes() {
		return
	}
	have := k.Tags
	if k.State == KeyPendingDeletion {
		to.add(Step{
			Operation: CancelKeyDeletion, Resource: k.ARN, Tags: p.keyTags(), Days: deletionDays(p.want),
			Reason: "the share's key is waiting for its deletion",
		})
		have = withTags(have, p.keyTags())
	}
	p.tag(to, TagKey, UntagKey, k.ARN, p.keyTags(), have)
	for i := range to.steps {
		to.steps[i].NewTags, to.steps[i].TakenUp = p.newTags(), p.takesUp() && to.steps[i].Operation != CancelKeyDeletion
	}
	if k.State != KeyEnabled {
		to.add(Step{
			Operation: EnableKey, Resource: k.ARN, TakenUp: true, NewTags: true, Reason: "the share's key is not enabled",
		})
	}
}

func (p *planner) keyTags() map[string]string {
	tags := p.owner.tags()
	maps.Copy(tags, p.want.Tags)
	tags[TagForBucket] = p.want.Bucket
	return tags
}

// ownKey is the share's own key as it is after makeKey, nil for an existing key: that one keeps its owner's settings.
func (p *planner) ownKey() *Key {
	switch k := p.key; {
	case k == nil:
		return &Key{ARN: p.keyARN, KeySettings: setting.MadeKey()}
	case p.claim.takes():
		return k
	}
	return nil
}

// nameKey gives the share's own key its alias, and says whether that is still to be done.
func (p *planner) nameKey(to *sequence) bool {
	k := p.ownKey()
	if k == nil || slices.Contains(k.Aliases, p.want.Alias) {
		return false
	}
	to.add(Step{
		Operation: CreateAlias, Resource: p.want.Alias, Value: k.ARN, TakenUp: p.takesUp(), NewTags: p.newTags(),
		Reason: "consumers find the key by this name",
	})
	return true
}

// configureKey sets what a share wants of a key of its own, and takes an earlier alias away.
func (p *planner) configureKey(to *sequence) {
	k := p.ownKey()
	if k == nil {
		return
	}
	if old := p.previous; old != nil && old.Alias != p.want.Alias && slices.Contains(k.Aliases, old.Alias) {
		to.add(Step{Operation: DeleteAlias, Resource: old.Alias, Reason: "the alias is no longer declared"})
	}
	for _, want := range setting.WantedOfKey(p.want) {
		set(to, Step{Resource: k.ARN, TakenUp: p.takesUp(), NewTags: p.newTags()}, want, k.KeySettings)
	}
}

// takesUp says whether the plan brings back a key that was given up. KMS lets a minute pass before all of it knows.
func (p *planner) takesUp() bool { return p.key != nil && p.key.State != KeyEnabled }

// newTags says whether the tags of the share's own key may be so new that they do not count everywhere.
func (p *planner) newTags() bool {
	return p.key == nil || p.takesUp() || p.young && p.owner.OwnsKey(p.key, p.want.Bucket)
}

// keyInUse is the ARN of the key that objects are encrypted with now, or of the share's, "" while there is neither.
func (p *planner) keyInUse() string {
	switch now := p.now.defaultKey(); {
	case share.IsKeyARN(now):
		return now
	case p.key != nil:
		return p.key.ARN
	}
	return ""
}
