package share

import "slices"

// Share is a checked Custom::SharedBucket: one bucket, one key, and everybody who may use them.
type Share struct {
	Env          Env
	Bucket       string
	Consumers    []Consumer // in the order of the documents, each once per scope
	Delegates    []Grantee  // likewise, by identity
	PolicyType   string     // of the delegates' policies
	KeyARN       string     // of an existing key; empty for a key of the share's own
	Alias        string     // of the share's own key; empty with KeyARN
	RotationDays int
	DeletionDays int
	DirectUse    bool
	ReEncrypt    bool // what the adopted bucket holds under other keys
	Versioning   string
	Adopt        bool
	Removal      string
	Drift        string
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
	PolicyType string // of the grantees' policies
	Drift      string
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

// PolicyPath is the path of all managed policies that the project makes. The provider may make and attach no others.
const PolicyPath = "/sharedbucket/"

// PolicyName is the name of the delegates' policies.
func (s Share) PolicyName() string { return DefaultPolicyName(s.Bucket) }

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
