package scenario

import (
	"encoding/json"
	"fmt"
	"regexp"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// Result is the answer to one scenario, a decision for each of its requests.
type Result struct {
	ID        string               `json:"id"`
	Decisions []evaluator.Decision `json:"decisions"`
	Requests  []Request            `json:"-"` // what was asked, in the same order
}

// Scenario is a scenario made ready to be decided.
type Scenario struct {
	ID        string
	Requests  []Request
	evaluator *evaluator.Evaluator
}

// Request is one of a scenario's requests with its requester.
type Request struct {
	evaluator.Request
	Requester *evaluator.Requester
}

// Run decides one line: a scenario in, its result out. An error means that the line is not a scenario.
func Run(line []byte) (Result, error) {
	s, err := Parse(line)
	if err != nil {
		return Result{}, err
	}
	return s.Decide(), nil
}

// Decide decides all requests.
func (s *Scenario) Decide() Result {
	r := Result{ID: s.ID, Decisions: make([]evaluator.Decision, len(s.Requests)), Requests: s.Requests}
	for i, q := range s.Requests {
		r.Decisions[i] = s.evaluator.Decide(q.Requester, q.Request)
	}
	return r
}

// Parse reads a scenario and prepares all of its policies.
func Parse(line []byte) (*Scenario, error) {
	var w wire
	if err := json.Unmarshal(line, &w); err != nil {
		return nil, fmt.Errorf("reading scenario: %w", err)
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	accounts := newAccounts(&w)
	requesters := make(map[string]*evaluator.Requester, len(w.Principals))
	for _, p := range w.Principals {
		if _, twice := requesters[p.ARN]; twice {
			return nil, fmt.Errorf("principal %s is described twice", p.ARN)
		}
		requesters[p.ARN] = evaluator.NewRequester(p.principal(accounts))
	}
	s := &Scenario{ID: *w.ID, evaluator: evaluator.NewEvaluator(w.bucket(accounts))}
	for i, q := range w.Requests {
		requester, known := requesters[q.Principal]
		if !known {
			return nil, fmt.Errorf("requests[%d]: principal %q is not one of principals", i, q.Principal)
		}
		operation, err := evaluator.ParseOperation(q.Operation)
		if err != nil {
			return nil, fmt.Errorf("requests[%d]: %w", i, err)
		}
		s.Requests = append(s.Requests, Request{Requester: requester, Request: evaluator.Request{
			Operation: operation, Key: q.Key, Context: q.context(q.Context), KMSContext: q.context(q.KMSContext),
		}})
	}
	return s, nil
}

var keyARN = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[^:]+:\d{12}:.+$`)

// check finds what no decision can be made without.
func (w *wire) check() error {
	switch {
	case w.ID == nil:
		return fmt.Errorf("a scenario must have an id")
	case w.OwnerAccount == "":
		return fmt.Errorf("scenario %s: owner_account is missing", *w.ID)
	case w.Bucket == "":
		return fmt.Errorf("scenario %s: bucket is missing", *w.ID)
	case w.KeyARN != "" && !keyARN.MatchString(w.KeyARN):
		return fmt.Errorf("scenario %s: key_arn %q is not the ARN of a key", *w.ID, w.KeyARN)
	}
	for i, p := range w.Principals {
		switch evaluator.PrincipalType(p.Type) {
		case evaluator.User, evaluator.Role, evaluator.RoleSession, evaluator.Root:
			if p.Account == "" {
				return fmt.Errorf("scenario %s: principals[%d]: account is missing", *w.ID, i)
			}
		case evaluator.Anonymous:
		default:
			return fmt.Errorf("scenario %s: principals[%d]: unknown type %q", *w.ID, i, p.Type)
		}
	}
	return nil
}

// accounts are the accounts of a scenario by id.
type accounts map[string]*evaluator.Account

func newAccounts(w *wire) accounts {
	all := make(accounts, len(w.Accounts))
	for id, a := range w.Accounts {
		if a == nil {
			continue
		}
		account := all.get(id)
		account.OrgID, account.OrgPaths = a.OrgID, a.OrgPaths.Texts()
		account.Management = a.Management.is || a.Management.id == id
	}
	for id, levels := range w.SCPs {
		all.get(id).SCPs = newLevels(levels, grammar.SCP)
	}
	for id, levels := range w.RCPs {
		all.get(id).RCPs = newLevels(levels, grammar.RCP)
	}
	return all
}

// get is the account of that id; one that is not listed is in no organization.
func (a accounts) get(id string) *evaluator.Account {
	if a[id] == nil {
		a[id] = &evaluator.Account{ID: id}
	}
	return a[id]
}

func newLevels(levels []level, kind grammar.Kind) []evaluator.Level {
	all := make([]evaluator.Level, len(levels))
	for i, l := range levels {
		all[i] = evaluator.Level{Target: l.Target, Policies: policies(l.Policies, kind)}
	}
	return all
}

func (p principal) principal(all accounts) evaluator.Principal {
	q := evaluator.Principal{
		ARN: p.ARN, Type: evaluator.PrincipalType(p.Type), RoleARN: p.RoleARN, UserID: p.UserID, Tags: p.tags(),
		Identity: policies(p.IdentityPolicies, grammar.Identity),
		Boundary: p.PermissionBoundary.policy(grammar.Boundary),
		Session:  p.SessionPolicy.policy(grammar.Session),
	}
	if q.Type != evaluator.Anonymous {
		q.Account = all.get(p.Account)
	}
	return q
}

func (w *wire) bucket(all accounts) evaluator.Bucket {
	b := evaluator.Bucket{
		Name: w.Bucket, Region: w.Region, Owner: all.get(w.OwnerAccount),
		Policy:                w.BucketPolicy.policy(grammar.BucketPolicy),
		RestrictPublicBuckets: w.BlockPublicAccess.RestrictPublicBuckets,
		BucketKeyEnabled:      w.BucketKeyEnabled,
	}
	if arn, ok := grammar.ParseARN(w.KeyARN); ok {
		b.Key = &evaluator.Key{
			ARN: w.KeyARN, Owner: all.get(arn.Account), AWSManaged: w.KeyManager == "AWS",
			Policy: w.KeyPolicy.policy(grammar.KeyPolicy),
		}
	}
	return b
}
