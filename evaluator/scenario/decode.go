// Package scenario reads the scenarios of `sharedbucket simulate` (docs/simulate.md describes them) and has package
// evaluator decide their requests. It knows JSON; package evaluator does not.
package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// wire is a scenario as it is written. Fields that are not here are ignored.
type wire struct {
	ID                *string             `json:"id"`
	Region            string              `json:"region"`
	OwnerAccount      string              `json:"owner_account"`
	Bucket            string              `json:"bucket"`
	BucketKeyEnabled  bool                `json:"bucket_key_enabled"`
	BucketPolicy      document            `json:"bucket_policy"`
	KeyARN            string              `json:"key_arn"`
	KeyManager        string              `json:"key_manager"`
	KeyPolicy         document            `json:"key_policy"`
	BlockPublicAccess blockPublicAccess   `json:"block_public_access"`
	Accounts          map[string]*account `json:"accounts"`
	Principals        []principal         `json:"principals"`
	SCPs              map[string][]level  `json:"scps"`
	RCPs              map[string][]level  `json:"rcps"`
	Requests          []request           `json:"requests"`
}

type blockPublicAccess struct {
	RestrictPublicBuckets bool `json:"restrict_public_buckets"`
}

type account struct {
	OrgID      string     `json:"org_id"`
	OrgPaths   value      `json:"org_paths"`
	Management management `json:"management_account"`
}

// management says that an account is its organization's management account: true, or that account's id.
type management struct {
	is bool
	id string
}

func (m *management) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &m.is) == nil {
		return nil
	}
	if json.Unmarshal(text, &m.id) == nil {
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
}

type level struct {
	Target   string     `json:"target"`
	Policies []document `json:"policies"`
}

type request struct {
	Principal  string           `json:"principal"`
	Operation  string           `json:"operation"`
	Key        string           `json:"key"`
	Context    map[string]value `json:"context"`
	KMSContext map[string]value `json:"kms_context"`
}

// document is a policy: an object, the text of one as a string, or null for none. It is kept as text, as only that
// shows whether it is valid.
type document struct {
	text  string
	there bool
}

func (d *document) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	d.there = true
	if text[0] == '"' {
		return json.Unmarshal(text, &d.text)
	}
	d.text = string(text)
	return nil
}

// policy is the document made ready, nil when there is none.
func (d document) policy(kind grammar.Kind) *evaluator.Policy {
	if !d.there {
		return nil
	}
	return evaluator.NewPolicy("", d.text, kind)
}

// policies are the documents of a list, with numbers for names when there are several.
func policies(documents []document, kind grammar.Kind) []*evaluator.Policy {
	var all []*evaluator.Policy
	for i, d := range documents {
		name := ""
		if len(documents) > 1 {
			name = fmt.Sprintf("number %d", i+1)
		}
		if d.there {
			all = append(all, evaluator.NewPolicy(name, d.text, kind))
		}
	}
	return all
}

// value is a condition key's value: a string, number or boolean, a list of these, or null for a key that is absent.
type value struct{ evaluator.Value }

func (v *value) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if text[0] != '[' {
		if string(text) == "null" {
			return nil
		}
		one, err := scalar(text)
		v.Value = evaluator.One(one)
		return err
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	texts := make([]string, len(list))
	for i, element := range list {
		var err error
		if texts[i], err = scalar(element); err != nil {
			return err
		}
	}
	v.Value = evaluator.Many(texts...)
	return nil
}

// scalar is the text of a string, or a number or boolean as written.
func scalar(text json.RawMessage) (string, error) {
	switch text[0] {
	case '"':
		var s string
		err := json.Unmarshal(text, &s)
		return s, err
	case '{', '[', 'n':
		return "", fmt.Errorf("a context value must be a string, a number, a boolean or a list of these, not %s", text)
	}
	return string(text), nil
}

// context sets the keys in a fixed order: one that is written in two cases has its last value.
func (r request) context(values map[string]value) evaluator.Context {
	var c evaluator.Context
	for _, key := range slices.Sorted(maps.Keys(values)) {
		c.Set(key, values[key].Value)
	}
	return c
}

// tags are the first values of a map, the only ones that tags have.
func (p principal) tags() map[string]string {
	all := make(map[string]string, len(p.Tags))
	for key, v := range p.Tags {
		if texts := v.Texts(); len(texts) > 0 {
			all[key] = texts[0]
		}
	}
	return all
}
