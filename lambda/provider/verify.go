package provider

import (
	"context"
	"encoding/json"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
)

// reasonForDifference is how much of a Reason may say what is not as declared.
const reasonForDifference = 2500

// looks is how often a difference is looked at before it counts: what was just written may not be seen everywhere.
const looks = 3

// verify asks the evaluator about what was read, until nothing is otherwise than declared: whether those declared can
// do what their level says, and nobody else more. A difference fails the resource: it names who, what, the statement,
// and what to do. The whole matrix goes to the log.
func (r resource) verify(
	ctx context.Context, look func(context.Context) error, judge func() proof.Report,
) (proof.Verified, error) {
	report := judge()
	for n := 1; n < looks && report.Verified() == proof.False && r.aws.Pause(ctx, n); n++ {
		if err := look(ctx); err != nil {
			return proof.False, err
		}
		report = judge()
	}
	verified := report.Verified()
	r.log.Info("verified", "verified", verified, "matrix", json.RawMessage(report.Line()))
	switch {
	case verified != proof.False:
		return verified, nil
	case r.rollsBack():
		// What somebody else put in the way is there after the roll-back too: failing here would only leave the stack in
		// UPDATE_ROLLBACK_FAILED.
		r.log.Warn("not as declared, but the stack is rolling back", "difference", report.Summary(reasonForDifference))
		return verified, nil
	}
	return verified, &differenceError{report.Summary(reasonForDifference), report.Findings()}
}

// differenceError is something that everybody could read and that is not as declared.
type differenceError struct {
	summary  string
	findings []proof.Finding // the weightiest first
}

func (e *differenceError) Error() string { return e.summary }

// question asks who changed the layer that decides about the first finding of which somebody can tell.
func (e *differenceError) question(env share.Env, bucket, key string) trail.Question {
	for _, f := range e.findings {
		if q := trail.OfLayer(env, evaluator.Layer(f.Layer), f.ARN, bucket, key); len(q.Calls) > 0 {
			return q
		}
	}
	return trail.Question{}
}
