// Package sharetest has what tests of shares need: a model of what AWS does with each step of a plan, and generators
// of valid declarations.
package sharetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Account is what one account has in one region, as far as shares are concerned. It refuses what AWS refuses.
type Account struct {
	Env        share.Env
	Buckets    map[string]*Bucket
	Keys       map[string]*plan.Key
	Identities map[share.Identity]map[string]string // inline policies by name
	Parameters map[string]string                    // of SSM
	Policies   Policies
	Cancelled  []string // jobs of S3 Batch Operations
	// Steps are those that were carried out.
	Steps []plan.Step

	keysMade int
}

// Bucket is a bucket and how many object versions it holds.
type Bucket struct {
	plan.Bucket
	Objects int
}

// NewAccount is an account with identities and nothing else.
func NewAccount(env share.Env, identities ...share.Identity) *Account {
	a := &Account{
		Env: env, Buckets: map[string]*Bucket{}, Keys: map[string]*plan.Key{},
		Identities: map[share.Identity]map[string]string{}, Parameters: map[string]string{},
		Policies: Policies{},
	}
	for _, id := range identities {
		a.Identities[id] = map[string]string{}
	}
	return a
}

// Clone is an account of the same content.
func (a *Account) Clone() *Account {
	c := NewAccount(a.Env)
	c.keysMade, c.Steps = a.keysMade, slices.Clone(a.Steps)
	for name, b := range a.Buckets {
		c.Buckets[name] = &Bucket{*copyBucket(&b.Bucket), b.Objects}
	}
	for arn, k := range a.Keys {
		c.Keys[arn] = copyKey(k)
	}
	for id, policies := range a.Identities {
		c.Identities[id] = maps.Clone(policies)
	}
	c.Parameters = maps.Clone(a.Parameters)
	for arn, p := range a.Policies {
		c.Policies[arn] = p.clone()
	}
	return c
}

func copyBucket(b *plan.Bucket) *plan.Bucket {
	c := *b
	c.Tags, c.Encryption.OtherBlocked = maps.Clone(b.Tags), slices.Clone(b.Encryption.OtherBlocked)
	return &c
}

func copyKey(k *plan.Key) *plan.Key {
	if k == nil {
		return nil
	}
	c := *k
	c.Tags, c.Aliases = maps.Clone(k.Tags), slices.Clone(k.Aliases)
	return &c
}

