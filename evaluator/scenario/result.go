package scenario

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
)

// Undecided is the overall verdict of a request that could not be decided.
const Undecided evaluator.Verdict = "error"

// Result is the answer to one scenario, a decision for each of its requests.
type Result struct {
	ID        string
	Decisions []Decision
	Warnings  []string // fields that were ignored
}

// Decision is the answer to one request.
type Decision struct {
	Principal, Operation, Key string   // what was asked
	Keys                      []string // of several objects
	AccessPoint               string   // that the request goes through
	evaluator.Decision
	Expect *Expectation // nil for none
	Err    error        // the request, or what is expected of it, could not be read
}

// Unexpected says whether something else was expected.
func (d Decision) Unexpected() bool { return d.Expect != nil && !d.Expect.holds(d.Decision) }

// AppendJSON appends the result as one JSON object.
func (r Result) AppendJSON(b []byte) []byte {
	b = appendText(append(b, '{'), "id", r.ID)
	b = append(b, `,"decisions":[`...)
	for i := range r.Decisions {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.Decisions[i].appendJSON(b)
	}
	return append(b, "]}"...)
}

func (d *Decision) appendJSON(b []byte) []byte {
	b = appendText(append(b, '{'), "principal", d.Principal)
	b = appendText(append(b, ','), "operation", d.Operation)
	if len(d.Keys) > 0 {
		b = append(b, `,"keys":[`...)
		for i, key := range d.Keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuoted(b, key)
		}
		b = append(b, ']')
	} else {
		b = appendText(append(b, ','), "key", d.Key)
	}
	if d.AccessPoint != "" {
		b = appendText(append(b, ','), "access_point", d.AccessPoint)
	}
	b = appendText(append(b, ','), "s3", string(d.S3))
	b = appendText(append(b, ','), "kms", string(d.KMS))
	b = appendText(append(b, ','), "overall", string(d.Overall))
	if d.Expect != nil {
		b = append(b, `,"as_expected":`...)
		if d.Unexpected() {
			b = append(b, "false"...)
		} else {
			b = append(b, "true"...)
		}
	}
	if d.Err != nil {
		b = appendText(append(b, ','), "error", d.Err.Error())
	}
	b = append(b, `,"reasons":[`...)
	for i := range d.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendReason(b, &d.Reasons[i])
	}
	return append(b, "]}"...)
}

func appendReason(b []byte, r *evaluator.Reason) []byte {
	b = appendText(append(b, '{'), "check", string(r.Service))
	b = appendText(append(b, ','), "action", r.Action)
	b = appendText(append(b, ','), "resource", r.Resource)
	b = appendText(append(b, ','), "verdict", string(r.Verdict))
	b = appendText(append(b, ','), "layer", string(r.Layer))
	b = appendText(append(b, ','), "statement", r.Statement)
	b = appendText(append(b, ','), "text", r.Text())
	if suggested := r.Suggestion(); len(suggested) > 0 {
		text, err := json.Marshal(suggested)
		if err != nil {
			panic(err) // strings and lists of strings: cannot fail
		}
		b = append(append(b, `,"suggestion":`...), text...)
	}
	return append(b, '}')
}

// appendText appends a member.
func appendText(b []byte, name, text string) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	return appendQuoted(b, text)
}

func appendQuoted(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text) // bytes that are not UTF-8 are replaced, which is an error to say so
	return b
}
