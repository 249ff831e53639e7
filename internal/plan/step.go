package plan

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// Operation is what a step does, named after the AWS API operation behind it.
type Operation string

// The operations, in the order in which a Create uses them.
const (
	CreateBucket               Operation = "CreateBucket"
	PutPublicAccessBlock       Operation = "PutPublicAccessBlock"
	PutBucketOwnershipControls Operation = "PutBucketOwnershipControls"
	PutBucketVersioning        Operation = "PutBucketVersioning"
	TagBucket                  Operation = "TagBucket"
	UntagBucket                Operation = "UntagBucket"
	CreateKey                  Operation = "CreateKey"
	CancelKeyDeletion          Operation = "CancelKeyDeletion"
	EnableKey                  Operation = "EnableKey"
	CreateAlias                Operation = "CreateAlias"
	DeleteAlias                Operation = "DeleteAlias"
	EnableKeyRotation          Operation = "EnableKeyRotation"
	TagKey                     Operation = "TagKey"
	UntagKey                   Operation = "UntagKey"
	PutBucketEncryption        Operation = "PutBucketEncryption"
	PutKeyPolicy               Operation = "PutKeyPolicy"
	PutBucketPolicy            Operation = "PutBucketPolicy"
	DeleteBucketPolicy         Operation = "DeleteBucketPolicy"
	PutInlinePolicy            Operation = "PutInlinePolicy"
	DeleteInlinePolicy         Operation = "DeleteInlinePolicy"
	DeleteBucket               Operation = "DeleteBucket"
	ScheduleKeyDeletion        Operation = "ScheduleKeyDeletion"
)

// Step is one write. Only the fields its operation needs are set.
type Step struct {
	// Round orders steps: those of one round may run at the same time, a round begins when the one before is done.
	Round     int
	Operation Operation
	// Resource is what is written to, for people: a bucket's name, a key's ARN, an alias, user/ann.
	Resource string
	Reason   string

	Before, After string            // documents, for the operations that write one
	Identity      share.Identity    // for inline policies
	PolicyName    string            // for inline policies
	Tags          map[string]string // for creation and tagging; keys alone for untagging
	Days          int               // rotation period or deletion window
	Value         string            // versioning status, or the key ARN of the default encryption
	Blocked       []string          // encryption types to block besides SSE-C
}

func (s Step) String() string {
	return fmt.Sprintf("%s %s: %s", s.Operation, s.Resource, s.Reason)
}

// WithKey is the step with the ARN of the created key in place of the pending one.
func (s Step) WithKey(pending, created string) Step {
	for _, field := range []*string{&s.Resource, &s.After, &s.Value} {
		*field = strings.ReplaceAll(*field, pending, created)
	}
	return s
}

// Plan is the ordered list of steps from a State to a Share. An empty plan writes nothing.
type Plan []Step

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