// Observe is everything that package cloud could find for a share. It finds no more than what it is asked for; which of
// it matters is decided in package plan, so more must change nothing.
func (a *Account) Observe(want plan.Wanted) plan.State {
	state := plan.State{
		Identities: map[share.Identity]plan.IdentityState{},
		Named:      copyKey(a.namedKey(want.Share)),
		Made:       copyKey(a.Keys[want.Made]),
	}
	if want.FormerKey() != "" {
		state.Former = copyKey(a.namedKey(*want.Previous))
	}
	if b := a.Buckets[want.Share.Bucket]; b != nil {
		state.Bucket, state.HoldsObjects = copyBucket(&b.Bucket), b.Objects > 0
		state.OfBucket = copyKey(a.describe(b.Encryption.KeyID))
		if b.Foreign {
			state.Bucket = &plan.Bucket{Foreign: true, OtherRegion: b.OtherRegion}
			state.HoldsObjects, state.OfBucket = false, nil
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(a.Keys)) {
		if k := a.Keys[arn]; want.Owner.OwnsKey(k, want.Share.Bucket) {
			state.Tagged = append(state.Tagged, copyKey(k))
		}
	}
	state.Remembered = a.observeParameter(want.Parameter(), want.Share.Env)
	state.Replaced = a.observeParameter(want.ReplacedParameter(), want.Share.Env)
	for _, id := range slices.Concat(want.Identities(), want.Forgotten(state)) {
		state.Identities[id] = a.ObserveIdentity(id, want.Share.PolicyName())
	}
	state.Quotas = a.ObserveQuotas(want.Identities())
	return state
}

// observeParameter is a declaration as a plan sees it.
func (a *Account) observeParameter(name string, env share.Env) plan.Remembered {
	text, there := a.Parameters[name]
	if !there {
		return plan.Remembered{}
	}
	return plan.ReadRemembered(text, env)
}

// ObserveAccess is to an access what Observe is to a share; the owner's key is what is given.
func (a *Account) ObserveAccess(want plan.WantedAccess, key *plan.Key) plan.AccessState {
	state := plan.AccessState{
		Identities: map[share.Identity]plan.IdentityState{},
		Remembered: a.observeParameter(want.Parameter(), want.Access.Env),
		Replaced:   a.observeParameter(want.ReplacedParameter(), want.Access.Env),
	}
	if want.NeedsKey() {
		state.Key = key
	}
	for _, id := range slices.Concat(want.Identities(), want.Forgotten(state)) {
		state.Identities[id] = a.ObserveIdentity(id, want.Access.PolicyName)
	}
	return state
}

// ObserveIdentity is an identity as a plan sees it.
func (a *Account) ObserveIdentity(id share.Identity, policyName string) plan.IdentityState {
	policies, exists := a.Identities[id]
	others := maps.Clone(policies)
	delete(others, policyName)
	return plan.IdentityState{
		Exists: exists, Policy: Stored(policies[policyName]), Others: others,
		Managed: a.Policies.of(id, document.ManagedPolicyARN(a.Env, policyName, id)),
	}
}

// ObserveQuotas are the quotas that new managed policies of some identities meet.
func (a *Account) ObserveQuotas(ids []share.Identity) *plan.Quotas {
	q := &plan.Quotas{
		Policies: len(a.Policies), PoliciesLimit: policiesLimit, Attached: map[share.Identity]int{},
		AttachedLimit: map[share.IdentityKind]int{
			share.User: attachedLimit, share.Role: attachedLimit, share.Group: attachedLimit,
		},
	}
	for _, id := range ids {
		q.Attached[id] = a.Policies.attached(id)
	}
	return q
}

// InForce are the documents that an identity has of a policy's name: inline, managed, or both.
func (a *Account) InForce(id share.Identity, policyName string) []string {
	var all []string
	if text := a.Identities[id][policyName]; text != "" {
		all = append(all, text)
	}
	for _, arn := range slices.Sorted(maps.Keys(a.Policies)) {
		if p := a.Policies[arn]; slices.Contains(p.AttachedTo, id) {
			all = append(all, p.Text)
		}
	}
	return all
}

func (a *Account) namedKey(s share.Share) *plan.Key {
	if s.KeyARN != "" {
		return a.Keys[s.KeyARN]
	}
	return a.keyBehind(s.Alias)
}

// describe is the key with an ARN, a bare id, an alias or an alias ARN, as KMS takes them.
func (a *Account) describe(name string) *plan.Key {
	if k := a.Keys[name]; k != nil {
		return k
	}
	if k := a.Keys[a.Env.KeyARN(name)]; k != nil {
		return k
	}
	return a.keyBehind(strings.TrimPrefix(name, a.Env.AliasARN(a.Env.Account, "")))
}

// keyBehind is the key that an alias leads to.
func (a *Account) keyBehind(alias string) *plan.Key {
	for _, k := range a.Keys {
		if slices.Contains(k.Aliases, alias) {
			return k
		}
	}
	return nil
}

// Run carries out a plan one step after the other, with the key that it creates in place of the pending one. It calls
// after with each new state, and stops when that returns false.
func (a *Account) Run(steps plan.Plan, after func(plan.Step) bool) (keyARN string, err error) {
	for _, step := range steps {
		if keyARN != "" {
			step = step.WithKey(a.Env.PendingKeyARN(), keyARN)
		}
		made, err := a.Apply(step)
		if err != nil {
			return keyARN, fmt.Errorf("%s %s: %w", step.Operation, step.Resource, err)
		}
		if made != "" {
			keyARN = made
		}
		if after != nil && !after(step) {
			break
		}
	}
	return keyARN, nil
}

// Apply carries out one step. A CreateKey returns the new key's ARN.
func (a *Account) Apply(s plan.Step) (keyARN string, err error) {
	a.Steps = append(a.Steps, s)
	switch s.Operation {
	case plan.CreateBucket:
		return "", a.createBucket(s)
	case plan.CreateKey:
		return a.createKey(s)
	case plan.CreateAlias:
		return "", a.createAlias(s)
	case plan.DeleteAlias:
		for _, k := range a.Keys {
			k.Aliases = slices.DeleteFunc(k.Aliases, func(a string) bool { return a == s.Resource })
		}
		return "", nil
	case plan.PutInlinePolicy, plan.DeleteInlinePolicy:
		return "", a.applyInline(s)
	case plan.CancelJob:
		a.Cancelled = append(a.Cancelled, s.Value)
		return "", nil
	case plan.PutParameter:
		a.Parameters[s.Resource] = s.Value
		return "", nil
	case plan.DeleteParameter:
		delete(a.Parameters, s.Resource)
		return "", nil
	case plan.CreatePolicy, plan.CreatePolicyVersion, plan.DeletePolicyVersion, plan.AttachPolicy, plan.DetachPolicy,
		plan.DeletePolicy:
		_, exists := a.Identities[s.From]
		return "", a.Policies.apply(s, exists)
	case plan.CancelKeyDeletion, plan.EnableKey, plan.TagKey, plan.UntagKey, plan.PutKeyPolicy,
		plan.ScheduleKeyDeletion:
		return "", a.applyKey(s)
	}
	if s.Setting != nil && s.Setting.Names().On == setting.Key {
		return "", a.applyKey(s)
	}
	return "", a.applyBucket(s)
}

func (a *Account) createBucket(s plan.Step) error {
	if b := a.Buckets[s.Resource]; b != nil {
		if b.Foreign {
			return refuse("BucketAlreadyExists", "%s", s.Resource)
		}
		return refuse("BucketAlreadyOwnedByYou", "%s", s.Resource)
	}
	a.Buckets[s.Resource] = &Bucket{Bucket: *plan.NewBucket(s)}
	return nil
}

// applyBucket refuses what S3 refuses. S3 does not look whether there is such a key for the default encryption.
func (a *Account) applyBucket(s plan.Step) error {
	b := a.Buckets[s.Resource]
	switch {
	case b == nil:
		return refuse("NoSuchBucket", "%s", s.Resource)
	case b.Foreign:
		return refuse("AccessDenied", "%s", s.Resource)
	}
	switch s.Operation {
	case plan.PutBucketPolicy:
		if size := len(s.After.Text()); size == 0 || size > policy.BucketPolicyLimit || len(s.After.Stale()) > 0 {
			return refuse("MalformedPolicy", "%d bytes", size)
		}
	case plan.EmptyBucket:
		b.Objects = 0
	case plan.DeleteBucket:
		if b.Objects > 0 {
			return refuse("BucketNotEmpty", "%d objects", b.Objects)
		}
		delete(a.Buckets, s.Resource)
	}
	b.Do(s)
	return nil
}

func (a *Account) createKey(s plan.Step) (string, error) {
	if err := a.checkKeyPolicy(s.After); err != nil {
		return "", err
	}
	a.keysMade++
	arn := a.Env.KeyARN(fmt.Sprintf("%08d-aaaa-4bbb-8ccc-dddddddddddd", a.keysMade))
	s.Resource = arn
	a.Keys[arn] = plan.NewKey(s)
	return arn, nil
}

func (a *Account) createAlias(s plan.Step) error {
	if a.keyBehind(s.Resource) != nil {
		return refuse("AlreadyExistsException", "%s", s.Resource)
	}
	k := a.Keys[s.Value]
	if k == nil {
		return refuse("NotFoundException", "%s", s.Value)
	}
	if k.State == plan.KeyPendingDeletion {
		return refuse("KMSInvalidStateException", "%s is pending deletion", k.ARN)
	}
	k.Aliases = append(k.Aliases, s.Resource)
	return nil
}

// applyKey refuses in each state what KMS refuses in it.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (a *Account) applyKey(s plan.Step) error {
	k := a.Keys[s.Resource]
	if k == nil {
		return refuse("NotFoundException", "%s", s.Resource)
	}
	pending := k.State == plan.KeyPendingDeletion
	switch {
	case s.Operation == plan.PutKeyPolicy:
	case s.Operation == plan.CancelKeyDeletion && !pending, s.Operation != plan.CancelKeyDeletion && pending:
		return refuse("KMSInvalidStateException", "%s is %s", k.ARN, k.State)
	case s.Operation == setting.EnableKeyRotation && k.State == plan.KeyDisabled:
		return refuse("DisabledException", "%s", k.ARN)
	}
	switch {
	case s.Operation == plan.PutKeyPolicy:
		if err := a.checkKeyPolicy(s.After); err != nil {
			return err
		}
	case s.Operation == plan.ScheduleKeyDeletion && (s.Days < 7 || s.Days > 30):
		return refuse("ValidationException", "%d days", s.Days)
	}
	k.Do(s)
	return nil
}

