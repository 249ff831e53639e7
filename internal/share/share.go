package share

import (
	"slices"
	"strings"
)

// Share is a checked Custom::SharedBucket: one bucket, one key, and everybody who may use them.
type Share struct {
	Env          Env
	Bucket       string
	Consumers    []Consumer // in the order of the documents, each once per scope
	Delegates    []Grantee  // likewise, by identity
	KeyARN       string     // of an existing key; empty for a key of the share's own
	Alias        string     // of the share's own key; empty with KeyARN
	RotationDays int
	DeletionDays int
	DirectUse    bool
	Versioning   string
	Adopt        bool
	Removal      string
	Verify       bool
	Canary       bool
	Tags         map[string]string
}

// Access is a checked Custom::SharedBucketAccess: the identities of one account that use a bucket of another.
type Access struct {
	Env        Env // of the account that consumes; its Region is where bucket and key are
	Bucket     string
	Owner      string // account id
	KeyARN     string // empty: look Alias up
	Alias      string
	Grantees   []Grantee
	PolicyName string
	Verify     bool
	Canary     bool
}

// Lookup is what KMS is asked for the bucket's key: its ARN, or its alias's ARN in the owner account.
func (a Access) Lookup() string {
	if a.KeyARN != "" {
		return a.KeyARN
	}
	return a.Env.AliasARN(a.Owner, a.Alias)
}

// PolicyName is the name of the delegates' inline policies.
func (s Share) PolicyName() string { return DefaultPolicyName(s.Bucket) }

// ParseShare checks the properties of a Custom::SharedBucket in env. The error is Violations: all of them.
func ParseShare(properties map[string]any, env Env) (Share, error) {
	var bad Violations
	p := DefaultBucketProperties()
	decode(withoutProtocol(properties), &p, "", &bad)
	s := checker{env: env, bad: &bad}.share(p)
	return s, bad.Err()
}

// ParseShareLeniently reads whatever it can: properties of an earlier deployment may break rules of today, and still
// say what has to be revoked. Names under which AWS can have nothing are left out.
func ParseShareLeniently(properties map[string]any, env Env) Share {
	s, _ := ParseShare(properties, env)
	return s
}

// ParseAccess checks the properties of a Custom::SharedBucketAccess in env. The error is Violations: all of them.
func ParseAccess(properties map[string]any, env Env) (Access, error) {
	var bad Violations
	p := DefaultAccessProperties()
	decode(withoutProtocol(properties), &p, "", &bad)
	a := checker{env: env, bad: &bad}.access(p)
	return a, bad.Err()
}

// ParseAccessLeniently is to ParseAccess what ParseShareLeniently is to ParseShare.
func ParseAccessLeniently(properties map[string]any, env Env) Access {
	a, _ := ParseAccess(properties, env)
	return a
}

// withoutProtocol leaves out what CloudFormation adds to every custom resource's properties. It is not documented
// whether ServiceTimeout is passed on, so both answers are taken.
func withoutProtocol(properties map[string]any) map[string]any {
	own := make(map[string]any, len(properties))
	for k, v := range properties {
		if k != "ServiceToken" && k != "ServiceTimeout" {
			own[k] = v
		}
	}
	return own
}

// AccountIDs are the accounts that consumers name, sorted: organizations and OUs name none.
func (s Share) AccountIDs() []string {
	var ids []string
	for _, c := range s.Consumers {
		if c.ID.Account != "" {
			ids = append(ids, c.ID.Account)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// cleanPrefix is a folder's name as scopes hold it.
func cleanPrefix(prefix string) string { return strings.TrimSuffix(prefix, "/") }
