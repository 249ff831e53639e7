package evaluator

// Verdict is the answer to an authorization or to a whole request.
type Verdict string

// The verdicts. Invalid is a document that takes part and that AWS calls not valid; None is an authorization that is
// not needed.
const (
	Allow   Verdict = "allow"
	Deny    Verdict = "deny"
	None    Verdict = "none"
	Invalid Verdict = "invalid"
)

// worse is the verdict on two authorizations together: both must allow, and a document that is not valid outweighs
// everything, as nobody knows what it was meant to say.
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
