package adopt

import (
	"regexp"
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// who is whom a statement lets in.
type who struct {
	consumers  []share.ConsumerID
	identities []string // ARNs of the owner account
	problems   []string
}

func (w *who) problem(text string) { w.problems = append(w.problems, text) }

var (
	identityARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(\d{12}):(user|role)/[^*?$]+$`)
	sessionARN  = regexp.MustCompile(`^arn:[a-z-]+:sts::\d{12}:`)
	// ssoRole is the role of a permission set, by its whole ARN or as policies write it.
	// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
	ssoRole = regexp.MustCompile(`^arn:[a-z-]+:iam::(\d{12}):role/aws-reserved/sso\.amazonaws\.com/(?:(?:\*|[a-z0-9-]+)/|\*)?` +
		`AWSReservedSSO_([\w+=,.@-]+)_(?:\*|\?{16}|[0-9a-f]{16})$`)
)

// whoOf reads Principal and the conditions on who asks.
func whoOf(owner string, s policy.Statement) who {
	var w who
	switch p := s.Principal; {
	case p == nil:
		w.problem("NotPrincipal means everybody else, whom a share cannot name")
	default:
		for _, other := range []struct {
			kind   string
			values policy.Values
		}{{"a service", p.Service}, {"a federated user", p.Federated}, {"a canonical user", p.CanonicalUser}} {
			if len(other.values) > 0 {
				w.problem(strings.Join(other.values, ", ") + " is " + other.kind + ", which no share lets in")
			}
		}
		w.principals(owner, s)
	}
	return w
}

// principals reads the AWS principals. A condition on who asks says it more exactly than an account or everybody.
func (w *who) principals(owner string, s policy.Statement) {
	narrowed := w.narrowed(owner, s.Condition)
	values := s.Principal.AWS
	if s.Principal.Any {
		values = append(policy.Values{"*"}, values...)
	}
	for _, v := range values {
		switch account, is := policy.AccountOf(v); {
		case (v == "*" || is) && narrowed:
		case v == "*":
			w.problem("everybody is let in: a share lets in only those whom it names")
		case is:
			w.account(owner, account)
		default:
			w.identity(owner, v)
		}
	}
}

func (w *who) account(owner, id string) {
	if id != owner { // whoever owns the bucket is let in by identity policies
		w.consumers = append(w.consumers, share.ConsumerID{Kind: share.KindAccount, Account: id, Name: id})
	}
}

func (w *who) identity(owner, arn string) {
	if m := ssoRole.FindStringSubmatch(arn); m != nil && m[1] != owner {
		w.consumers = append(w.consumers, share.ConsumerID{Kind: share.KindPermissionSet, Account: m[1], Name: m[2]})
		return
	}
	m := identityARN.FindStringSubmatch(arn)
	switch {
	case m != nil && m[1] == owner:
		w.identities = append(w.identities, arn)
	case m != nil:
		w.consumers = append(w.consumers, share.ConsumerID{Kind: share.KindPrincipal, Account: m[1], Name: arn})
	case grammar.IsUniqueID(arn):
		w.problem(arn + " was deleted: nobody has that id any more")
	case sessionARN.MatchString(arn):
		w.problem(arn + " is one session; a share names the role")
	case strings.ContainsAny(arn, "*?"):
		w.problem(arn + " has a wildcard: a share names roles and users one by one")
	default:
		w.problem(arn + " is nobody whom a share can name")
	}
}

// narrowed reads conditions that say who asks, and whether there are any.
func (w *who) narrowed(owner string, c policy.Condition) bool {
	found := false
	ous := valuesOf(c, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths")
	ous = append(ous, valuesOf(c, "ForAnyValue:StringEquals", "aws:PrincipalOrgPaths")...)
	for _, path := range ous {
		found = true
		w.organizationalUnit(path)
	}
	for _, id := range equalTo(c, "aws:PrincipalOrgID") {
		if found = true; len(ous) == 0 {
			w.organization(id)
		}
	}
	for _, arn := range equalTo(c, "aws:PrincipalArn") {
		found = true
		w.identity(owner, arn)
	}
	for _, id := range equalTo(c, "aws:PrincipalAccount") {
		found = true
		w.account(owner, id)
	}
	return found
}

func (w *who) organization(id string) {
	if strings.ContainsAny(id, "*?$") {
		w.problem(id + " is a pattern of organizations")
		return
	}
	w.consumers = append(w.consumers, share.ConsumerID{Kind: share.KindOrganization, Name: id})
}

func (w *who) organizationalUnit(path string) {
	ou := strings.TrimSuffix(strings.TrimSuffix(path, "*"), "/")
	if !strings.HasSuffix(path, "/*") || strings.ContainsAny(ou, "*?$") {
		w.problem("aws:PrincipalOrgPaths " + path + " is not an OU with everything below it")
		return
	}
	w.consumers = append(w.consumers, share.ConsumerID{Kind: share.KindOrganizationalUnit, Name: ou})
}

// equalTo are the values that a condition key must have, by any operator that lets only these through.
func equalTo(c policy.Condition, key string) []string {
	var all []string
	for _, operator := range []string{"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"} {
		all = append(all, valuesOf(c, operator, key)...)
	}
	return all
}

func valuesOf(c policy.Condition, operator, key string) []string {
	for k, values := range c[operator] {
		if strings.EqualFold(k, key) {
			return values
		}
	}
	return nil
}
