// Package collect writes what a proof was made from as scenarios for `sharedbucket simulate` (docs/simulate.md): real
// policies, to be evaluated again wherever nobody can reach AWS.
package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
)

// scenario is a line of the format. Unread is not of the format, which ignores it: whoever reads a scenario should know
// what it lacks.
type scenario struct {
	ID               string                      `json:"id"`
	Region           string                      `json:"region"`
	OwnerAccount     string                      `json:"owner_account"`
	Bucket           string                      `json:"bucket"`
	BucketKeyEnabled bool                        `json:"bucket_key_enabled"`
	BucketPolicy     any                         `json:"bucket_policy"`
	KeyARN           *string                     `json:"key_arn"`
	KeyManager       string                      `json:"key_manager,omitempty"`
	KeyPolicy        any                         `json:"key_policy"`
	Block            map[string]bool             `json:"block_public_access,omitempty"`
	Accounts         map[string]account          `json:"accounts"`
	Principals       []principal                 `json:"principals"`
	SCPs             map[string][]level          `json:"scps"`
	RCPs             map[string][]level          `json:"rcps"`
	Requests         []request                   `json:"requests"`
	Unread           []proof.Unread              `json:"unread,omitempty"`
	homes            map[string]proof.Account    // of the accounts so far
	places           map[string]*proof.Principal // of the principals so far, by ARN
}

type account struct {
	OrgID      string   `json:"org_id,omitempty"`
	OrgPaths   []string `json:"org_paths,omitempty"`
	Management bool     `json:"management_account,omitempty"`
}

type level struct {
	Target   string `json:"target"`
	Policies []any  `json:"policies"`
}

