// Package declaration is how a deployed share or access is remembered: as the value of one SSM parameter for each.
//
// It is a pure function both ways. Package plan says when something is remembered and forgotten. What is read may be
// anybody's who may write parameters, so nobody is let in because of it alone.
package declaration

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// Declaration is what is remembered of one resource.
type Declaration struct {
	Type       string `json:"ResourceType"`
	StackID    string `json:"StackId"`
	LogicalID  string `json:"LogicalResourceId"`
	Properties Properties
	// Left are identities, user/ann, that an earlier declaration let in and this one does not: as long as nobody has seen
	// their policies gone, somebody has to know of them.
	Left []string `json:",omitempty"`
	// HandedOver marks a share that an Update finished after its Create had failed, see plan.HandOver.
	HandedOver bool `json:",omitempty"`
	// TakesUp is the ARN of a key that waited for its deletion when this share began to take it up: until it has the
	// share's tags, nothing else would say whose it is.
	TakesUp string `json:",omitempty"`
	// Jobs are the jobs of S3 Batch Operations that were started last for what the bucket held.
	Jobs []string `json:",omitempty"`
	Place
	// Events tell a delivery that comes late from the event that is to be served.
	Events Events `json:",omitzero"`
}

// Place is whose place a resource takes, and who takes its own: there are two while it is replaced, and CloudFormation
// tells of one at a time.
type Place struct {
	// Replaces is the parameter of the resource that this one was made to take the place of, as long as no event has said
	// that it did. ReplacedBy are the parameters of those that were made to take this one's place.
	Replaces   string   `json:",omitempty"`
	ReplacedBy []string `json:",omitempty"`
	// Before is what this resource declared when an update came to put it in a place once more: it was retained. It goes
	// back to that when the update is rolled back. Retained says that it did: no Delete is about it until then.
	Before   Properties `json:",omitempty"`
	Retained bool       `json:",omitempty"`
	// Found is what an adopted bucket was before: it goes back to that when its adoption is rolled back.
	Found *Found `json:",omitempty"`
	// Going marks a resource that CloudFormation has asked to delete for the last time: it tries three times, and forgets
	// it. With Before, it is about that.
	Going bool `json:",omitempty"`
}

// Found is what a share changes of a bucket that it adopts, as it was before: its default encryption, and those tags
// that the share declares with another value. What protects the bucket besides stays as the share has set it.
type Found struct {
	Algorithm string            `json:",omitempty"`
	KeyID     string            `json:",omitempty"`
	BucketKey bool              `json:",omitempty"`
	Tags      map[string]string `json:",omitempty"`
}

// Path is what the names of all parameters begin with.
const Path = "/sharedbucket/shares/"

// Name is the parameter of a resource. It begins with the bucket, so that a list of names says something; the digest
// keeps resources on one bucket apart, and the two that one resource has while it is replaced.
func Name(resourceType, stackID, logicalID, bucket, policyName string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{resourceType, stackID, logicalID, policyName}, "\n")))
	return Path + bucket + "/" + hex.EncodeToString(sum[:8])
}

// Name is the parameter that the declaration belongs in, "" when it declares nothing that can be.
func (d Declaration) Name() string {
	env, err := share.EnvFromARN(d.StackID)
	if err != nil {
		return ""
	}
	bucket, policyName := "", ""
	switch d.Type {
	case share.BucketType:
		s, _ := share.ParseShare(d.Properties, env)
		bucket = s.Bucket
	case share.AccessType:
		a, _ := share.ParseAccess(d.Properties, env)
		bucket, policyName = a.Bucket, a.PolicyName
	}
	if bucket == "" {
		return ""
	}
	return Name(d.Type, d.StackID, d.LogicalID, bucket, policyName)
}

// PhysicalID is the physical id of the resource, "" when it declares nothing that can be.
func (d Declaration) PhysicalID() string {
	env, err := share.EnvFromARN(d.StackID)
	if err != nil {
		return ""
	}
	switch d.Type {
	case share.BucketType:
		s, _ := share.ParseShare(d.Properties, env)
		return s.Bucket
	case share.AccessType:
		a, _ := share.ParseAccess(d.Properties, env)
		return a.ID()
	}
	return ""
}

