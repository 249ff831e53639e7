package scenario

import (
	"errors"
	"fmt"
	"sync"

	"example.com/sharedbucket/evaluator"
)

// Decider answers scenarios, from several goroutines at the same time.
type Decider struct {
	memory    *memory
	splitters sync.Pool
}

// NewDecider is a Decider that remembers nothing yet.
func NewDecider() *Decider {
	return &Decider{memory: newMemory(), splitters: sync.Pool{New: func() any { return newSplitter() }}}
}

// Decide answers one scenario, a JSON object. An error means that it is none. A request that cannot be decided has an
// error of its own, and the others their decisions.
func (d *Decider) Decide(line []byte) (Result, error) {
	s := d.splitters.Get().(*splitter)
	defer d.splitters.Put(s)
	p, err := s.split(line)
	if err != nil {
		return Result{}, err
	}
	r := Result{ID: p.id}
	if err := r.decide(d, p); err != nil {
		return Result{}, fmt.Errorf("scenario %s: %w", p.id, err)
	}
	return r, nil
}

func (r *Result) decide(d *Decider, p parts) error {
	prepared, err := d.memory.prepare(p.given)
	if err != nil {
		return err
	}
	u := unknown{warnings: prepared.warnings[:len(prepared.warnings):len(prepared.warnings)]}
	u.checkNames("a scenario", p.unknown, scenarioFields)
	if u.err != nil {
		return u.err
	}
	var requests []request
	if len(p.requests) > 0 {
		if err := unmarshalStrict(p.requests, &requests); err != nil {
			return fmt.Errorf("reading requests: %w", err)
		}
	}
	r.Decisions = make([]Decision, len(requests))
	for i := range requests {
		u.err = nil
		r.Decisions[i] = prepared.decide(&requests[i], &u)
	}
	r.Warnings = u.warnings
	return nil
}

// decide answers one request, or says why it cannot be.
func (w *prepared) decide(q *request, u *unknown) Decision {
	d := Decision{
		Principal: q.Principal, Operation: q.Operation, Key: q.Key, Keys: q.Keys, AccessPoint: q.AccessPoint,
	}
	d.Expect, d.Err = readExpectation(q.Expect)
	if err := w.answer(q, u, &d); err != nil {
		d.Err = errors.Join(err, d.Err)
		d.Decision = evaluator.Decision{S3: evaluator.None, KMS: evaluator.None, Overall: Undecided}
	}
	return d
}

func (w *prepared) answer(q *request, u *unknown, d *Decision) error {
	u.check("a request", q.Unknown, requestFields)
	if q.CopyFrom != nil {
		u.check("copy_from", q.CopyFrom.Unknown, copyFromFields)
	}
	if u.err != nil {
		return u.err
	}
	requester, known := w.requesters[q.Principal]
	if !known {
		return fmt.Errorf("principal %q is not one of principals", q.Principal)
	}
	ask, err := w.request(q)
	if err != nil {
		return err
	}
	d.Decision = w.evaluator.Decide(requester, ask)
	return nil
}

// request is what the evaluator is asked.
func (w *prepared) request(q *request) (evaluator.Request, error) {
	operation, err := evaluator.ParseOperation(q.Operation)
	ask := evaluator.Request{
		Operation: operation, Key: q.Key, Keys: q.Keys, AccessPoint: q.AccessPoint, Resource: q.ResourceARN,
		Context: context(q.Context), KMSContext: context(q.KMSContext),
	}
	switch {
	case err != nil:
		return ask, err
	case operation.Copies() && q.CopyFrom == nil:
		return ask, fmt.Errorf(`%s needs copy_from, the object that it reads: {"bucket": …, "key": …}`, operation)
	case q.AccessPoint != "" && !w.evaluator.HasAccessPoint(q.AccessPoint):
		return ask, fmt.Errorf("access point %q is not one of access_points", q.AccessPoint)
	}
	if q.CopyFrom == nil {
		return ask, nil
	}
	ask.Source.Key = q.CopyFrom.Key
	if name := q.CopyFrom.Bucket; name != "" && name != w.name {
		other, known := w.others[name]
		if !known {
			return ask, fmt.Errorf("copy_from: bucket %q is neither the scenario's nor one of other_buckets", name)
		}
		ask.Source.Bucket = other
	}
	return ask, nil
}
