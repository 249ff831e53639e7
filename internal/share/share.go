package share

import (
	"cmp"
	"slices"
)

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

func (c checker) share(p BucketProperties) Share {
	if !c.skip(p.BucketName) {
		checkBucketName(p.BucketName, "BucketName", c.env, c.bad)
	}
	c.limitBucket(p)
	encryption := c.encryption(p.Encryption)
	s := Share{
		Env:          c.env,
		Bucket:       c.possible(p.BucketName),
		Consumers:    c.consumers(p.Consumers),
		Delegates:    c.grantees(p.Delegates, "Delegates"),
		PolicyType:   c.policyType(p.PolicyType),
		KeyARN:       encryption.KeyArn,
		RotationDays: p.Encryption.RotationPeriodInDays,
		DeletionDays: p.Encryption.DeletionWindowInDays,
		DirectUse:    p.Encryption.DirectUse,
		ReEncrypt:    c.reEncrypts(p),
		Versioning:   c.oneOf(p.Versioning, "Versioning", VersioningEnabled, VersioningSuspended),
		Adopt:        p.Adopt,
		Removal:      c.removal(p),
		Drift:        c.oneOf(p.Drift, "Drift", Report, Repair),
		Verify:       p.Verify,
		Canary:       p.Canary,
		Tags:         c.tags(p.Tags),
	}
	if s.KeyARN == "" {
		s.Alias = cmp.Or(encryption.Alias, DefaultAlias(p.BucketName))
	}
	return s
}

func (c checker) reEncrypts(p BucketProperties) bool {
	const path = "Encryption.ExistingObjects"
	reEncrypts := c.oneOf(p.Encryption.ExistingObjects, path, ReportExisting, ReEncryptExisting) == ReEncryptExisting
	if reEncrypts && !p.Adopt {
		c.bad.Add(path, "leave ExistingObjects out", "%s is for a bucket with Adopt: any other begins empty",
			ReEncryptExisting)
	}
	return reEncrypts && p.Adopt
}

func (c checker) removal(p BucketProperties) string {
	removal := c.oneOf(p.RemovalPolicy, "RemovalPolicy", Retain, Delete, Empty)
	if p.Adopt && (p.RemovalPolicy == Delete || p.RemovalPolicy == Empty) {
		c.bad.Add("RemovalPolicy", "leave RemovalPolicy out, or set Adopt to false",
			"%s contradicts Adopt: an adopted bucket is never deleted", p.RemovalPolicy)
	}
	return removal
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
