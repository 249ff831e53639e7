package proof

import (
	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// Role is the part that somebody plays in a share.
type Role string

// The roles. A consumer is asked about as the best-equipped principal of its account, who has every permission there:
// so its answers are those of bucket policy and key policy alone.
const (
	Delegate Role = "delegate"
	Grantee  Role = "grantee"
	Consumer Role = "consumer"
	// Provider is the role of SharedBucket's function in a consumer's account, as far as the share lets it make a canary.
	Provider Role = "provider"
	// Stranger is somebody who must not get in.
	Stranger Role = "stranger"
	// Insider is an identity of the owner's or a consumer's account that nobody declared. What its own account gives it
	// is that account's business, as far as the share lets the account in.
	Insider Role = "insider"
	// Named is somebody whom a policy names, where nothing is declared, and Known an identity that was read there.
	Named Role = "named"
	Known Role = "identity"
)

// Subject is somebody who is asked about, and what is declared of him.
type Subject struct {
	Principal
	Role  Role
	Label string // for people
	// Must is what is declared to work, May how far it may go beyond. Free says that there is no limit: identities of the
	// owner's own account.
	Must, May []share.Scope
	Free      bool
	// Imagined says that no such principal was read: it stands for all like it.
	Imagined bool
	// Home is the account of an imagined principal that no World has; nil: it is among the World's.
	Home *Account
	// Assumed is what was not read and taken as generous for this subject.
	Assumed []Unread
}

// allowAll is the policy of a principal that has every permission its account can give.
var allowAll = NewDocument("every permission there is",
	`{"Version":"2012-10-17","Statement":[{"Sid":"Everything","Effect":"Allow","Action":"*","Resource":"*"}]}`,
	grammar.Identity)

// equipped is an imagined principal with every permission of its account.
func equipped(account, arn string, kind evaluator.PrincipalType) Principal {
	return Principal{ARN: arn, Account: account, Type: kind, Policies: []Document{allowAll}}
}

// declared makes the subjects of a share.
type declared struct {
	world World
	share share.Share
}
