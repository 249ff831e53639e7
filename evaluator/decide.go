package evaluator

import "slices"

// decide answers one authorization and adds its reasons.
//
//	a document in it is not valid             → invalid, whatever the others say
//	an explicit Deny anywhere                 → deny
//	a level of SCPs without an Allow          → deny
//	Block Public Access on a public policy    → deny, except in the owner's account
//	an access point's VPC is another          → deny
//	neither side of the request grants it     → deny
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func decide(a *authorization, reasons []Reason) (Verdict, []Reason) {
	if invalid := a.invalidPolicies(); len(invalid) > 0 {
		for _, p := range invalid {
			reasons = append(reasons, a.reason(Invalid, LayerDocument, notValid, found{policy: p}))
		}
		return Invalid, reasons
	}
	s := a.survey()
	before := len(reasons)
	if reasons = a.explicitDenies(&s, reasons); len(reasons) > before {
		return Deny, reasons
	}
	reasons = a.implicitDenies(&s, reasons)
	granted, lacking := a.grants(&s)
	for _, l := range lacking {
		reasons = append(reasons, a.reason(Deny, l, notAllowed, found{}))
	}
	if len(reasons) > before {
		return Deny, reasons
	}
	for _, g := range granted {
		if g.there() {
			reasons = append(reasons, a.reason(Allow, layerOf(g.policy.Kind), allowed, g))
		}
	}
	if len(reasons) == before {
		reasons = append(reasons, a.reason(Allow, LayerIdentity, rootUser, found{}))
	}
	return Allow, reasons
}

// invalidPolicies are the documents that take part and are not valid.
func (a *authorization) invalidPolicies() []*Policy {
	if len(a.invalid)+len(a.requester.invalid) == 0 {
		return nil
	}
	return slices.Concat(a.invalid, a.requester.invalid)
}

// explicitDenies has the first Deny of every layer.
func (a *authorization) explicitDenies(s *survey, reasons []Reason) []Reason {
	for _, f := range [...]found{
		s.rcp, s.scp, s.resource.deny, s.identity.deny, s.boundary.deny, s.session.deny,
	} {
		if f.there() {
			reasons = append(reasons, a.reason(Deny, layerOf(f.policy.Kind), denied, f))
		}
	}
	return reasons
}

// implicitDenies has what no Allow of requester or resource can help against.
func (a *authorization) implicitDenies(s *survey, reasons []Reason) []Reason {
	for _, level := range s.unlisted {
		r := a.reason(Deny, LayerSCP, notAllowed, found{})
		r.level = level
		reasons = append(reasons, r)
	}
	if a.blocked && !a.sameAccount() {
		reasons = append(reasons, a.reason(Deny, LayerBlockPublicAccess, publicPolicy, found{policy: a.policy}))
	}
	if a.vpc != "" {
		if from, there := a.context.get("aws:sourcevpc"); !there || !slices.Contains(from.texts, a.vpc) {
			reasons = append(reasons, a.reason(Deny, a.resourceLayer(), otherNetwork, found{}))
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
func (a *authorization) grants(s *survey) (granted [2]found, lacking []Layer) {
	switch {
	case a.requester.Account == nil:
		return a.anonymousGrants(s)
	case a.behind:
		return a.grantsBehind(s)
	case !a.sameAccount():
		granted = [2]found{s.resource.allow(), s.identity.allow()}
		if !granted[0].there() {
			lacking = append(lacking, a.resourceLayer())
		}
		return granted, a.limits(s, true, lacking)
	case s.resource.allows[direct].there():
		return [2]found{s.resource.allows[direct]}, nil
	case s.resource.allows[byRole].there():
		return [2]found{s.resource.allows[byRole]}, a.limits(s, false, nil)
	case a.service != KMS:
		return [2]found{s.identity.allow()}, a.limits(s, true, nil)
	case s.resource.allows[byAccount].there():
		return [2]found{s.resource.allows[byAccount], s.identity.allow()}, a.limits(s, true, nil)
	}
	// Without a statement for the account, identity policies that allow "are ineffective": only the key policy can
	// help, by naming the requester, and boundary and session policy limit what it gives to a role.
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	if lacking = []Layer{LayerKeyPolicy}; a.requester.RoleARN != "" {
		lacking = a.limits(s, false, lacking)
	}
	return granted, lacking
}

// grantsBehind: "permissions granted in an access point policy are effective only if the underlying bucket also allows
// the same access", by its policy or, to the owner's own principals, by theirs.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
func (a *authorization) grantsBehind(s *survey) (granted [2]found, lacking []Layer) {
	allow := s.resource.allow()
	if a.sameAccount() && !s.resource.allows[direct].there() && !s.resource.allows[byRole].there() {
		if allow = s.identity.allow(); !allow.there() && a.requester.Type == Root {
			return granted, nil
		}
	}
	if !allow.there() {
		return granted, []Layer{LayerBucketPolicy}
	}
	return [2]found{allow}, nil
}

// anonymousGrants: only S3 has anonymous requests, and there the bucket policy alone decides. S3 asks KMS on behalf of
// an IAM principal, and "requests must also be signed using valid credentials".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#aws-signature-version-4-sse-kms
func (a *authorization) anonymousGrants(s *survey) (granted [2]found, lacking []Layer) {
	allow := s.resource.allow()
	if a.service != S3 || !allow.there() {
		return granted, []Layer{a.resourceLayer()}
	}
	return [2]found{allow}, nil
}

// limits adds the layers of the requester's own account that do not allow. The root user has no policies there and
// everything allowed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policies-root
func (a *authorization) limits(s *survey, identity bool, lacking []Layer) []Layer {
	if a.requester.Type == Root {
		return lacking
	}
	if identity && !s.identity.allow().there() {
		lacking = append(lacking, LayerIdentity)
	}
	if a.requester.Boundary != nil && !s.boundary.allow().there() {
		lacking = append(lacking, LayerBoundary)
	}
	if a.requester.Session != nil && !s.session.allow().there() {
		lacking = append(lacking, LayerSession)
	}
	return lacking
}
