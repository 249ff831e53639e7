package sharetest

import (
	"fmt"
	"maps"
	"slices"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// ManagedPolicy is a customer managed policy of an account.
type ManagedPolicy struct {
	Text       string
	Version    int
	Older      []int
	Tags       map[string]string
	AttachedTo []share.Identity
}

// Policies are an account's customer managed policies by ARN.
type Policies map[string]*ManagedPolicy

func (p *ManagedPolicy) clone() *ManagedPolicy {
	c := *p
	c.Older, c.Tags, c.AttachedTo = slices.Clone(p.Older), maps.Clone(p.Tags), slices.Clone(p.AttachedTo)
	return &c
}

// Quotas of IAM by default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	attachedLimit = 10
	versionsLimit = 5
	policiesLimit = 1500
)

func (all Policies) attached(id share.Identity) int {
	n := 0
	for _, p := range all {
		if slices.Contains(p.AttachedTo, id) {
			n++
		}
	}
	return n
}

// of is the managed policy that is made for an identity, under its ARN.
func (all Policies) of(id share.Identity, arn string) *plan.ManagedPolicy {
	p := all[arn]
	if p == nil {
		return nil
	}
	m := &plan.ManagedPolicy{
		Policy: Stored(p.Text), Version: versionID(p.Version), Tags: maps.Clone(p.Tags),
		Attached: slices.Contains(p.AttachedTo, id),
	}
	for _, v := range p.Older {
		m.Older = append(m.Older, versionID(v))
	}
	for _, other := range p.AttachedTo {
		if other != id {
			m.AttachedTo = append(m.AttachedTo, other)
		}
	}
	return m
}

func versionID(n int) string { return fmt.Sprintf("v%d", n) }

// apply refuses what IAM refuses.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func (all Policies) apply(s plan.Step, exists bool) error {
	p := all[s.PolicyARN]
	switch {
	case s.Operation == plan.CreatePolicy && p != nil:
		return refuse("EntityAlreadyExists", "%s", s.PolicyARN)
	case s.Operation == plan.CreatePolicy:
		all[s.PolicyARN] = &ManagedPolicy{Text: s.After.Text(), Version: 1, Tags: maps.Clone(s.Tags)}
		return all.check(all[s.PolicyARN])
	case p == nil && (s.Operation == plan.CreatePolicyVersion || s.Operation == plan.AttachPolicy):
		return refuse("NoSuchEntity", "%s", s.PolicyARN)
	case p == nil:
		return nil
	}
	switch s.Operation {
	case plan.CreatePolicyVersion:
		p.Older, p.Version, p.Text = append(p.Older, p.Version), p.Version+1, s.After.Text()
		return all.check(p)
	case plan.DeletePolicyVersion:
		if s.Value == versionID(p.Version) {
			return refuse("DeleteConflict", "%s is the default version", s.Value)
		}
		p.Older = slices.DeleteFunc(p.Older, func(v int) bool { return versionID(v) == s.Value })
	case plan.AttachPolicy:
		if !exists {
			return refuse("NoSuchEntity", "%s", s.From)
		}
		if p.AttachedTo = append(p.AttachedTo, s.From); all.attached(s.From) > attachedLimit {
			return refuse("LimitExceeded", "%s", s.From)
		}
	case plan.DetachPolicy:
		p.AttachedTo = slices.DeleteFunc(p.AttachedTo, func(id share.Identity) bool { return id == s.From })
	case plan.DeletePolicy:
		if len(p.AttachedTo) > 0 || len(p.Older) > 0 {
			return refuse("DeleteConflict", "attached to %v, versions %v", p.AttachedTo, p.Older)
		}
		delete(all, s.PolicyARN)
	}
	return nil
}

func (all Policies) check(p *ManagedPolicy) error {
	switch {
	case policy.CharactersIAMCounts(p.Text) > policy.ManagedPolicyLimit:
		return refuse("LimitExceeded", "%d characters", len(p.Text))
	case len(p.Older)+1 > versionsLimit, len(all) > policiesLimit:
		return refuse("LimitExceeded", "%d versions, %d policies", len(p.Older)+1, len(all))
	}
	return nil
}
