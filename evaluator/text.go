package evaluator

import (
	"fmt"

	"example.com/sharedbucket/policy/grammar"
)

// Text is the reason as a sentence. The zero Reason has none.
func (r Reason) Text() string {
	if r.authorization == nil {
		return ""
	}
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
		return r.decided("denies") + r.authorization.open(r.found.statement)
	case allowed:
		return r.decided("allows")
	case rootUser:
		return fmt.Sprintf("%s is the root user of the bucket's own account, which no policy has to allow anything", r.who())
	case publicPolicy:
		return fmt.Sprintf("%s is public, and RestrictPublicBuckets then leaves the bucket to principals of account %s",
			r.name(r.found.policy), r.authorization.owner.ID)
	case otherNetwork:
		return fmt.Sprintf("%s takes requests from %s only, and the request's aws:SourceVpc is another or none",
			r.authorization.arn, r.authorization.vpc)
	}
	return r.missing() + r.authorization.hint(r.candidates())
}

// decided says what the statement does that decided.
func (r Reason) decided(does string) string {
	return fmt.Sprintf("statement %q of %s %s %s to %s on %s",
		r.Statement, r.name(r.found.policy), does, r.Action, r.who(), r.Resource)
}

// who is the requester as people call it.
func (r Reason) who() string {
	if r.authorization.requester.Account == nil {
		return "an anonymous requester"
	}
	return r.authorization.requester.ARN
}

// name is what people call a policy: what it is, where, and its own name if it has one.
func (r Reason) name(p *Policy) string {
	var text string
	switch {
	case p.Kind.ResourceBased():
		text = r.resourcePolicy()
	case p.Kind == grammar.SCP:
		text = "an SCP for account " + r.authorization.requester.Account.ID
	case p.Kind == grammar.RCP:
		text = "an RCP for account " + r.authorization.owner.ID
	case p.Kind == grammar.Identity:
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
	return fmt.Sprintf("the %s of %s", r.authorization.kind, r.authorization.name)
}

// missing says which Allow there would have to be, and where.
func (r Reason) missing() string {
	a := r.authorization
	switch r.Layer {
	case LayerSCP:
		return fmt.Sprintf("no SCP at %s, a level of account %s, allows %s on %s",
			r.level.Target, a.requester.Account.ID, r.Action, r.Resource)
	case LayerIdentity:
		text := fmt.Sprintf("no identity policy of %s allows %s on %s", r.who(), r.Action, r.Resource)
		if a.sameAccount() && a.service == S3 {
			text += ", and neither does " + r.resourcePolicy()
		}
		return text
	case LayerBoundary, LayerSession:
		return fmt.Sprintf("the %s of %s does not allow %s on %s", r.limit().Kind, r.who(), r.Action, r.Resource)
	}
	return r.missingAtResource()
}

// missingAtResource is missing for the policy on the resource's side.
func (r Reason) missingAtResource() string {
	a := r.authorization
	switch {
	case a.requester.Account == nil && a.service == KMS:
		return "KMS takes no anonymous requests: objects under a KMS key are only for requests that are signed"
	case a.policy == nil:
		return fmt.Sprintf("%s is missing, so nothing there lets %s use %s on %s",
			r.resourcePolicy(), r.who(), r.Action, r.Resource)
	case a.behind && a.sameAccount():
		return fmt.Sprintf("neither %s nor an identity policy of %s allows %s on %s, which an access point's policy alone "+
			"does not give",
			r.resourcePolicy(), r.who(), r.Action, r.Resource)
	case a.sameAccount():
		return fmt.Sprintf("%s has no statement that lets %s use %s, nor one that lets account %s give it by identity "+
			"policies",
			r.resourcePolicy(), r.who(), r.Action, a.owner.ID)
	case a.requester.Account == nil:
		return fmt.Sprintf("%s has no statement that lets an anonymous requester use %s", r.resourcePolicy(), r.Action)
	}
	return fmt.Sprintf("%s has no statement that lets account %s (or %s itself) use %s",
		r.resourcePolicy(), a.requester.Account.ID, r.who(), r.Action)
}
