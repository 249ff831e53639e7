package scenario

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// given is what a scenario says of everything but its requests, in the pieces that come again in other scenarios. Every
// type below it has a place for the fields that it does not know, so that mistyped ones are found.
type given struct {
	Principals []jsontext.Value `json:"principals"`
	Accounts   jsontext.Value   `json:"accounts"`
	SCPs       jsontext.Value   `json:"scps"`
	RCPs       jsontext.Value   `json:"rcps"`
	Buckets    jsontext.Value   `json:",embed"`
}

// buckets are the scenario's bucket and those that copies read.
type buckets struct {
	bucket
	Others []otherBucket `json:"other_buckets"`
}

// bucket is a bucket with its key.
type bucket struct {
	Region            string            `json:"region"`
	OwnerAccount      string            `json:"owner_account"`
	Bucket            string            `json:"bucket"`
	BucketKeyEnabled  bool              `json:"bucket_key_enabled"`
	BucketPolicy      document          `json:"bucket_policy"`
	KeyARN            string            `json:"key_arn"`
	KeyManager        string            `json:"key_manager"`
	KeyPolicy         document          `json:"key_policy"`
	BlockPublicAccess blockPublicAccess `json:"block_public_access"`
	AccessPoints      []accessPoint     `json:"access_points"`
}

type otherBucket struct {
	bucket
	Unknown jsontext.Value `json:",embed"`
}

type blockPublicAccess struct {
	// The other three settings stop policies and ACLs from being written, and change no decision here.
	BlockPublicACLs       bool           `json:"block_public_acls"`
	BlockPublicPolicy     bool           `json:"block_public_policy"`
	IgnorePublicACLs      bool           `json:"ignore_public_acls"`
	RestrictPublicBuckets bool           `json:"restrict_public_buckets"`
	Unknown               jsontext.Value `json:",embed"`
}

type accessPoint struct {
	ARN               string            `json:"arn"`
	OwnerAccount      string            `json:"owner_account"`
	Policy            document          `json:"policy"`
	VPC               string            `json:"vpc"`
	BlockPublicAccess blockPublicAccess `json:"block_public_access"`
	Unknown           jsontext.Value    `json:",embed"`
}

type account struct {
	OrgID      string         `json:"org_id"`
	OrgPaths   value          `json:"org_paths"`
	Management management     `json:"management_account"`
	Unknown    jsontext.Value `json:",embed"`
}

// management says that an account is its organization's management account: true, or that account's id.
type management struct {
	is bool
	id string
}

func (m *management) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &m.is) == nil || json.Unmarshal(text, &m.id) == nil {
		return nil
	}
	return errors.New("management_account must be a boolean or an account id")
}

type principal struct {
	ARN                string           `json:"arn"`
	Account            string           `json:"account"`
	Type               string           `json:"type"`
	RoleARN            string           `json:"role_arn"`
	UserID             string           `json:"user_id"`
	Tags               map[string]value `json:"tags"`
	IdentityPolicies   []document       `json:"identity_policies"`
	PermissionBoundary document         `json:"permission_boundary"`
	SessionPolicy      document         `json:"session_policy"`
	Unknown            jsontext.Value   `json:",embed"`
}

type level struct {
	Target   string         `json:"target"`
	Policies []document     `json:"policies"`
	Unknown  jsontext.Value `json:",embed"`
}

type request struct {
	Principal   string           `json:"principal"`
	Operation   string           `json:"operation"`
	Key         string           `json:"key"`
	Keys        []string         `json:"keys"`
	AccessPoint string           `json:"access_point"`
	CopyFrom    *copyFrom        `json:"copy_from"`
	ResourceARN string           `json:"resource_arn"`
	Context     map[string]value `json:"context"`
	KMSContext  map[string]value `json:"kms_context"`
	Expect      jsontext.Value   `json:"expect"`
	Unknown     jsontext.Value   `json:",embed"`
}

type copyFrom struct {
	Bucket  string         `json:"bucket"`
	Key     string         `json:"key"`
	Unknown jsontext.Value `json:",embed"`
}