type principal struct {
	ARN        string            `json:"arn"`
	Account    *string           `json:"account"`
	Type       string            `json:"type"`
	RoleARN    string            `json:"role_arn,omitempty"`
	UserID     string            `json:"user_id,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Identity   []any             `json:"identity_policies"`
	Boundary   any               `json:"permission_boundary"`
	SessionPol any               `json:"session_policy"`
}

type request struct {
	Principal string              `json:"principal"`
	Operation string              `json:"operation"`
	Key       string              `json:"key"`
	Context   map[string]any      `json:"context,omitempty"`
	KMS       map[string][]string `json:"kms_context,omitempty"`
	Expect    []string            `json:"expect,omitempty"`
}

// Scenarios are the lines for a report. A scenario has one principal by an ARN and one place for an account, so those
// who stand for somebody who was read, or for several organizations, go into scenarios of their own.
func Scenarios(r proof.Report) ([][]byte, error) {
	var all []*scenario
	answers := make(map[int][]proof.Answer, len(r.Subjects))
	for _, a := range r.Answers {
		answers[a.Subject] = append(answers[a.Subject], a)
	}
	world := r.World.Assumed()
	for i := range r.Subjects {
		s := find(all, &r.Subjects[i], world)
		if s == nil {
			s = newScenario(world, len(all)+1)
			all = append(all, s)
		}
		s.add(&r.Subjects[i], world, answers[i])
	}
	lines := make([][]byte, len(all))
	for i, s := range all {
		line, err := encode(s)
		if err != nil {
			return nil, fmt.Errorf("writing scenario %s: %w", s.ID, err)
		}
		lines[i] = line
	}
	return lines, nil
}

// encode is a scenario as one line. People read documents, so <, > and & stay as they are.
func encode(s *scenario) ([]byte, error) {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return line.Bytes(), err
}

func newScenario(w proof.World, number int) *scenario {
	b := w.Bucket
	s := &scenario{
		ID: fmt.Sprintf("%s, part %d", b.Name, number), Region: b.Region, OwnerAccount: b.Owner, Bucket: b.Name,
		BucketKeyEnabled: b.BucketKeyEnabled, BucketPolicy: document(b.Policy.Text()),
		Block:    map[string]bool{"restrict_public_buckets": b.RestrictPublicBuckets},
		Accounts: map[string]account{}, Principals: []principal{}, SCPs: map[string][]level{}, RCPs: map[string][]level{},
		Requests: []request{}, Unread: w.Unread,
		homes: map[string]proof.Account{}, places: map[string]*proof.Principal{},
	}
	if k := b.Key; k != nil {
		s.KeyARN, s.KeyPolicy = &k.ARN, document(k.Policy.Text())
		if k.AWSManaged {
			s.KeyManager = "AWS"
		}
	}
	s.home(b.Owner, w.Accounts[b.Owner])
	return s
}

// find is the first scenario that can take a subject.
func find(all []*scenario, subject *proof.Subject, w proof.World) *scenario {
	for _, s := range all {
		there, taken := s.places[subject.ARN]
		home, known := s.homes[subject.Account]
		same := !taken || reflect.DeepEqual(*there, subject.Principal)
		if same && (!known || reflect.DeepEqual(home, homeOf(subject, w))) {
			return s
		}
	}
	return nil
}

func homeOf(subject *proof.Subject, w proof.World) proof.Account {
	if subject.Home != nil {
		return *subject.Home
	}
	return w.Accounts[subject.Account]
}

func (s *scenario) add(subject *proof.Subject, w proof.World, answers []proof.Answer) {
	p := subject.Principal
	if s.places[p.ARN] == nil {
		s.places[p.ARN] = &subject.Principal
		s.Principals = append(s.Principals, newPrincipal(p))
	}
	if p.Type != evaluator.Anonymous {
		s.home(p.Account, homeOf(subject, w))
	}
	var ofKey map[string][]string
	if k := w.Bucket.Key; k != nil && len(k.Aliases) > 0 {
		ofKey = map[string][]string{proof.ResourceAliases: k.Aliases}
	}
	for _, a := range answers {
		s.Requests = append(s.Requests, request{
			Principal: p.ARN, Operation: string(a.Operation), Key: a.Key, Context: contextOf(a, ofKey), KMS: ofKey,
			Expect: expectation(a),
		})
	}
}

// contextOf is the context of a request: that of a direct call knows the key's aliases.
func contextOf(a proof.Answer, ofKey map[string][]string) map[string]any {
	context := map[string]any{}
	for key, value := range a.Context {
		context[key] = value
	}
	if a.Direct() {
		for key, values := range ofKey {
			context[key] = values
		}
	}
	return context
}

// expectation is what is declared, as the verdicts that are right; none where nothing is declared, or where the answer
// rests on a stand-in for what was not read.
func expectation(a proof.Answer) []string {
	switch {
	case a.Expect == proof.Open || a.Verdict == proof.Unproven:
		return nil
	case a.Expect == proof.Yes:
		return []string{string(evaluator.Allow)}
	}
	return []string{string(evaluator.Deny), string(evaluator.Invalid)}
}

func newPrincipal(p proof.Principal) principal {
	n := principal{
		ARN: p.ARN, Type: string(p.Type), RoleARN: p.RoleARN, UserID: p.UserID, Tags: p.Tags, Identity: []any{},
		Boundary: optional(p.Boundary), SessionPol: optional(p.Session),
	}
	if p.Type != evaluator.Anonymous {
		n.Account = &p.Account
	}
	for _, d := range p.Policies {
		n.Identity = append(n.Identity, document(d.Text()))
	}
	return n
}

// home notes an account's place and what restricts it there.
func (s *scenario) home(id string, a proof.Account) {
	if _, known := s.homes[id]; known || id == "" {
		return
	}
	s.homes[id] = a
	if a.Organization != "" {
		s.Accounts[id] = account{OrgID: a.Organization, OrgPaths: a.Paths, Management: a.Management}
	}
	if a.SCPs != nil {
		s.SCPs[id] = levels(a.SCPs)
	}
	if a.RCPs != nil {
		s.RCPs[id] = levels(a.RCPs)
	}
}

func levels(all []proof.OrganizationLevel) []level {
	written := make([]level, len(all))
	for i, l := range all {
		written[i] = level{Target: l.Target, Policies: []any{}}
		for _, d := range l.Policies {
			written[i].Policies = append(written[i].Policies, document(d.Text()))
		}
	}
	return written
}

func optional(d *proof.Document) any {
	if d == nil {
		return nil
	}
	return document(d.Text())
}

// document is a document as it stands: what is no JSON is its text, and no document is null.
func document(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}
