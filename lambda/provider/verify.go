package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// reasonForDifference is how much of a Reason may say what is not as declared.
const reasonForDifference = 2500

// verifyShare asks the evaluator, about what is in force, whether those declared can do what their level says, and
// nobody else more. A difference fails the share: it names who, what, the statement, and what to do.
func (r resource) verifyShare(ctx context.Context, s share.Share) (proof.Verified, error) {
	if !s.Verify {
		return proof.False, nil
	}
	return r.verify(ctx, func() proof.Report {
		return proof.ForShare(s, nil, r.aws.InForce(ctx, s.Bucket, share.Identities(s.Delegates)))
	})
}

// verifyAccess does the same for the consumer's half. The owner's half cannot be read from here, so this proves a part
// at most; without sight of the key it proves nothing yet.
func (r resource) verifyAccess(ctx context.Context, a share.Access, seen *plan.Key) (proof.Verified, error) {
	if !a.Verify || seen == nil {
		return proof.False, nil
	}
	key, err := share.EnvFromARN(seen.ARN)
	if err != nil {
		return proof.False, fmt.Errorf("reading the key's ARN: %w", err)
	}
	return r.verify(ctx, func() proof.Report {
		w := r.aws.InForce(ctx, "", share.Identities(a.Grantees))
		w.Bucket = proof.Bucket{
			Name: a.Bucket, Region: key.Region, Owner: a.Owner, Key: &proof.Key{ARN: seen.ARN}, BucketKeyEnabled: true,
		}
		for _, part := range []proof.Part{proof.BucketPolicy, proof.KeyPolicy} {
			w.Unread = append(w.Unread, proof.Unread{Part: part, Account: a.Owner, Why: "it is the owner account's"})
		}
		return proof.ForAccess(a, w)
	})
}

// looks is how often a difference is looked at before it counts: what was just written may not be seen everywhere.
const looks = 3

// verify looks until nothing is otherwise than declared. The whole matrix goes to the log.
func (r resource) verify(ctx context.Context, look func() proof.Report) (proof.Verified, error) {
	report := look()
	for n := 1; n < looks && report.Verified() == proof.False && r.aws.Pause(ctx, n); n++ {
		report = look()
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
	return verified, errors.New(report.Summary(reasonForDifference))
}
