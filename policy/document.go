// Package policy is IAM policy documents for those who write them: what a document holds, how it is written, compared
// and merged, and how large it is to AWS.
//
// It knows nothing of shares, requests or AWS calls. Documents that somebody else wrote are kept as raw JSON
// wherever they are only passed on (see Stored), so that nothing this package does not understand is lost. Whether a
// document is valid, and what its values mean, is for package grammar, which those use who judge documents.
package policy

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Version is the policy language every document of this project is written in. Policy variables exist only here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const Version = "2012-10-17"

// Effect is what a statement does when it matches.
type Effect string

// The two effects; both are case-sensitive.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a policy document. A zero Version means that the document has none (2008-10-17 to AWS).
type Document struct {
	Version    string      `json:"Version,omitempty"`
	ID         string      `json:"Id,omitempty"`
	Statements []Statement `json:"Statement"`
}

// Statement is one statement of a document. A nil list is an absent element.
type Statement struct {
	Sid          string     `json:"Sid,omitempty"`
	Effect       Effect     `json:"Effect"`
	Principal    *Principal `json:"Principal,omitempty"`
	NotPrincipal *Principal `json:"NotPrincipal,omitempty"`
	Action       Values     `json:"Action,omitempty"`
	NotAction    Values     `json:"NotAction,omitempty"`
	Resource     Values     `json:"Resource,omitempty"`
	NotResource  Values     `json:"NotResource,omitempty"`
	Condition    Condition  `json:"Condition,omitempty"`
}

// Principal is the Principal or NotPrincipal element. Any is the bare string "*", which in a resource-based policy
// means the same as {"AWS": "*"}.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Principal struct {
	Any           bool
	AWS           Values
	Service       Values
	Federated     Values
	CanonicalUser Values
}

// Condition is operator → condition key → values, as written: JSON booleans and numbers are kept as their text.
type Condition map[string]map[string]Values

// Values is a list that AWS also takes as a single value.
type Values []string

// MarshalJSON writes a list of one as the value itself, which is shorter and how AWS's own documents look.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return marshal(v[0])
	}
	return marshal([]string(v))
}

// MarshalJSON writes "*" or the map of principal types.
func (p Principal) MarshalJSON() ([]byte, error) {
	if p.Any {
		return []byte(`"*"`), nil
	}
	return marshal(struct {
		AWS           Values `json:"AWS,omitempty"`
		Service       Values `json:"Service,omitempty"`
		Federated     Values `json:"Federated,omitempty"`
		CanonicalUser Values `json:"CanonicalUser,omitempty"`
	}{p.AWS, p.Service, p.Federated, p.CanonicalUser})
}

// Text is the document as AWS is sent it: no insignificant white space, elements in a fixed order, so that the same
// document is always the same bytes.
func (d Document) Text() string {
	return string(mustMarshal(d))
}

// Indented is the document for people.
func (d Document) Indented() string { return Indent(d.Text()) }

// Indent lays out a JSON text for people; a text that is not JSON comes back as it is.
func Indent(text string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		return text
	}
	return b.String() + "\n"
}

// Sorted is a copy of values in order and without repetition: what a list must look like for documents to be stable.
func Sorted(values []string) Values {
	s := slices.Clone(values)
	slices.Sort(s)
	return slices.Compact(s)
}

// marshal is json.Marshal without the escaping of <, > and &, which AWS would count as six bytes each.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// mustMarshal is marshal of strings, lists, maps of strings and what was read as JSON, which cannot fail.
func mustMarshal(v any) []byte {
	text, err := marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
