package grammar

import (
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// checkStatement checks a statement's elements one by one and together.
func (r *report) checkStatement(s policy.Statement, n node, place string) {
	r.checkSid(s.Sid, n, join(place, "Sid"))
	r.checkEffect(s, n, join(place, "Effect"))
	r.checkPrincipals(s, n, place)
	r.checkActions(s, n, place)
	r.checkResources(s, n, place)
	r.checkCondition(s.Condition, join(place, "Condition"))
}

var iamSid = regexp.MustCompile(`^[A-Za-z0-9]*$`)

// checkSid: in IAM a Sid has letters and digits only and is unique in its document. Key policies say that they take
// spaces, bucket policies in the S3 guide have spaces and punctuation, and neither guide asks for uniqueness.
func (r *report) checkSid(sid string, n node, place string) {
	if _, there := n.member("Sid"); !there || r.kind.ResourceBased() {
		return
	}
	if !iamSid.MatchString(sid) {
		r.add(pageSid, place, "%q has other characters than letters and digits", sid)
	}
	if _, seen := r.sids[sid]; seen && sid != "" {
		r.add(pageSid, place, "%q names another statement of this document already", sid)
	}
	if r.sids == nil {
		r.sids = make(map[string]struct{})
	}
	r.sids[sid] = struct{}{}
}

// checkEffect: "the Effect value is case sensitive". Customers' RCPs can only deny; RCPFullAWSAccess is the one that
// allows, and it has no other statement.
func (r *report) checkEffect(s policy.Statement, n node, place string) {
	if _, there := n.member("Effect"); !there {
		r.add(pageEffect, place, "is missing")
		return
	}
	if s.Effect != policy.Allow && s.Effect != policy.Deny {
		r.add(pageEffect, place, "must be Allow or Deny, not %q", string(s.Effect))
	}
	if r.kind == RCP && s.Effect == policy.Allow && !(r.alone && isRCPFullAccess(s)) {
		r.add(pageRCP, place, "an RCP other than RCPFullAWSAccess can only deny")
	}
}

// isRCPFullAccess recognises the statement of RCPFullAWSAccess, the one RCP that allows.
func isRCPFullAccess(s policy.Statement) bool {
	only := func(v policy.Values) bool { return len(v) == 1 && v[0] == "*" }
	return s.Principal != nil && s.Principal.Any && only(s.Action) && only(s.Resource) && s.Condition == nil
}

// checkActions: exactly one of Action and NotAction. A key policy's statement without an action is not refused by
// KMS; it only has no effect.
func (r *report) checkActions(s policy.Statement, n node, place string) {
	if r.either(n, place, "Action", "NotAction") == 0 && r.kind != KeyPolicy {
		r.add(pageAction, join(place, "Action"), "is missing, and so is NotAction")
	}
	if _, there := n.member("NotAction"); there && r.kind == RCP {
		r.add(pageRCP, join(place, "NotAction"), "cannot stand in an RCP")
	}
	r.actions(s.Action, n, place, "Action")
	r.actions(s.NotAction, n, place, "NotAction")
	if r.kind == RCP && s.Effect == policy.Deny && slices.ContainsFunc(s.Action, namesNoService) {
		r.add(pageRCP, join(place, "Action"), "must name a service, such as s3:*")
	}
}

// namesNoService: "you must specify the abbreviation for a service", after which wildcards can stand.
func namesNoService(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return strings.ContainsAny(service, "*?")
}

// action is a service namespace, a colon and the name of an action. Both can have wildcards.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html#troubleshoot_policies-multiple-services
var action = regexp.MustCompile(`^[A-Za-z0-9*?-]+:[A-Za-z0-9*?_.-]+$`)

// actions checks the form only: an action that no service has is not an error to IAM and affects nothing.
func (r *report) actions(actions policy.Values, n node, place, element string) {
	written, _ := n.member(element)
	for i, a := range actions {
		if a != "*" && !action.MatchString(a) {
			at := item(join(place, element), i, written.kind != listNode)
			r.add(pageAction, at, "%q is not an action such as s3:GetObject", a)
		}
	}
}

// checkResources: exactly one of Resource and NotResource. A key policy's statement without a resource is not refused
// by KMS; it only has no effect.
func (r *report) checkResources(s policy.Statement, n node, place string) {
	if r.either(n, place, "Resource", "NotResource") == 0 && r.kind != KeyPolicy {
		r.add(pageResource, join(place, "Resource"), "is missing, and so is NotResource")
	}
	r.resources(s.Resource, n, place, "Resource")
	r.resources(s.NotResource, n, place, "NotResource")
}

func (r *report) resources(resources policy.Values, n node, place, element string) {
	written, _ := n.member(element)
	for i, text := range resources {
		if wrong, page := resourceProblem(text, r.kind, r.version); wrong != "" {
			at := item(join(place, element), i, written.kind != listNode)
			r.add(page, at, "%q %s", text, wrong)
		}
	}
}
