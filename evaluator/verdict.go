package evaluator

// Verdict is the answer to a check or to a whole request.
type Verdict string

// The verdicts. Invalid is a document in the check that AWS calls not valid; None a check that is not needed.
const (
	Allow   Verdict = "allow"
	Deny    Verdict = "deny"
	None    Verdict = "none"
	Invalid Verdict = "invalid"
)

// Check is one of the two authorizations of a request.
type Check string

// The checks.
const (
	S3  Check = "s3"
	KMS Check = "kms"
)

// Decision is the answer to a request. Reasons has at least one reason for every check that was needed.
type Decision struct {
	S3      Verdict  `json:"s3"`
	KMS     Verdict  `json:"kms"`
	Overall Verdict  `json:"overall"`
	Reasons []Reason `json:"reasons"`
}

// worse is the verdict on two checks together: both must allow, and a document that is not valid outweighs everything,
// as nobody knows what it was meant to say.
func worse(a, b Verdict) Verdict {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

func (v Verdict) rank() int {
	switch v {
	case Allow:
		return 1
	case Deny:
		return 2
	case Invalid:
		return 3
	}
	return 0
}
