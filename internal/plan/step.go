package plan

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Operation is what a step does, named after the AWS API operation behind it.
type Operation string

// The operations, in the order in which a Create uses them. Those of settings come with package setting.
const (
	CreateBucket        Operation = "CreateBucket"
	TagBucket           Operation = "TagBucket"
	UntagBucket         Operation = "UntagBucket"
	CreateKey           Operation = "CreateKey"
	CancelKeyDeletion   Operation = "CancelKeyDeletion"
	EnableKey           Operation = "EnableKey"
	CreateAlias         Operation = "CreateAlias"
	DeleteAlias         Operation = "DeleteAlias"
	TagKey              Operation = "TagKey"
	UntagKey            Operation = "UntagKey"
	PutKeyPolicy        Operation = "PutKeyPolicy"
	PutBucketPolicy     Operation = "PutBucketPolicy"
	DeleteBucketPolicy  Operation = "DeleteBucketPolicy"
	PutInlinePolicy     Operation = "PutInlinePolicy"
	DeleteInlinePolicy  Operation = "DeleteInlinePolicy"
	CreatePolicy        Operation = "CreatePolicy" // a customer managed one, as all below
	CreatePolicyVersion Operation = "CreatePolicyVersion"
	DeletePolicyVersion Operation = "DeletePolicyVersion"
	AttachPolicy        Operation = "AttachPolicy"
	DetachPolicy        Operation = "DetachPolicy"
	DeletePolicy        Operation = "DeletePolicy"
	EmptyBucket         Operation = "EmptyBucket" // as many calls as it takes, see package empty
	DeleteBucket        Operation = "DeleteBucket"
	ScheduleKeyDeletion Operation = "ScheduleKeyDeletion"
	PutParameter        Operation = "PutParameter" // of SSM: the declaration is remembered
	DeleteParameter     Operation = "DeleteParameter"
	CancelJob           Operation = "CancelJob" // of S3 Batch Operations
)

// Step is one write. Only the fields its operation needs are set.
type Step struct {
	// Round orders steps: those of one round may run at the same time, a round begins when the one before is done.
	Round     int
	Operation Operation
	// Resource is what is written to, for people: a bucket's name, a key's ARN, an alias, user/ann.
	Resource string
	Reason   string

	Before      policy.Stored     // the document that is there, for the operations that write one
	After       policy.Stored     // what is written in its place
	OursPrefix  string            // of our Sids in them, where somebody else may write the document at the same time
	NewAccounts bool              // After names accounts that Before does not: AWS may not know them everywhere yet
	NewTags     bool              // the provider may because of tags of the key that may not count everywhere yet
	TakenUp     bool              // the key was waiting for its deletion, or disabled, until an earlier step
	Identity    share.Identity    // whose policy it is, inline or managed
	PolicyName  string            // likewise
	PolicyARN   string            // of a managed policy
	From        share.Identity    // who a managed policy is attached to or detached from: also somebody whose it is not
	NoAlias     bool              // the key had none when it was looked at, and must still have none
	Replaced    bool              // what takes its place came with a step right before, and may not count everywhere yet
	Tags        map[string]string // for creation and tagging; keys alone for untagging
	Days        int               // deletion window
	Value       string            // the key of an alias, a policy's version, a job, or a parameter's value
	Setting     setting.Setting   // of a bucket or key, nil for an operation that writes none
}

func (s Step) String() string {
	return fmt.Sprintf("%s %s: %s", s.Operation, s.Resource, s.Reason)
}

// WithKey is the step with the ARN of the created key in place of the pending one.
func (s Step) WithKey(pending, created string) Step {
	s.After = s.After.Replace(pending, created)
	for _, field := range []*string{&s.Resource, &s.Value} {
		*field = strings.ReplaceAll(*field, pending, created)
	}
	if e, is := s.Setting.(setting.Encryption); is {
		e.KeyID = strings.ReplaceAll(e.KeyID, pending, created)
		s.Setting = e
	}
	return s
}

// PlannedFrom says whether now has the same statements of others as the document that the step was planned from. Ours
// do not matter: the step replaces them.
func (s Step) PlannedFrom(now policy.Stored) bool {
	return others(s.Before, s.OursPrefix).Equal(others(now, s.OursPrefix))
}

// others is what everybody else has in a document.
func others(d policy.Stored, oursPrefix string) policy.Stored {
	return d.Merge(nil, startsWith(oursPrefix))
}

func startsWith(prefix string) func(sid string) bool {
	return func(sid string) bool { return strings.HasPrefix(sid, prefix) }
}

// Revokes says whether a step takes all that is ours out of a document that others write, too.
func (s Step) Revokes() bool { return s.OursPrefix != "" && !s.oursIn(s.After) }

func (s Step) oursIn(d policy.Stored) bool { return d.Any(startsWith(s.OursPrefix)) }

// Plan is the ordered list of steps from a State to a Share. An empty plan writes nothing.
type Plan []Step

// WithKey is the plan with the ARN of the created key in place of the pending one, for "" the plan itself.
func (p Plan) WithKey(pending, created string) Plan {
	if created == "" {
		return p
	}
	steps := make(Plan, len(p))
	for i, s := range p {
		steps[i] = s.WithKey(pending, created)
	}
	return steps
}

// IdentityPolicy is a policy of a user, role or group: an inline one, or a managed one where it has an ARN.
type IdentityPolicy struct {
	Of        share.Identity
	Name, ARN string
}

// Policies are the identities' policies that a plan writes or takes away, each once.
func (p Plan) Policies() []IdentityPolicy {
	var all []IdentityPolicy
	for _, s := range p {
		one := IdentityPolicy{Of: s.Identity, Name: s.PolicyName, ARN: s.PolicyARN}
		if s.PolicyName != "" && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// Rounds are the steps by round, in order.
func (p Plan) Rounds() [][]Step {
	var rounds [][]Step
	for _, s := range p {
		if len(rounds) == 0 || rounds[len(rounds)-1][0].Round != s.Round {
			rounds = append(rounds, nil)
		}
		rounds[len(rounds)-1] = append(rounds[len(rounds)-1], s)
	}
	return rounds
}
