package evaluator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// Layer is a place where something can stand in a request's way, or let it through.
type Layer string

// The layers. LayerDocument is a document that is not valid, wherever it is attached.
const (
	LayerIdentity          Layer = "identity"
	LayerBucketPolicy      Layer = "bucket policy"
	LayerKeyPolicy         Layer = "key policy"
	LayerBoundary          Layer = "boundary"
	LayerSession           Layer = "session"
	LayerSCP               Layer = "scp"
	LayerRCP               Layer = "rcp"
	LayerBlockPublicAccess Layer = "block public access"
	LayerDocument          Layer = "document"
)

// layerOf is the layer of a kind of policy.
func layerOf(kind grammar.Kind) Layer {
	switch kind {
	case grammar.Boundary:
		return LayerBoundary
	case grammar.Session:
		return LayerSession
	case grammar.SCP:
		return LayerSCP
	case grammar.RCP:
		return LayerRCP
	case grammar.BucketPolicy:
		return LayerBucketPolicy
	case grammar.KeyPolicy:
		return LayerKeyPolicy
	}
	return LayerIdentity
}

// resourceLayer is the layer of the policy on the resource's side, whether there is one or not.
func (c *check) resourceLayer() Layer {
	if c.check == KMS {
		return LayerKeyPolicy
	}
	return LayerBucketPolicy
}

// Reason is why a check was answered as it was: one layer's part in it. Text and Suggestion are worked out when they
// are asked for, as most reasons are never read.
type Reason struct {
	Check     Check
	Action    string
	Resource  string
	Verdict   Verdict
	Layer     Layer
	Statement string // the Sid of the statement that decided, or its place; empty where none did

	cause cause
	check *check
	found found
	level *Level // of an SCP level without an Allow
}

// cause is what kind of reason it is.
type cause int

const (
	notValid cause = iota
	denied
	notAllowed
	publicPolicy
	allowed
	rootUser
)

func (c *check) reason(v Verdict, l Layer, why cause, f found) Reason {
	r := Reason{
		Check: c.check, Action: c.action.name, Resource: c.resource, Verdict: v, Layer: l,
		cause: why, check: c, found: f,
	}
	if f.there() {
		r.Statement = f.statement.label
	}
	return r
}

// MarshalJSON writes a reason with its text and, where there is one, its suggestion.
func (r Reason) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // people read these texts
	err := e.Encode(struct {
		Check      Check              `json:"check"`
		Action     string             `json:"action"`
		Resource   string             `json:"resource"`
		Verdict    Verdict            `json:"verdict"`
		Layer      Layer              `json:"layer"`
		Statement  string             `json:"statement"`
		Text       string             `json:"text"`
		Suggestion []policy.Statement `json:"suggestion,omitempty"`
	}{r.Check, r.Action, r.Resource, r.Verdict, r.Layer, r.Statement, r.Text(), r.Suggestion()})
	return b.Bytes(), err
}

// Text is the reason as a sentence.
func (r Reason) Text() string {
	switch r.cause {
	case notValid:
		p := r.found.policy
		first := p.Problems[0]
		text := fmt.Sprintf("%s is not valid: %s (%s)", r.name(p), first, first.Page)
		if more := len(p.Problems) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		return text
	case denied:
		return fmt.Sprintf("%s of %s denies %s to %s on %s", r.statement(), r.name(r.found.policy), r.Action, r.who(), r.Resource)
	case allowed:
		return fmt.Sprintf("%s of %s allows %s to %s on %s", r.statement(), r.name(r.found.policy), r.Action, r.who(), r.Resource)
	case rootUser:
		return fmt.Sprintf("%s is the root user of the bucket's own account, which no policy has to allow anything", r.who())
	case publicPolicy:
		return fmt.Sprintf("%s is public, and RestrictPublicBuckets then leaves the bucket to principals of account %s",
			r.name(r.found.policy), r.check.owner.ID)
	}
	return r.missing() + r.hint()
}

// statement names the statement that decided.
func (r Reason) statement() string {
	return fmt.Sprintf("statement %q", r.Statement)
}

// who is the requester as people call it.
func (r Reason) who() string {
	if r.check.requester.Account == nil {
		return "an anonymous requester"
	}
	return r.check.requester.ARN
}

// name is what people call a policy: what it is, where, and its own name if it has one.
func (r Reason) name(p *Policy) string {
	var text string
	switch p.Kind {
	case grammar.BucketPolicy, grammar.KeyPolicy:
		text = r.resourcePolicy()
	case grammar.SCP:
		text = "an SCP for account " + r.check.requester.Account.ID
	case grammar.RCP:
		text = "an RCP for account " + r.check.owner.ID
	case grammar.Identity:
		text = "an identity policy of " + r.who()
	default:
		text = fmt.Sprintf("the %s of %s", p.Kind, r.who())
	}
	if p.Name != "" {
		text += fmt.Sprintf(" (%s)", p.Name)
	}
	return text
}

func (r Reason) resourcePolicy() string {
	if r.Check == KMS {
		return "the key policy of " + r.Resource
	}
	_, name, _ := strings.Cut(r.Resource, ":::")
	name, _, _ = strings.Cut(name, "/")
	return "the bucket policy of " + name
}

// missing says which Allow there would have to be, and where.
func (r Reason) missing() string {
	c := r.check
	switch r.Layer {
	case LayerSCP:
		return fmt.Sprintf("no SCP at %s, a level of account %s, allows %s on %s", r.level.Target, c.requester.Account.ID, r.Action, r.Resource)
	case LayerIdentity:
		text := fmt.Sprintf("no identity policy of %s allows %s on %s", r.who(), r.Action, r.Resource)
		if c.sameAccount() && c.check == S3 {
			text += ", and neither does " + r.resourcePolicy()
		}
		return text
	case LayerBoundary, LayerSession:
		return fmt.Sprintf("the %s of %s does not allow %s on %s", r.limit().Kind, r.who(), r.Action, r.Resource)
	}
	switch {
	case c.requester.Account == nil && c.check == KMS:
		return "KMS takes no anonymous requests: objects under a KMS key are only for requests that are signed"
	case c.policy == nil:
		return fmt.Sprintf("%s is missing, so nothing there lets %s use %s on %s", r.resourcePolicy(), r.who(), r.Action, r.Resource)
	case c.sameAccount():
		return fmt.Sprintf("%s has no statement that lets %s use %s, nor one that lets account %s give it by identity policies",
			r.resourcePolicy(), r.who(), r.Action, c.owner.ID)
	case c.requester.Account == nil:
		return fmt.Sprintf("%s has no statement that lets an anonymous requester use %s", r.resourcePolicy(), r.Action)
	}
	return fmt.Sprintf("%s has no statement that lets account %s (or %s itself) use %s",
		r.resourcePolicy(), c.requester.Account.ID, r.who(), r.Action)
}

// limit is the boundary or the session policy that does not allow.
func (r Reason) limit() *Policy {
	if r.Layer == LayerSession {
		return r.check.requester.Session
	}
	return r.check.requester.Boundary
}
