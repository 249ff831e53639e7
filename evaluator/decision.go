package evaluator

import (
	"bytes"
	"encoding/json"

	"example.com/sharedbucket/policy"
)

// Decision is the answer to a request. Reasons has at least one reason for every authorization that was needed. S3 and
// KMS are the worst of their authorizations, None when there was none; Overall is the worst of all.
type Decision struct {
	S3      Verdict  `json:"s3"`
	KMS     Verdict  `json:"kms"`
	Overall Verdict  `json:"overall"`
	Reasons []Reason `json:"reasons"`
}

// add lays the verdict on one more authorization over the decision.
func (d *Decision) add(service Service, v Verdict) {
	switch service {
	case S3:
		d.S3 = worse(d.S3, v)
	case KMS:
		d.KMS = worse(d.KMS, v)
	}
	d.Overall = worse(d.Overall, v)
}

// MarshalJSON writes a reason with its text and, where there is one, its suggestion.
func (r Reason) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // people read these texts
	err := e.Encode(struct {
		Service    Service            `json:"check"`
		Action     string             `json:"action"`
		Resource   string             `json:"resource"`
		Verdict    Verdict            `json:"verdict"`
		Layer      Layer              `json:"layer"`
		Statement  string             `json:"statement"`
		Text       string             `json:"text"`
		Suggestion []policy.Statement `json:"suggestion,omitempty"`
	}{r.Service, r.Action, r.Resource, r.Verdict, r.Layer, r.Statement, r.Text(), r.Suggestion()})
	return b.Bytes(), err
}
