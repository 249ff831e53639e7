package evaluator

import "example.com/sharedbucket/policy/grammar"

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
	if k, is := pointKindOf(kind); is {
		return k.layer
	}
	return LayerIdentity
}

// resourceLayer is the layer of the policy on the resource's side, whether there is one or not.
func (a *authorization) resourceLayer() Layer { return layerOf(a.kind) }

// Reason is why an authorization was answered as it was: one layer's part in it. Text and Suggestion are worked out
// when they are asked for, as most reasons are never read.
type Reason struct {
	Service   Service
	Action    string
	Resource  string
	Verdict   Verdict
	Layer     Layer
	Statement string // the Sid of the statement that decided, or its place; empty where none did

	cause         cause
	authorization *authorization
	found         found
	level         *OrganizationLevel // of an SCP level without an Allow
}

// cause is what kind of reason it is.
type cause int

const (
	notValid cause = iota
	denied
	notAllowed
	publicPolicy
	otherNetwork
	allowed
	rootUser
)

func (a *authorization) reason(v Verdict, l Layer, why cause, f found) Reason {
	r := Reason{
		Service: a.service, Action: a.action.name, Resource: a.resource, Verdict: v, Layer: l,
		cause: why, authorization: a, found: f,
	}
	if f.there() {
		r.Statement = f.statement.label
	}
	return r
}

// Policy is the policy of the statement that decided, or the one that is not valid; nil where no policy did.
func (r Reason) Policy() *Policy { return r.found.policy }

// limit is the boundary or the session policy that does not allow.
func (r Reason) limit() *Policy {
	if r.Layer == LayerSession {
		return r.authorization.requester.Session
	}
	return r.authorization.requester.Boundary
}

// candidates are the policies of the reason's layer.
func (r Reason) candidates() []*Policy {
	a := r.authorization
	switch r.Layer {
	case LayerSCP:
		return r.level.Policies
	case LayerIdentity:
		return a.requester.Identity
	case LayerBoundary, LayerSession:
		return []*Policy{r.limit()}
	case LayerKeyPolicy:
		if a.requester.Account == nil {
			return nil // no statement lets him use a key
		}
	}
	return []*Policy{a.policy}
}