// Identities are those that may have a policy because of this declaration or the ones before it, each once.
func (d Declaration) Identities(env share.Env) []share.Identity {
	var all []share.Identity
	for _, properties := range []map[string]any{d.Properties, d.Before} {
		switch d.Type {
		case share.BucketType:
			s, _ := share.ParseShare(properties, env)
			all = append(all, share.Identities(s.Delegates)...)
		case share.AccessType:
			a, _ := share.ParseAccess(properties, env)
			all = append(all, share.Identities(a.Grantees)...)
		}
	}
	for _, name := range d.Left {
		if id, err := share.ParseIdentity(name); err == nil {
			all = append(all, id)
		}
	}
	return share.Each(all)
}

// Sizes of a parameter's value in bytes: up to the first it is free of charge, beyond the second there is none.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	standardSize = 4096
	advancedSize = 8192
)

// mostRead bounds what a compressed value may come to: an event that Lambda delivers asynchronously holds less.
const mostRead = 1 << 20

const compressed = "gzip:"

// Text is the declaration as the value of a parameter: JSON that people can read, compressed where that would be too
// long for a parameter that is free of charge. An error says that there is no parameter that large. What is declared
// goes before which events there were, and what was found: without these a delivery that comes late is not told from
// others, and an adoption that is rolled back leaves the bucket's encryption as it is.
func (d Declaration) Text() (string, error) {
	text, err := d.text()
	if err != nil {
		d.Events, d.Found = Events{}, nil
		return d.text()
	}
	return text, nil
}

func (d Declaration) text() (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("writing the declaration down: %w", err)
	}
	// SSM takes {{…}} for a reference to another parameter, and refuses it.
	text = bytes.ReplaceAll(text, []byte("{{"), []byte(`{\u007b`))
	if len(text) <= standardSize {
		return string(text), nil
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("compressing the declaration: %w", err)
	}
	value := compressed + base64.StdEncoding.EncodeToString(packed.Bytes())
	if over := len(value) - advancedSize; over > 0 {
		return "", fmt.Errorf("the declaration is too large to be remembered: compressed, it is %d bytes over the %d of an "+
			"SSM parameter; name a group instead of its members, or declare two resources", over, advancedSize)
	}
	return value, nil
}

// Read is the declaration in a parameter's value.
func Read(value string) (Declaration, error) {
	text := []byte(value)
	if packed, is := strings.CutPrefix(value, compressed); is {
		var err error
		if text, err = unpack(packed); err != nil {
			return Declaration{}, fmt.Errorf("reading a remembered declaration: %w", err)
		}
	}
	var d Declaration
	if err := json.Unmarshal(text, &d); err != nil {
		return Declaration{}, fmt.Errorf("reading a remembered declaration: %w", err)
	}
	return d, nil
}

// In is the declaration in a parameter, with where its stack is, when it is one that a provider writes there.
func In(parameter, value string) (Declaration, share.Env, error) {
	d, err := Read(value)
	if err != nil {
		return Declaration{}, share.Env{}, err
	}
	env, err := share.EnvFromARN(d.StackID)
	if err != nil || d.Name() != parameter {
		return Declaration{}, share.Env{}, errors.New("it is not what a provider writes")
	}
	return d, env, nil
}

func unpack(packed string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, mostRead+1))
	if err == nil && len(text) > mostRead {
		err = fmt.Errorf("it comes to more than %d bytes", mostRead)
	}
	return text, err
}

// Properties are declared properties as they are remembered, and as two declarations are compared.
type Properties map[string]any

// Lasting are the properties of an event without what means nothing for what is there: CloudFormation's own, and
// Revision. An event without any has none.
func Lasting(properties map[string]any) Properties {
	if properties == nil {
		return nil
	}
	lasting := Properties{}
	for name, value := range share.Declared(properties) {
		if name != "Revision" {
			lasting[name] = value
		}
	}
	return lasting
}

// Same says whether two declarations declare the same.
func Same(a, b Properties) bool {
	one, errOne := json.Marshal(a)
	other, errOther := json.Marshal(b)
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}