// checkKeyPolicy is the lock-out check of KMS: whoever writes the policy must be able to write it again. Here that is
// anybody in the account.
func (a *Account) checkKeyPolicy(d policy.Stored) error {
	text := d.Text()
	if len(text) > policy.KeyPolicyLimit {
		return refuse("LimitExceededException", "%d bytes", len(text))
	}
	if text == "" || len(d.Stale()) > 0 {
		return refuse("MalformedPolicyDocumentException", "%s", text)
	}
	if !strings.Contains(text, a.Env.Account) ||
		!strings.Contains(text, "kms:*") && !strings.Contains(text, "kms:PutKeyPolicy") {
		return refuse("MalformedPolicyDocumentException",
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

func (a *Account) applyInline(s plan.Step) error {
	policies, exists := a.Identities[s.Identity]
	if s.Operation == plan.DeleteInlinePolicy {
		delete(policies, s.PolicyName)
		return nil
	}
	if !exists {
		return refuse("NoSuchEntity", "%s", s.Identity)
	}
	policies[s.PolicyName] = s.After.Text()
	total := 0
	for _, document := range policies {
		total += policy.CharactersIAMCounts(document)
	}
	if total > s.Identity.Kind.InlineLimit() {
		return refuse("LimitExceeded", "%d characters", total)
	}
	return nil
}
