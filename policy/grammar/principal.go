package grammar

import (
	"regexp"
	"strings"

	"example.com/sharedbucket/policy"
)

// checkPrincipals: resource-based policies and RCPs name principals, the others must not.
func (r *report) checkPrincipals(s policy.Statement, n node, place string) {
	count := r.either(n, place, "Principal", "NotPrincipal")
	if r.kind == RCP {
		r.checkRCPPrincipal(s, place)
		return
	}
	if !r.kind.ResourceBased() {
		if count > 0 {
			page := pagePrincipal
			if r.kind == SCP {
				page = pageSCP
			}
			r.add(page, join(place, "Principal"), "neither Principal nor NotPrincipal can stand in %s", r.kind.withArticle())
		}
		return
	}
	if count == 0 {
		r.add(pagePrincipal, join(place, "Principal"), "is missing")
	}
	if s.NotPrincipal != nil && s.Effect == policy.Allow {
		r.add(pageNotPrincipal, join(place, "NotPrincipal"), "must be used with Deny: using it with Allow is not supported")
	}
	r.principals(s.Principal, join(place, "Principal"))
	r.principals(s.NotPrincipal, join(place, "NotPrincipal"))
}

// checkRCPPrincipal: "you can only specify * in the Principal element of an RCP".
func (r *report) checkRCPPrincipal(s policy.Statement, place string) {
	if s.NotPrincipal != nil {
		r.add(pageRCP, join(place, "NotPrincipal"), "cannot stand in an RCP")
	}
	if s.Principal == nil && s.NotPrincipal == nil {
		r.add(pageRCP, join(place, "Principal"), "is missing")
	}
	if s.Principal != nil && !s.Principal.Any {
		r.add(pageRCP, join(place, "Principal"), `must be "*" in an RCP`)
	}
}

// principals checks the form of every value; whether the principal exists only AWS can say.
func (r *report) principals(p *policy.Principal, place string) {
	if p == nil {
		return
	}
	check := func(values policy.Values, kind string, wrong func(string) string) {
		for i, v := range values {
			if text := wrong(v); text != "" {
				r.add(pagePrincipal, item(join(place, kind), i, len(values) == 1), "%q %s", v, text)
			}
		}
	}
	check(p.AWS, "AWS", awsPrincipalProblem)
	check(p.Service, "Service", servicePrincipalProblem)
	// An identity provider is only of use in a role's trust policy, and matches nobody elsewhere.
	check(p.Federated, "Federated", func(string) string { return "" })
	check(p.CanonicalUser, "CanonicalUser", func(v string) string {
		if r.kind != BucketPolicy {
			return "is a canonical user, which only bucket policies can name"
		}
		return wildcardProblem(v)
	})
}

// IsUniqueID says whether a principal is the id that AWS shows in place of the ARN of one that was deleted.
func IsUniqueID(principal string) bool { return uniqueID.MatchString(principal) }

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	// uniqueID is what stands in place of the ARN of a user or role that was deleted.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
	uniqueID = regexp.MustCompile(`^A[A-Z]{3}[A-Za-z0-9]+$`)
	// principalARN is an account, a user, a role, a role session or a federated user's session. Groups are not
	// principals. Names and paths are printable ASCII without wildcards. A session that is written as IAM's, or with its
	// role's path, is no error in the documentation; there is only nobody who has such an ARN.
	principalARN = regexp.MustCompile(
		`^arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|federated-user)/[!-~]+|assumed-role/[!-~]+/[!-~]+)$`)
	// originAccessIdentity is how CloudFront names those for whom it reads a bucket.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3-oai.html
	originAccessIdentity = regexp.MustCompile(
		`^arn:aws[a-z-]*:iam::cloudfront:user/CloudFront Origin Access Identity [A-Z0-9]+$`)
	servicePrincipal = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)
)

func awsPrincipalProblem(v string) string {
	switch {
	case v == "*" || accountID.MatchString(v) || uniqueID.MatchString(v) || originAccessIdentity.MatchString(v):
		return ""
	case wildcardProblem(v) != "":
		return wildcardProblem(v)
	case strings.Contains(v, "${"):
		return "has a policy variable, which a principal cannot have"
	case !principalARN.MatchString(v):
		return "is not an account, a user, a role or a role session"
	}
	return ""
}

func servicePrincipalProblem(v string) string {
	if wrong := wildcardProblem(v); wrong != "" {
		return wrong
	}
	if !servicePrincipal.MatchString(v) {
		return "is not a service such as cloudtrail.amazonaws.com"
	}
	return ""
}

// wildcardProblem: "you cannot use a wildcard to match part of a principal name or ARN".
func wildcardProblem(v string) string {
	if strings.ContainsAny(v, "*?") {
		return "has a wildcard: it cannot match part of a principal's name or ARN"
	}
	return ""
}
