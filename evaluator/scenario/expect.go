package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
)

// Expectation is what somebody expects of a request: for each of s3, kms and overall the verdicts that are right, none
// where anything is.
type Expectation struct {
	S3      []evaluator.Verdict
	KMS     []evaluator.Verdict
	Overall []evaluator.Verdict
}

// holds says whether a decision is as expected.
func (e *Expectation) holds(d evaluator.Decision) bool {
	fits := func(want []evaluator.Verdict, got evaluator.Verdict) bool {
		return want == nil || slices.Contains(want, got)
	}
	return fits(e.S3, d.S3) && fits(e.KMS, d.KMS) && fits(e.Overall, d.Overall)
}

// String is the expectation for people.
func (e *Expectation) String() string {
	var parts []string
	for _, one := range []struct {
		name string
		want []evaluator.Verdict
	}{{"", e.Overall}, {"s3 ", e.S3}, {"kms ", e.KMS}} {
		if one.want == nil {
			continue
		}
		words := make([]string, len(one.want))
		for i, v := range one.want {
			words[i] = string(v)
		}
		parts = append(parts, one.name+strings.Join(words, " or "))
	}
	return strings.Join(parts, ", ")
}

// readExpectation reads a verdict, a list of verdicts that are all right, or an object of these for s3, kms and
// overall.
func readExpectation(text jsontext.Value) (*Expectation, error) {
	switch text.Kind() {
	case 0, 'n':
		return nil, nil
	case '"', '[':
		overall, err := readVerdicts(text)
		if err != nil {
			return nil, err
		}
		return &Expectation{Overall: overall}, nil
	case '{':
		var members struct {
			S3      jsontext.Value `json:"s3"`
			KMS     jsontext.Value `json:"kms"`
			Overall jsontext.Value `json:"overall"`
		}
		if err := json.Unmarshal(text, &members, lenient); err != nil {
			return nil, fmt.Errorf("reading expect: %w", err)
		}
		e := &Expectation{}
		for _, one := range []struct {
			text jsontext.Value
			into *[]evaluator.Verdict
		}{{members.S3, &e.S3}, {members.KMS, &e.KMS}, {members.Overall, &e.Overall}} {
			var err error
			if *one.into, err = readVerdicts(one.text); err != nil {
				return nil, err
			}
		}
		if e.S3 == nil && e.KMS == nil && e.Overall == nil {
			return nil, fmt.Errorf("expect has none of s3, kms and overall")
		}
		return e, nil
	}
	return nil, fmt.Errorf("expect is a verdict, a list of verdicts, or an object of these for s3, kms and overall, "+
		"not %s", text)
}

func readVerdicts(text jsontext.Value) ([]evaluator.Verdict, error) {
	if k := text.Kind(); k == 0 || k == 'n' {
		return nil, nil
	}
	words := make([]string, 1)
	var err error
	if text.Kind() == '[' {
		err = json.Unmarshal(text, &words)
	} else {
		err = json.Unmarshal(text, &words[0])
	}
	if err != nil {
		return nil, fmt.Errorf("reading expect: %w", err)
	}
	verdicts := make([]evaluator.Verdict, len(words))
	for i, word := range words {
		v := evaluator.Verdict(strings.ToLower(word))
		switch v {
		case evaluator.Allow, evaluator.Deny, evaluator.None, evaluator.Invalid:
			verdicts[i] = v
		default:
			return nil, fmt.Errorf("expect: %q is no verdict: it is none of allow, deny, none and invalid", word)
		}
	}
	return verdicts, nil
}
