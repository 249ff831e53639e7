package plan

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/document"
)

// UnprovenError is that something which was applied is not there.
type UnprovenError struct{ left string }

func (e *UnprovenError) Error() string {
	return "applied, but not there when read back: " + e.left + "; something else changes it at the same time"
}

// Unproven is an error for a plan that still has steps when everything was applied and read back: an UnprovenError.
func Unproven(left Plan, err error) error {
	if err != nil || len(left) == 0 {
		return err
	}
	type write struct {
		operation Operation
		resource  string
	}
	writes := map[write]int{}
	for _, s := range left {
		writes[write{s.Operation, s.Resource}]++
	}
	var parts []string
	for _, s := range left {
		if writes[write{s.Operation, s.Resource}] ==
			1 { // a document that is narrowed for a repair and widened again is right
			parts = append(parts, fmt.Sprintf("%s (%s %s is still to be done)", s.Reason, s.Operation, s.Resource))
		}
	}
	return &UnprovenError{strings.Join(parts, "; ")}
}

// OthersChanged is an error when the statements of others are not as they were written. Somebody else wrote the
// document after this plan did, so all of it must be looked at again: a *Changed.
func (w Wanted) OthersChanged(after, seen State) error {
	if b, c := after.Bucket, seen.Bucket; b != nil && c != nil &&
		!others(b.Policy, document.SidPrefix).Equal(others(c.Policy, document.SidPrefix)) {
		return &Changed{"the bucket policy of " + w.Share.Bucket}
	}
	ours := document.InKeyPolicy(w.Share.Bucket).SidPrefix
	if k, l := w.Key(after), w.Key(seen); k != nil && l != nil && !others(k.Policy, ours).Equal(others(l.Policy, ours)) {
		return &Changed{"the key policy of " + k.ARN}
	}
	return nil
}
