package evaluator

import "slices"

// decide answers one check and adds its reasons.
//
//	a document in it is not valid             → invalid, whatever the others say
//	an explicit Deny anywhere                 → deny
//	a level of SCPs without an Allow          → deny
//	Block Public Access on a public policy    → deny, except in the owner's account
//	neither side of the request grants it     → deny
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func decide(c *check, reasons []Reason) (Verdict, []Reason) {
	if invalid := c.invalidPolicies(); len(invalid) > 0 {
		for _, p := range invalid {
			reasons = append(reasons, c.reason(Invalid, LayerDocument, notValid, found{policy: p}))
		}
		return Invalid, reasons
	}
	s := c.survey()
	before := len(reasons)
	if reasons = c.explicitDenies(&s, reasons); len(reasons) > before {
		return Deny, reasons
	}
	for _, level := range s.unlisted {
		r := c.reason(Deny, LayerSCP, notAllowed, found{})
		r.level = level
		reasons = append(reasons, r)
	}
	if c.blocked && !c.sameAccount() {
		reasons = append(reasons, c.reason(Deny, LayerBlockPublicAccess, publicPolicy, found{policy: c.policy}))
	}
	granted, lacking := c.grants(&s)
	for _, l := range lacking {
		reasons = append(reasons, c.reason(Deny, l, notAllowed, found{}))
	}
	if len(reasons) > before {
		return Deny, reasons
	}
	for _, g := range granted {
		if g.there() {
			reasons = append(reasons, c.reason(Allow, layerOf(g.policy.Kind), allowed, g))
		}
	}
	if len(reasons) == before {
		reasons = append(reasons, c.reason(Allow, LayerIdentity, rootUser, found{}))
	}
	return Allow, reasons
}

// invalidPolicies are the documents that take part in the check and are not valid.
func (c *check) invalidPolicies() []*Policy {
	if len(c.invalid)+len(c.requester.invalid) == 0 {
		return nil
	}
	return slices.Concat(c.invalid, c.requester.invalid)
}

// explicitDenies has the first Deny of every layer.
func (c *check) explicitDenies(s *survey, reasons []Reason) []Reason {
	for _, f := range [...]found{
		s.rcp, s.scp, s.resource.deny, s.identity.deny, s.boundary.deny, s.session.deny,
	} {
		if f.there() {
			reasons = append(reasons, c.reason(Deny, layerOf(f.policy.Kind), denied, f))
		}
	}
	return reasons
}

// grants has the statements that together grant the request, or the layers that lack one.
//
//	                          same account                        other account
//	user, session, or * named resource alone                      resource ∧ identity ∧ boundary ∧ session
//	role named                resource ∧ boundary ∧ session       the same
//	account named, or nothing identity ∧ boundary ∧ session       the same; nothing named: none
//
// For a KMS key in the same account, identity counts only where the key policy names the account as well.
func (c *check) grants(s *survey) (granted [2]found, lacking []Layer) {
	switch {
	case c.requester.Account == nil:
		return c.anonymousGrants(s)
	case !c.sameAccount():
		granted = [2]found{s.resource.allow(), s.identity.allow()}
		if !granted[0].there() {
			lacking = append(lacking, c.resourceLayer())
		}
		return granted, c.limits(s, true, lacking)
	case s.resource.allows[direct].there():
		return [2]found{s.resource.allows[direct]}, nil
	case s.resource.allows[byRole].there():
		return [2]found{s.resource.allows[byRole]}, c.limits(s, false, nil)
	case c.check == S3:
		return [2]found{s.identity.allow()}, c.limits(s, true, nil)
	case s.resource.allows[byAccount].there():
		return [2]found{s.resource.allows[byAccount], s.identity.allow()}, c.limits(s, true, nil)
	}
	// Without a statement for the account, identity policies that allow "are ineffective": only the key policy can
	// help, by naming the requester, and boundary and session policy limit what it gives to a role.
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	if lacking = []Layer{LayerKeyPolicy}; c.requester.RoleARN != "" {
		lacking = c.limits(s, false, lacking)
	}
	return granted, lacking
}

// anonymousGrants: only S3 has anonymous requests, and there the bucket policy alone decides. S3 asks KMS on behalf of
// an IAM principal, and "requests must also be signed using valid credentials".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#aws-signature-version-4-sse-kms
func (c *check) anonymousGrants(s *survey) (granted [2]found, lacking []Layer) {
	allow := s.resource.allow()
	if c.check == KMS || !allow.there() {
		return granted, []Layer{c.resourceLayer()}
	}
	return [2]found{allow}, nil
}

// limits adds the layers of the requester's own account that do not allow. The root user has no policies there and
// everything allowed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policies-root
func (c *check) limits(s *survey, identity bool, lacking []Layer) []Layer {
	if c.requester.Type == Root {
		return lacking
	}
	if identity && !s.identity.allow().there() {
		lacking = append(lacking, LayerIdentity)
	}
	if c.requester.Boundary != nil && !s.boundary.allow().there() {
		lacking = append(lacking, LayerBoundary)
	}
	if c.requester.Session != nil && !s.session.allow().there() {
		lacking = append(lacking, LayerSession)
	}
	return lacking
}
